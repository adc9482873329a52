"""The paired t-test agrees with scipy's, and knows which way each metric points."""

import math

import numpy as np
import pytest
from scipy import stats

from include.evaluation.metrics import improvement, measure
from include.evaluation.paired import paired_t
from include.spec.metrics import Metric

RANDOM = np.random.default_rng(8)
YES = (RANDOM.random(60) < 0.4).astype(np.float64)
SURE, UNSURE = (np.clip(0.5 + sure * (YES - 0.5) + RANDOM.normal(0, 0.1, 60), 0.01, 0.99) for sure in (0.7, 0.2))


def test_residuals_are_compared_as_scipy_does() -> None:
    target = RANDOM.normal(0, 3, 40)
    ours, theirs = target + RANDOM.normal(0, 1, 40), target + RANDOM.normal(0, 2, 40)
    found = paired_t("mae", target, ours, theirs, 0.95)
    reference = stats.ttest_rel(np.abs(target - theirs), np.abs(target - ours))
    expected = reference.confidence_interval(0.9)
    assert (found.lower, found.upper) == pytest.approx((expected.low, expected.high), rel=1e-12)
    assert found.observed / found.standard_error == pytest.approx(reference.statistic, rel=1e-12)
    assert (found.blocks, found.effective_blocks) == (40, 40)


@pytest.mark.parametrize("metric", ["log_loss", "brier", "accuracy"])
def test_the_better_model_gains_whichever_way_the_metric_points(metric: Metric) -> None:
    found = paired_t(metric, YES, SURE, UNSURE, 0.95)
    other = paired_t(metric, YES, UNSURE, SURE, 0.95)
    expected = improvement(metric, measure(metric, YES, SURE), measure(metric, YES, UNSURE))
    assert found.observed == pytest.approx(expected) == pytest.approx(-other.observed)
    assert found.observed > 0 > other.observed
    assert (other.lower, other.upper) == pytest.approx((-found.upper, -found.lower))


def test_two_rows_are_compared_as_scipy_does() -> None:
    target, ours, theirs = np.zeros(2), np.array([1.0, 2.0]), np.array([4.0, 3.0])
    found = paired_t("mae", target, ours, theirs, 0.95)
    expected = stats.ttest_rel(theirs, ours).confidence_interval(0.9)
    assert (found.lower, found.upper) == pytest.approx((expected.low, expected.high), rel=1e-12)


def test_one_row_has_no_bounds() -> None:
    found = paired_t("mae", np.array([1.0]), np.array([2.0]), np.array([4.0]), 0.95)
    assert (found.observed, found.lower, found.upper) == (2, -math.inf, math.inf)

"""Metrics agree with scikit-learn, with and without weights, and say NaN where there is nothing to measure."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from sklearn import metrics as reference

from include.evaluation.metrics import improvement, measure, metrics_of, reaches
from include.features.matrix import Floats
from include.spec.metrics import METRICS, Metric

REFERENCE: dict[Metric, Callable[..., float]] = {
    "auc": reference.roc_auc_score,
    "log_loss": reference.log_loss,
    "brier": reference.brier_score_loss,
    "mae": reference.mean_absolute_error,
    "rmse": reference.root_mean_squared_error,
    "r2": reference.r2_score,
}
ALL: list[Metric] = [*METRICS["binary"], *METRICS["regression"]]


def rows(metric: Metric, seed: int, digits: int = 9) -> tuple[Floats, Floats, Floats]:
    """Target, prediction (rounded: ties) and whole-number weights, some of them zero."""
    random = np.random.default_rng(seed)
    weights = random.integers(0, 4, 300).astype(np.float64)
    if metric in METRICS["binary"]:
        target = (random.random(300) < 0.3).astype(np.float64)
        return target, np.clip(target * 0.2 + random.random(300) * 0.8, 0, 1).round(digits), weights
    target = random.normal(5, 30, 300)
    return target, (target + random.normal(0, 20, 300)).round(digits - 8), weights


@pytest.mark.parametrize("metric", ALL)
@pytest.mark.parametrize("digits", [9, 1])
@pytest.mark.parametrize("seed", [1, 2])
def test_it_is_what_scikit_learn_says(metric: Metric, digits: int, seed: int) -> None:
    target, said, weights = rows(metric, seed, digits)
    assert measure(metric, target, said) == pytest.approx(REFERENCE[metric](target, said), rel=1e-12)
    weighted = REFERENCE[metric](target, said, sample_weight=weights)
    assert measure(metric, target, said, weights) == pytest.approx(weighted, rel=1e-9)


@pytest.mark.parametrize("metric", ALL)
def test_a_weight_is_a_repeated_row(metric: Metric) -> None:
    target, said, weights = rows(metric, 3, 1)
    times = weights.astype(int)
    repeated = measure(metric, np.repeat(target, times), np.repeat(said, times))
    assert measure(metric, target, said, weights) == pytest.approx(repeated, rel=1e-12)
    assert measure(metric, target, said) != pytest.approx(repeated, rel=1e-6)


def test_ranking_knows_perfect_reversed_and_undecided() -> None:
    target = np.array([0.0, 0, 1, 1])
    assert measure("auc", target, np.array([0.1, 0.2, 0.3, 0.4])) == 1
    assert measure("auc", target, np.array([0.4, 0.3, 0.2, 0.1])) == 0
    assert measure("auc", target, np.full(4, 0.5)) == 0.5
    assert measure("auc", target, np.array([0.1, 0.3, 0.3, 0.4])) == 0.875


def test_two_rows_a_little_spread_and_half_a_row_of_weight_are_enough() -> None:
    target, said = np.array([0.0, 1.0]), np.array([0.25, 0.75])
    assert measure("auc", target, said) == 1
    assert measure("r2", target, said) == 0.75
    assert measure("mae", target, np.array([0.5, 0.75]), np.array([0.5, 0.0])) == 0.5


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_one_class_cannot_be_ranked(value: float) -> None:
    target, said = np.full(3, value), np.array([0.1, 0.2, 0.3])
    assert math.isnan(measure("auc", target, said))
    assert math.isfinite(measure("brier", target, said))


def test_a_constant_target_leaves_nothing_to_explain() -> None:
    assert math.isnan(measure("r2", np.ones(3), np.array([1.0, 2, 3])))
    assert measure("mae", np.ones(3), np.array([1.0, 2, 3])) == 1


def test_a_sure_and_wrong_prediction_costs_much_but_not_everything() -> None:
    target, said = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert measure("log_loss", target, said) == pytest.approx(reference.log_loss(target, said), rel=1e-6)
    assert 30 < measure("log_loss", target, said) < 40


@pytest.mark.parametrize("metric", ALL)
def test_without_rows_or_weight_nothing_is_measured(metric: Metric) -> None:
    assert math.isnan(measure(metric, np.array([]), np.array([])))
    target, said, weights = rows(metric, 1)
    assert math.isnan(measure(metric, target, said, 0 * weights))


def test_a_task_has_its_own_metrics() -> None:
    target, said, _ = rows("auc", 1)
    assert list(metrics_of("binary", target, said)) == ["auc", "log_loss", "brier"]
    assert list(metrics_of("regression", target, said)) == ["mae", "rmse", "r2"]


@pytest.mark.parametrize("metric", ALL)
def test_better_is_positive_whichever_way_the_metric_points(metric: Metric) -> None:
    greater = metric in {"auc", "r2"}
    assert improvement(metric, 0.7, 0.6) == pytest.approx(0.1 if greater else -0.1)
    assert improvement(metric, 0.6, 0.7) == pytest.approx(-0.1 if greater else 0.1)
    target, said, _ = rows(metric, 1)
    better, worse = measure(metric, target, said), measure(metric, target, 1 - said)
    assert improvement(metric, better, worse) > 0


@pytest.mark.parametrize("metric", ALL)
def test_a_threshold_is_reached_from_its_own_side_and_by_equality(metric: Metric) -> None:
    greater = metric in {"auc", "r2"}
    assert reaches(metric, 0.6, 0.6)
    assert reaches(metric, 0.61, 0.6) is greater
    assert reaches(metric, 0.59, 0.6) is not greater
    assert not reaches(metric, math.nan, 0.6)

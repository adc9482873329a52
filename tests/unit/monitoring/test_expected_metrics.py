"""What metrics are expected at: against the mean over many draws of labels, whose chances are known."""

import numpy as np
import pytest

from include.evaluation.metrics import measure
from include.features.matrix import Floats
from include.monitoring.cbpe import bent, curves, expected
from include.spec.metrics import METRICS, Metric

DRAWS = 400
RANDOM = np.random.default_rng(5)
CHANCES = RANDOM.beta(1.2, 2, 60)
SAID = np.round(np.clip(CHANCES + RANDOM.normal(0, 0.15, 60), 0.02, 0.98), 2)  # with ties, and not what is true
THREE = RANDOM.dirichlet([2, 1, 1], 60)
SAID_THREE = 0.7 * THREE + 0.3 / 3


def drawn(metric: Metric, said: Floats, chances: Floats) -> Floats:
    """The metric of many draws of labels with these chances."""
    random = np.random.default_rng(1)
    if chances.ndim == 1:
        return np.array([measure(metric, (random.random(60) < chances).astype(float), said) for _ in range(DRAWS)])
    limits = np.cumsum(chances, axis=1)
    labels = (np.asarray((random.random((60, 1)) > limits).sum(axis=1), dtype=np.float64) for _ in range(DRAWS))
    return np.array([measure(metric, one, said) for one in labels])


@pytest.mark.parametrize("metric", METRICS["binary"])
def test_of_two_classes_it_is_the_mean_over_labels(metric: Metric) -> None:
    found = drawn(metric, SAID, CHANCES)
    assert expected(metric, SAID, CHANCES) == pytest.approx(found.mean(), abs=4 * found.std() / np.sqrt(DRAWS) + 1e-3)


@pytest.mark.parametrize("metric", METRICS["multiclass"])
def test_of_three_classes_it_is_the_mean_over_labels(metric: Metric) -> None:
    found = drawn(metric, SAID_THREE, THREE)
    value = expected(metric, SAID_THREE, THREE)
    assert value == pytest.approx(found.mean(), abs=4 * found.std() / np.sqrt(DRAWS) + 1e-3)


@pytest.mark.parametrize("metric", METRICS["binary"])
def test_where_all_is_certain_it_is_the_metric_itself(metric: Metric) -> None:
    certain = (CHANCES > 0.5).astype(np.float64)
    assert expected(metric, SAID, certain) == pytest.approx(measure(metric, certain, SAID))


@pytest.mark.parametrize("metric", METRICS["binary"])
def test_without_rows_nothing_is_expected(metric: Metric) -> None:
    assert np.isnan(expected(metric, np.empty(0), np.empty(0)))


def test_a_single_row_has_no_pair_to_rank() -> None:
    assert np.isnan(expected("auc", np.array([0.4]), np.array([0.4])))


def test_probabilities_are_bent_to_what_came_true() -> None:
    random = np.random.default_rng(3)
    truth = random.beta(2, 3, 20_000)
    came = (random.random(20_000) < truth).astype(np.float64)
    bold = 1 / (1 + np.exp(-(2 * np.log(truth / (1 - truth)) + 0.5)))  # twice as sure, and too high
    found = bent(curves(bold, came), bold)
    assert np.abs(found - truth).max() < 0.03
    assert np.abs(bold - truth).max() > 0.2


def test_of_several_classes_they_still_add_up_to_one() -> None:
    labels = np.random.default_rng(2).integers(0, 3, 60).astype(np.float64)
    assert bent(curves(SAID_THREE, labels), SAID_THREE).sum(axis=1) == pytest.approx(np.ones(60))


def test_a_class_that_never_came_leaves_its_probability_as_it_is() -> None:
    assert bent(curves(SAID, np.zeros(60)), SAID) == pytest.approx(SAID)

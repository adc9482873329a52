"""Metrics agree with scikit-learn for every task, and say NaN where there is nothing to measure."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as reference

from include.evaluation.metrics import improvement, measure, metrics_of, reaches
from include.features.matrix import Floats
from include.spec.metrics import METRICS, Metric, Task

CLASSES = np.arange(3)


def sure(said: Floats) -> Any:
    return said.argmax(axis=1) if said.ndim > 1 else said >= 0.5


REFERENCE: dict[Task, dict[Metric, Callable[[Floats, Floats], float]]] = {
    "binary": {
        "auc": reference.roc_auc_score,
        "average_precision": reference.average_precision_score,
        "log_loss": reference.log_loss,
        "brier": reference.brier_score_loss,
        "accuracy": lambda target, said: reference.accuracy_score(target, sure(said)),
    },
    "multiclass": {
        "auc": lambda target, said: reference.roc_auc_score(target, said, multi_class="ovr", labels=CLASSES),
        "log_loss": lambda target, said: reference.log_loss(target, said, labels=CLASSES),
        "brier": lambda target, said: reference.brier_score_loss(target, said, labels=CLASSES),
        "accuracy": lambda target, said: reference.accuracy_score(target, sure(said)),
    },
    "regression": {
        "mae": reference.mean_absolute_error,
        "rmse": reference.root_mean_squared_error,
        "r2": reference.r2_score,
    },
}
ALL: list[tuple[Task, Metric]] = [(task, metric) for task, metrics in METRICS.items() for metric in metrics]
GREATER = {"auc", "average_precision", "accuracy", "r2"}


def rows(task: Task, seed: int, digits: int = 9, count: int = 300) -> tuple[Floats, Floats]:
    """Target and prediction; few digits make ties."""
    random = np.random.default_rng(seed)
    if task == "binary":
        target = (random.random(count) < 0.3).astype(np.float64)
        return target, np.clip(target * 0.2 + random.random(count) * 0.8, 0, 1).round(digits)
    if task == "multiclass":
        target = random.integers(0, 3, count).astype(np.float64)
        votes = (random.integers(0, 10 ** min(digits, 5), (count, 3)) + 1).astype(np.float64)
        votes[np.arange(count), target.astype(int)] *= 2
        return target, votes / votes.sum(axis=1, keepdims=True)
    target = random.normal(5, 30, count)
    return target, (target + random.normal(0, 20, count)).round(digits - 8)


def test_every_metric_has_a_reference() -> None:
    assert {(task, metric) for task, known in REFERENCE.items() for metric in known} == set(ALL)


@pytest.mark.parametrize(("task", "metric"), ALL)
@pytest.mark.parametrize("digits", [9, 1])
@pytest.mark.parametrize("seed", [1, 2])
def test_it_is_what_scikit_learn_says(task: Task, metric: Metric, digits: int, seed: int) -> None:
    target, said = rows(task, seed, digits)
    assert measure(metric, target, said) == pytest.approx(REFERENCE[task][metric](target, said), rel=1e-12)


def test_average_precision_of_many_more_scores_than_steps_is_still_exact() -> None:
    target, said = rows("binary", 5, count=20_000)
    expected = reference.average_precision_score(target, said)
    assert measure("average_precision", target, said) == pytest.approx(expected, rel=1e-12)


def test_ranking_knows_perfect_reversed_and_undecided() -> None:
    target = np.array([0.0, 0, 1, 1])
    assert measure("auc", target, np.array([0.1, 0.2, 0.3, 0.4])) == 1
    assert measure("auc", target, np.array([0.4, 0.3, 0.2, 0.1])) == 0
    assert measure("auc", target, np.full(4, 0.5)) == 0.5
    assert measure("auc", target, np.array([0.1, 0.3, 0.3, 0.4])) == 0.875
    assert measure("average_precision", target, np.array([0.1, 0.2, 0.3, 0.4])) == 1
    assert measure("average_precision", target, np.full(4, 0.5)) == 0.5


def test_one_half_is_a_yes() -> None:
    assert measure("accuracy", np.array([1.0, 0, 0]), np.array([0.5, 0.49, 0.5])) == pytest.approx(2 / 3)


def test_two_rows_and_a_little_spread_are_enough() -> None:
    target, said = np.array([0.0, 1.0]), np.array([0.25, 0.75])
    assert measure("auc", target, said) == 1
    assert measure("r2", target, said) == 0.75


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_one_class_cannot_be_ranked(value: float) -> None:
    target, said = np.full(3, value), np.array([0.1, 0.2, 0.3])
    assert math.isnan(measure("auc", target, said))
    assert math.isfinite(measure("brier", target, said))


def test_without_a_positive_there_is_no_precision() -> None:
    said = np.array([0.1, 0.2, 0.3])
    assert math.isnan(measure("average_precision", np.zeros(3), said))
    assert measure("average_precision", np.ones(3), said) == 1


def test_a_class_without_rows_is_left_out_of_the_mean_over_classes() -> None:
    target, said = rows("multiclass", 1)
    two = target < 2
    expected = [reference.roc_auc_score(target[two] == one, said[two, one]) for one in (0, 1)]
    assert measure("auc", target[two], said[two]) == pytest.approx(np.mean(expected), rel=1e-12)
    assert expected[0] != pytest.approx(expected[1], rel=1e-6)
    assert math.isnan(measure("auc", np.zeros(4), said[:4]))


@pytest.mark.parametrize("value", [1.0, 0.1, 1e9 / 3])
def test_a_constant_target_leaves_nothing_to_explain(value: float) -> None:
    assert math.isnan(measure("r2", np.full(3, value), np.array([1.0, 2, 3])))
    assert measure("mae", np.ones(3), np.array([1.0, 2, 3])) == 1


def test_numbers_far_from_nought_are_explained_as_well_as_those_near_it() -> None:
    target, said = rows("regression", 3)
    near = measure("r2", target, said)
    assert measure("r2", target + 1e8, said + 1e8) == pytest.approx(near, rel=1e-6)
    assert 0.3 < near < 0.9


def test_a_sure_and_right_prediction_costs_as_little_as_scikit_learn_says() -> None:
    target = np.array([1.0, 0.0])
    assert 0 < measure("log_loss", target, target) == reference.log_loss(target, target) < 1e-15


def test_a_sure_and_wrong_prediction_costs_much_but_not_everything() -> None:
    target, said = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert measure("log_loss", target, said) == pytest.approx(reference.log_loss(target, said), rel=1e-6)
    assert 30 < measure("log_loss", target, said) < 40
    assert 30 < measure("log_loss", target, np.array([[1.0, 0.0], [0.0, 1.0]])) < 40


@pytest.mark.parametrize(("task", "metric"), ALL)
def test_without_rows_or_with_a_prediction_that_is_no_number_nothing_is_measured(task: Task, metric: Metric) -> None:
    target, said = rows(task, 1)
    assert math.isnan(measure(metric, target[:0], said[:0]))
    assert math.isfinite(measure(metric, target, said))
    for value in (math.nan, math.inf):
        wrong = said.copy()
        wrong[7] = value
        assert math.isnan(measure(metric, target, wrong))


def test_a_task_has_its_own_metrics() -> None:
    for task, known in METRICS.items():
        target, said = rows(task, 1)
        found = metrics_of(task, target, said)
        assert tuple(found) == known
        assert found == {name: measure(name, target, said) for name in known}
    assert set(METRICS["binary"]) & set(METRICS["regression"]) == set()


@pytest.mark.parametrize(("task", "metric"), ALL)
def test_better_is_positive_whichever_way_the_metric_points(task: Task, metric: Metric) -> None:
    assert improvement(metric, 0.7, 0.6) == pytest.approx(0.1 if metric in GREATER else -0.1)
    assert improvement(metric, 0.6, 0.7) == pytest.approx(-0.1 if metric in GREATER else 0.1)
    target, said = rows(task, 1)
    worse = np.roll(said, 1, axis=-1) if said.ndim > 1 else 1 - said
    assert improvement(metric, measure(metric, target, said), measure(metric, target, worse)) > 0


@pytest.mark.parametrize(("task", "metric"), ALL)
def test_a_threshold_is_reached_from_its_own_side_and_by_equality(task: Task, metric: Metric) -> None:
    assert reaches(metric, 0.6, 0.6)
    assert reaches(metric, 0.61, 0.6) is (metric in GREATER)
    assert reaches(metric, 0.59, 0.6) is (metric not in GREATER)
    assert not reaches(metric, math.nan, 0.6)

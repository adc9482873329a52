"""Stratified samples: a rare class keeps enough rows, and every class gets its weight back."""

import math

import numpy as np
import pytest

from include.evaluation.metrics import measure
from include.evaluation.stratified import FEWEST, stratified, weighted
from include.features.matrix import Floats
from include.spec.metrics import Metric, Task

RANDOM = np.random.default_rng(9)
ROWS = 40_000
RARE = (RANDOM.random(ROWS) < 0.02).astype(float)
SAID = np.clip(0.02 + 0.2 * RARE + RANDOM.normal(0, 0.1, ROWS), 0.001, 0.999)


def test_a_common_class_gives_its_share_and_a_rare_one_more() -> None:
    found = stratified("binary", RARE, 4000, seed=1)
    rare = int(RARE.sum())
    assert 600 < rare < 1000
    chosen = RARE[found.places]
    assert (chosen == 0).sum() == round((ROWS - rare) / 10)
    assert (chosen == 1).sum() == FEWEST == 500
    assert found.weights == pytest.approx([(ROWS - rare) / (chosen == 0).sum(), rare / 500])


def test_places_are_in_order_each_once_and_the_same_for_the_same_seed() -> None:
    first, again, other = (stratified("binary", RARE, 4000, seed).places for seed in (1, 1, 2))
    assert (np.diff(first) > 0).all()
    assert first.tolist() == again.tolist() != other.tolist()


@pytest.mark.parametrize(("task", "target"), [("binary", RARE[:300]), ("regression", SAID[:300])])
def test_few_rows_are_all_taken(task: Task, target: Floats) -> None:
    found = stratified(task, target, 300, seed=1)
    assert found.places.tolist() == list(range(300))
    assert set(found.weights.tolist()) == {1.0}


def test_numbers_are_one_class() -> None:
    found = stratified("regression", SAID, 4000, seed=1)
    assert len(found.places) == 4000
    assert found.weights.tolist() == [10.0]


def test_a_class_that_does_not_occur_is_no_trouble() -> None:
    found = stratified("multiclass", np.repeat([0.0, 2.0], 3000), 1000, seed=1)
    assert len(found.places) == 1000
    assert found.weights.tolist() == [6.0, 0.0, 6.0]


def test_no_rows_are_no_trouble() -> None:
    assert len(stratified("binary", np.empty(0), 10, seed=1).places) == 0


@pytest.mark.parametrize("metric", ["auc", "brier", "log_loss", "accuracy", "average_precision"])
def test_a_weighted_metric_is_that_of_the_whole(metric: Metric) -> None:
    found = stratified("binary", RARE, 8000, seed=3)
    whole = measure(metric, RARE, SAID)
    said, target = SAID[found.places], RARE[found.places]
    assert weighted(metric, "binary", target, said, found.weights) == pytest.approx(whole, rel=0.05)
    if metric not in {"auc", "accuracy"}:
        assert measure(metric, target, said) != pytest.approx(whole, rel=0.2)


@pytest.mark.parametrize("metric", ["mae", "r2"])
def test_of_numbers_every_row_counts_the_same(metric: Metric) -> None:
    target = SAID + RANDOM.normal(0, 0.1, ROWS)
    found = weighted(metric, "regression", target, SAID, np.array([3.0]))
    assert found == pytest.approx(measure(metric, target, SAID))


@pytest.mark.parametrize(
    ("target", "said"),
    [(np.empty(0), np.empty(0)), (np.zeros(3), np.array([0.1, 0.2, 0.3])), (RARE[:3], np.array([0.1, np.nan, 0.2]))],
)
def test_what_is_not_defined_is_no_number(target: Floats, said: Floats) -> None:
    assert math.isnan(weighted("auc", "binary", target, said, np.ones(2)))

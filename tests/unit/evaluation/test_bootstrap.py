"""The bootstrap: repeatable, equal to repeating rows by hand, and as wide as the days make it."""

import math

import numpy as np
import numpy.typing as npt
import pytest

from include.evaluation.bootstrap import Difference, paired_difference
from include.evaluation.metrics import improvement, measure
from include.features.matrix import Floats
from include.spec.metrics import Metric

Blocks = npt.NDArray[np.int64]


def days(count: int = 14, rows: int = 30, seed: int = 1) -> tuple[Floats, Floats, Floats, Blocks]:
    """Target, a good and a worse prediction, and the day of each row."""
    random = np.random.default_rng(seed)
    blocks = np.repeat(np.arange(count), rows)
    target = (random.random(len(blocks)) < 0.4).astype(np.float64)
    good = np.clip(0.4 + 0.2 * target + random.normal(0, 0.15, len(blocks)), 0.01, 0.99)
    worse = np.clip(0.4 + 0.1 * target + random.normal(0, 0.15, len(blocks)), 0.01, 0.99)
    return target, good, worse, blocks


def by_hand(metric: Metric, target: Floats, one: Floats, other: Floats, blocks: Blocks, seed: int, n: int) -> Floats:
    """The same draws, with every drawn day's rows copied as often as it was drawn."""
    count = int(blocks.max()) + 1
    found = []
    for drawn in np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=n):
        rows = np.concatenate([np.tile(np.flatnonzero(blocks == day), times) for day, times in enumerate(drawn)])
        pair = [measure(metric, target[rows], said[rows]) for said in (one, other)]
        found.append(improvement(metric, *pair))
    return np.array(found)


@pytest.mark.parametrize("metric", ["auc", "log_loss", "brier", "mae", "rmse", "r2"])
def test_it_equals_repeating_rows_by_hand(metric: Metric) -> None:
    target, good, worse, blocks = days(6, 20)
    slow = by_hand(metric, target, good, worse, blocks, 5, 60)
    fast = paired_difference(metric, target, good, worse, blocks, 0.9, 5, 60)
    assert (fast.lower, fast.upper) == pytest.approx(tuple(np.quantile(slow, [0.1, 0.9])), rel=1e-9)
    assert fast.observed == pytest.approx(improvement(metric, *(measure(metric, target, x) for x in (good, worse))))
    assert fast.observed > 0
    assert fast.blocks == 6


def test_a_seed_gives_the_same_interval_and_another_one_nearly_the_same() -> None:
    target, good, worse, blocks = days()
    first, again, other = (paired_difference("auc", target, good, worse, blocks, 0.95, seed) for seed in (1, 1, 2))
    assert first == again
    assert first.lower != other.lower
    assert first.lower == pytest.approx(other.lower, abs=0.02)


def test_the_challenger_is_the_first_of_the_two() -> None:
    target, good, worse, blocks = days()
    better = paired_difference("auc", target, good, worse, blocks, 0.95, 1)
    worse_ = paired_difference("auc", target, worse, good, blocks, 0.95, 1)
    assert better.lower > 0 > worse_.upper
    assert better.observed == pytest.approx(-worse_.observed)


def test_a_model_ties_with_itself() -> None:
    target, good, _, blocks = days()
    assert paired_difference("auc", target, good, good, blocks, 0.95, 1) == Difference(0.0, 0.0, 0.0, 14)


def test_more_confidence_is_a_wider_interval() -> None:
    target, good, worse, blocks = days()
    narrow = paired_difference("auc", target, good, worse, blocks, 0.8, 1)
    wide = paired_difference("auc", target, good, worse, blocks, 0.99, 1)
    assert wide.lower < narrow.lower < narrow.observed < narrow.upper < wide.upper


def test_the_lower_bound_covers_a_known_difference_as_often_as_it_says() -> None:
    """Absolute errors that differ by 1 on average, shared by the rows of a day; 200 worlds at 90 % each side."""
    random = np.random.default_rng(7)
    below = above = 0
    for world in range(200):
        blocks = np.repeat(np.arange(20), 5)
        shift = np.repeat(random.normal(0, 1, 20), 5)
        zero = np.zeros(100)
        found = paired_difference("mae", zero, zero + 10, zero + 11 + shift, blocks, 0.9, world, 200)
        below += found.lower > 1
        above += found.upper < 1
    assert 10 <= below <= 40
    assert 10 <= above <= 40


def test_rows_that_move_together_make_the_interval_wider_than_rows_alone() -> None:
    random = np.random.default_rng(3)
    shift = np.repeat(random.normal(0, 1, 20), 50)
    zero = np.zeros(1000)
    by_day = paired_difference("mae", zero, zero + 10, zero + 11 + shift, np.repeat(np.arange(20), 50), 0.95, 1)
    by_row = paired_difference("mae", zero, zero + 10, zero + 11 + shift, np.arange(1000), 0.95, 1, 200)
    assert (by_day.upper - by_day.lower) > 4 * (by_row.upper - by_row.lower)
    assert by_day.observed == by_row.observed


def test_days_without_both_classes_are_survived() -> None:
    target, good, worse, blocks = days(6, 5)
    target[blocks < 5] = 0.0
    target[blocks == 5] = [0, 1, 0, 1, 1]
    found = paired_difference("auc", target, good, worse, blocks, 0.95, 1)
    assert found.lower <= found.observed <= found.upper


def test_what_is_not_defined_is_nan() -> None:
    target, good, worse, blocks = days()
    one_class = paired_difference("auc", 0 * target, good, worse, blocks, 0.95, 1)
    assert all(math.isnan(value) for value in (one_class.observed, one_class.lower, one_class.upper))
    nothing = paired_difference("auc", target[:0], good[:0], worse[:0], blocks[:0], 0.95, 1)
    assert all(math.isnan(value) for value in (nothing.observed, nothing.lower, nothing.upper))
    assert (one_class.blocks, nothing.blocks) == (14, 0)

"""Intervals by block: equal to copying rows by hand, repeatable, and as wide as the days make them."""

import math

import numpy as np
import pytest
from sklearn import metrics as reference

from include.evaluation.blocks import Cells
from include.evaluation.coded import Coded, Codes
from include.evaluation.intervals import (
    estimate,
    estimates_by_group,
    paired_difference,
    paired_differences_by_group,
)
from include.evaluation.metrics import improvement, measure, statistics
from include.evaluation.ranks import LEVELS
from include.evaluation.resampling import Sampling, draws
from include.features.matrix import Floats
from include.spec.metrics import METRICS, Metric, Task

ALL: list[tuple[Task, Metric]] = [(task, metric) for task, metrics in METRICS.items() for metric in metrics]


def days(count: int = 14, rows: int = 30, seed: int = 1, task: Task = "binary") -> tuple[Floats, Floats, Floats, Codes]:
    """Target, a good and a worse prediction, and the day of each row."""
    random = np.random.default_rng(seed)
    blocks = np.repeat(np.arange(count, dtype=np.int32), rows)
    if task == "multiclass":
        target = random.integers(0, 3, len(blocks)).astype(np.float64)
        votes = random.random((2, len(blocks), 3)) + np.array([[[0.1]], [[0.3]]])
        votes[0, np.arange(len(blocks)), target.astype(int)] += 0.5
        return target, *(votes / votes.sum(axis=2, keepdims=True)), blocks
    target = (random.random(len(blocks)) < 0.4).astype(np.float64)
    good = np.clip(0.4 + 0.2 * target + random.normal(0, 0.15, len(blocks)), 0.01, 0.99)
    worse = np.clip(0.4 + 0.1 * target + random.normal(0, 0.15, len(blocks)), 0.01, 0.99)
    return target, good, worse, blocks


def by_hand(metric: Metric, target: Floats, said: Floats, blocks: Codes, drawn: Floats) -> Floats:
    """The metric of every resample, with each drawn day's rows copied as often as it was drawn."""
    found = []
    for times in drawn.astype(int):
        rows = np.concatenate([np.tile(np.flatnonzero(blocks == day), count) for day, count in enumerate(times)])
        found.append(measure(metric, target[rows], said[rows]))
    return np.array(found)


@pytest.mark.parametrize(("task", "metric"), ALL)
def test_a_resample_equals_copying_rows_by_hand(task: Task, metric: Metric) -> None:
    target, good, _, blocks = days(6, 20, task=task)
    drawn = draws(6, Sampling(0.9, 5, 60))
    fast = next(statistics(metric, target, good, Cells.of(blocks)))(drawn)
    np.testing.assert_allclose(fast, by_hand(metric, target, good, blocks, drawn), rtol=1e-12)
    assert fast.std() > 0.001


@pytest.mark.parametrize(("task", "metric"), ALL)
def test_a_group_equals_its_rows_alone(task: Task, metric: Metric) -> None:
    target, good, worse, blocks = days(6, 40, task=task)
    groups = Coded.of(np.random.default_rng(4).choice(["a", "b", "c"], len(target), p=[0.6, 0.3, 0.1]))
    together = paired_differences_by_group(metric, target, good, worse, blocks, groups, 0.9, 3)
    alone = estimates_by_group(metric, target, good, blocks, groups, 0.9, 3)
    for number in range(3):
        own = groups.codes == number
        rows = (target[own], good[own], worse[own], blocks[own])
        found = paired_difference(metric, *rows, 0.9, 3)
        assert together[number].model_dump() == pytest.approx(found.model_dump(), rel=1e-9)
        single = estimate(metric, rows[0], rows[1], rows[3], 0.9, 3)
        assert alone[number].model_dump() == pytest.approx(single.model_dump(), rel=1e-9)
    assert together[0].observed != pytest.approx(together[1].observed, rel=1e-3)


def test_a_group_that_is_absent_on_some_days_has_fewer_blocks() -> None:
    target, good, worse, blocks = days(6, 40)
    groups = Coded.of(np.where(blocks < 2, "early", np.where(np.arange(len(blocks)) % 2, "odd", "even")))
    even, odd = (
        paired_differences_by_group("brier", target, good, worse, blocks, groups, 0.9, 3)[place]
        for place in (groups.names.index("even"), groups.names.index("odd"))
    )
    late = blocks >= 2
    chosen = late & (np.arange(len(blocks)) % 2 == 1)
    assert (even.blocks, odd.blocks) == (4, 4)
    same = paired_difference("brier", target[chosen], good[chosen], worse[chosen], blocks[chosen] - 2, 0.9, 3)
    assert odd.model_dump() == pytest.approx(same.model_dump())


def test_a_group_without_rows_is_nan_and_the_others_are_not() -> None:
    target, good, worse, blocks = days(6, 20)
    groups = Coded((np.arange(len(target)) % 2).astype(np.int32) * 2, ("a", "nobody", "b"))
    for metric in METRICS["binary"]:
        found = paired_differences_by_group(metric, target, good, worse, blocks, groups, 0.9, 3)
        assert [math.isnan(one.observed) for one in found] == [False, True, False]
        assert [one.blocks for one in found] == [6, 0, 6]


def test_average_precision_of_many_scores_is_off_by_a_fraction_of_its_standard_error() -> None:
    random = np.random.default_rng(2)
    blocks = np.repeat(np.arange(10, dtype=np.int32), 2000)
    shift = random.normal(0, 0.05, 10)[blocks]
    target = (random.random(len(blocks)) < 0.2).astype(np.float64)
    said = 0.1 * target + shift * target + random.normal(0, 0.1, len(blocks))
    assert target.sum() > 4 * LEVELS
    drawn = draws(10, Sampling(0.9, 5, 40))
    fast = next(statistics("average_precision", target, said, Cells.of(blocks)))(drawn)
    slow = np.array([reference.average_precision_score(target, said, sample_weight=one[blocks]) for one in drawn])
    assert 0 < np.abs(fast - slow).max() < 0.02 * slow.std()


def test_average_precision_is_exact_for_as_many_scores_as_there_are_steps() -> None:
    """512 different scores of positives, every third of which has three of them."""
    random = np.random.default_rng(8)
    times = np.where(np.arange(LEVELS) % 3, 1, 3)
    scores = np.repeat(random.permutation(LEVELS) + 0.5, times)
    said = np.concatenate([scores, random.random(2000) * LEVELS])
    target = np.repeat([1.0, 0.0], [len(scores), 2000])
    blocks = random.integers(0, 10, len(said)).astype(np.int32)
    drawn = draws(10, Sampling(0.9, 5, 40))
    fast = next(statistics("average_precision", target, said, Cells.of(blocks)))(drawn)
    slow = [reference.average_precision_score(target, said, sample_weight=one[blocks]) for one in drawn]
    np.testing.assert_allclose(fast, slow, rtol=1e-12)


@pytest.mark.parametrize("positives", [300, 3000])
def test_rows_below_the_last_positive_change_no_average_precision(positives: int) -> None:
    random = np.random.default_rng(9)
    target = (np.arange(5000) < positives).astype(np.float64)
    said, blocks = random.normal(target, 1), random.integers(0, 10, 5000).astype(np.int32)
    kept = said >= said[target == 1].min()
    drawn = draws(10, Sampling(0.9, 5, 40))
    rows = (target[kept], said[kept], blocks[kept])
    low = (np.zeros(9000), np.full(9000, -99.0), np.full(9000, 4, dtype=np.int32))  # all on one day
    more = tuple(np.concatenate(both) for both in zip(rows, low, strict=True))
    found, same = (next(statistics("average_precision", *some[:2], Cells.of(some[2])))(drawn) for some in (rows, more))
    np.testing.assert_allclose(found, same, rtol=1e-12)


def test_a_seed_gives_the_same_interval_and_another_one_nearly_the_same() -> None:
    target, good, worse, blocks = days()
    first, again, other = (paired_difference("auc", target, good, worse, blocks, 0.95, seed) for seed in (1, 1, 2))
    assert first == again
    assert first.lower != other.lower
    assert first.lower == pytest.approx(other.lower, abs=0.02)


@pytest.mark.parametrize("metric", ["auc", "brier"])
def test_the_challenger_is_the_first_of_the_two(metric: Metric) -> None:
    target, good, worse, blocks = days()
    better = paired_difference(metric, target, good, worse, blocks, 0.95, 1)
    worse_ = paired_difference(metric, target, worse, good, blocks, 0.95, 1)
    assert better.lower > 0 > worse_.upper
    assert better.observed == pytest.approx(-worse_.observed)
    expected = improvement(metric, measure(metric, target, good), measure(metric, target, worse))
    assert better.observed == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("metric", METRICS["binary"])
def test_a_model_ties_with_itself(metric: Metric) -> None:
    target, good, _, blocks = days()
    found = paired_difference(metric, target, good, good, blocks, 0.95, 1)
    assert (found.observed, found.lower, found.upper, found.standard_error) == (0, 0, 0, 0)


def test_more_confidence_is_a_wider_interval() -> None:
    target, good, worse, blocks = days()
    narrow = paired_difference("auc", target, good, worse, blocks, 0.8, 1)
    wide = paired_difference("auc", target, good, worse, blocks, 0.99, 1)
    assert wide.lower < narrow.lower < narrow.observed < narrow.upper < wide.upper
    assert wide.standard_error == narrow.standard_error


def test_rows_that_move_together_make_the_interval_wider_than_rows_alone() -> None:
    random = np.random.default_rng(3)
    shift = np.repeat(random.normal(0, 1, 20), 50)
    zero = np.zeros(1000)
    by_day = paired_difference("mae", zero, zero + 10, zero + 11 + shift, np.repeat(np.arange(20), 50), 0.95, 1)
    shuffled = random.permutation(1000)
    by_row = paired_difference("mae", zero, zero + 10, zero + 11 + shift, shuffled, 0.95, 1, 200)
    in_order = paired_difference("mae", zero, zero + 10, zero + 11 + shift, np.arange(1000), 0.95, 1, 200)
    assert (by_day.upper - by_day.lower) > 4 * (by_row.upper - by_row.lower)
    assert (by_day.upper - by_day.lower) == pytest.approx(in_order.upper - in_order.lower, rel=0.5)
    assert by_day.observed == pytest.approx(by_row.observed)


def test_a_metric_that_hangs_on_one_day_has_no_bounds() -> None:
    target, good, worse, blocks = days(6, 5)
    target[blocks < 5] = 0.0
    target[blocks == 5] = [0, 1, 0, 1, 1]
    found = paired_difference("auc", target, good, worse, blocks, 0.95, 1)
    assert math.isfinite(found.observed)
    assert (found.lower, found.upper, found.standard_error) == (-math.inf, math.inf, math.inf)
    target[0] = 1.0
    assert math.isfinite(paired_difference("auc", target, good, worse, blocks, 0.95, 1).lower)


def test_one_day_has_no_bounds() -> None:
    target, good, worse, blocks = days(1)
    found = paired_difference("brier", target, good, worse, blocks, 0.95, 1)
    assert (found.blocks, found.lower, found.upper) == (1, -math.inf, math.inf)


def test_what_is_not_defined_is_nan() -> None:
    target, good, worse, blocks = days()
    nothing = (target[:0], good[:0], worse[:0], blocks[:0])
    broken = [
        rows
        for value in (math.nan, math.inf, -math.inf)
        for one in [np.where(np.arange(len(good)) == 3, value, good)]
        for rows in ((target, good, one, blocks), (target, one, good, blocks))
    ]
    for rows in ((0 * target, good, worse, blocks), nothing, *broken):
        found = paired_difference("auc", *rows, 0.95, 1)
        assert all(math.isnan(value) for value in (found.observed, found.lower, found.upper, found.standard_error))
        assert found.blocks == 0
    assert math.isnan(estimate("r2", nothing[0], nothing[1], nothing[3], 0.95, 1).value)
    assert all(math.isnan(estimate("auc", *rows[:2], blocks, 0.95, 1).value) for rows in broken[1::2])


def test_one_row_is_enough_for_a_value() -> None:
    one = (np.array([1.0]), np.array([0.75]), np.array([0.5]), np.zeros(1, np.int32))
    found = paired_difference("brier", *one, 0.95, 1)
    assert (found.observed, found.lower, found.upper, found.blocks) == (0.1875, -math.inf, math.inf, 1)


def test_one_model_alone_has_bounds_about_its_value() -> None:
    target, good, _, blocks = days()
    narrow, wide = (estimate("brier", target, good, blocks, confidence, 1) for confidence in (0.8, 0.99))
    assert narrow.value == wide.value == pytest.approx(measure("brier", target, good))
    assert wide.lower < narrow.lower < narrow.value < narrow.upper < wide.upper


def test_bounds_of_one_model_stay_within_what_the_metric_can_be() -> None:
    """Days that alternate between all right and nearly all wrong, so few that the bounds of the mean leave it."""
    target = np.tile([1.0, 0.0], 30)
    said = np.where(np.arange(60) // 20 == 1, 1 - target, target) * 0.98 + 0.01
    days = (np.arange(60) // 20).astype(np.int32)
    for metric in ("accuracy", "brier", "auc", "average_precision"):
        found = estimate(metric, target, said, days, 0.95, 7)
        assert 0 <= found.lower <= found.value <= found.upper <= (2 if metric == "brier" else 1)
    loss = estimate("log_loss", target, said, days, 0.95, 7)
    assert loss.lower == 0 < loss.upper < math.inf
    level = target + np.where(days == 1, 9.0, 0.1)
    assert estimate("r2", target, level, days, 0.95, 7).upper <= 1
    undefined = estimate("auc", np.ones(60), said, days, 0.95, 7)
    assert math.isnan(undefined.lower)
    assert math.isnan(undefined.upper)

"""The gap between groups: by hand, and its bounds hold as often as they say, however many groups there are."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from include.evaluation.gap import gap, increase, pairs_of, widest
from include.evaluation.tally import Tally
from include.features.matrix import Floats


def tally(shares: list[list[float]], rows: int = 10) -> Tally:
    """One rate; `shares` by group and day, each of as many rows."""
    found = np.array([shares])
    return Tally(np.full(found.shape, float(rows)), found * rows)


def everyone(count: int) -> list[tuple[int, int, int]]:
    return pairs_of(np.ones((1, count), dtype=bool))


def test_every_two_groups_that_are_judged_by_the_same_rate_are_a_pair() -> None:
    judged = np.array([[True, True, False, True], [False, True, True, False]])
    assert pairs_of(judged) == [(0, 0, 1), (0, 0, 3), (0, 1, 3), (1, 1, 2)]
    assert pairs_of(np.array([[True, False]])) == []


def test_the_gap_is_the_largest_difference_and_is_told_with_the_higher_group_first() -> None:
    counts = tally([[0.2, 0.4, 0.3], [0.5, 0.7, 0.6], [0.4, 0.6, 0.5]])
    assert counts.shares.tolist() == [pytest.approx([0.3, 0.6, 0.5])]
    assert widest(counts, everyone(3)) == (0, 1, 0)
    assert widest(counts, [(0, 1, 2)]) == (0, 1, 2)
    assert widest(tally([[0.2, 0.4, 0.3]] * 3), everyone(3)) == (0, 0, 1)
    assert gap(counts, everyone(3), 0.95, 1).value == pytest.approx(0.3)


def test_days_that_all_agree_leave_no_doubt() -> None:
    """The groups move from day to day, but always together."""
    found = gap(tally([[0.2, 0.4, 0.3], [0.5, 0.7, 0.6]]), everyone(2), 0.95, 1)
    assert (found.lower, found.upper) == (pytest.approx(0.3), pytest.approx(0.3))


def test_groups_that_are_equal_every_day_have_no_gap() -> None:
    found = gap(tally([[0.2, 0.4, 0.3]] * 3), everyone(3), 0.95, 1)
    assert (found.value, found.lower, found.upper) == (0, 0, 0)


def test_with_two_groups_the_bounds_are_nearly_those_of_a_t_test_of_the_daily_differences() -> None:
    random = np.random.default_rng(1)
    one, other = random.normal(0.5, 0.05, 40), random.normal(0.3, 0.05, 40)
    found = gap(tally([one.tolist(), other.tolist()]), everyone(2), 0.95, 1)
    classic = stats.ttest_rel(one, other).confidence_interval(0.95)  # two-sided: a gap has no sign
    assert (found.lower, found.upper) == (pytest.approx(classic.low, abs=0.003), pytest.approx(classic.high, abs=0.003))


@pytest.mark.parametrize("confidence", [0.6, 0.8, 0.9])
def test_with_few_days_the_bounds_are_those_of_all_signs_there_are(confidence: float) -> None:
    """The bootstrap-t of two groups by every one of the 256 ways to sign eight days, in place of a thousand of them."""
    daily = np.array([0.31, 0.24, 0.36, 0.29, 0.18, 0.33, 0.27, 0.42])
    signed = np.array(list(product([-1, 1], repeat=8))) * (daily - daily.mean())
    quantile = np.quantile(np.abs(stats.ttest_1samp(signed[1:-1], 0, axis=1).statistic), confidence)
    found = gap(tally([(0.5 + daily).tolist(), [0.5] * 8]), everyone(2), confidence, 1)
    assert found.upper - found.value == pytest.approx(quantile * stats.sem(daily), rel=0.05)
    assert found.value - found.lower == pytest.approx(found.upper - found.value)


@pytest.mark.parametrize("groups", [2, 5])
def test_the_bounds_are_those_of_a_thousand_draws_of_signs(groups: int) -> None:
    """For three pairs and more the worst of all; the pairs as a loop would have them."""
    shares = np.random.default_rng(7).normal(0.5, 0.1, (groups, 12))
    signs, counts = np.random.default_rng(1).choice([-1.0, 1.0], (1000, 12)), tally(shares.tolist())
    apart = np.array([shares[one] - shares[other] for _, one, other in everyone(groups)])
    drawn = [signs * (daily - daily.mean()) for daily in apart]
    worst = np.max([np.abs(stats.ttest_1samp(one, 0, axis=1).statistic) for one in drawn], axis=0)
    reach = np.quantile(worst, 0.95) * stats.sem(apart, axis=1)
    found = gap(counts, everyone(groups), 0.95, 1)
    assert found.upper == pytest.approx((np.abs(apart.mean(axis=1)) + reach).max(), rel=1e-9)
    equal = increase(counts, tally(np.full((groups, 12), 0.5).tolist()), everyone(groups), 0.95, 1)
    gaps = np.max(
        [np.abs(one.mean(axis=1) * np.sqrt(12 / 11) + off.mean()) for one, off in zip(drawn, apart, strict=True)],
        axis=0,
    )
    assert equal.upper - equal.value == pytest.approx(stats.t.ppf(0.95, 11) * gaps.std(), rel=1e-9)


def test_the_more_groups_there_are_the_further_the_bounds_are_apart() -> None:
    random = np.random.default_rng(2)
    shares = random.normal(0.5, 0.05, (12, 20))
    shares[0] += 0.1
    few, many = (gap(tally(shares[:count].tolist()), everyone(count), 0.95, 1) for count in (2, 12))
    assert many.value >= few.value
    assert many.upper - many.value > 1.2 * (few.upper - few.value)
    sure, surer = (gap(tally(shares.tolist()), everyone(12), level, 1) for level in (0.8, 0.99))
    assert surer.lower < sure.lower < sure.value < sure.upper < surer.upper


def test_a_seed_gives_the_same_bounds_and_another_nearly_the_same() -> None:
    counts = tally(np.random.default_rng(3).normal(0.5, 0.1, (4, 14)).tolist())
    first, again, other = (gap(counts, everyone(4), 0.95, seed) for seed in (1, 1, 2))
    assert first == again
    assert first.upper != other.upper
    assert first.upper == pytest.approx(other.upper, abs=0.03)


@given(st.integers(0, 10_000))
def test_neither_the_order_of_groups_nor_that_of_days_changes_the_gap(seed: int) -> None:
    random = np.random.default_rng(seed)
    shares = random.normal(0.5, 0.1, (4, 14))
    shuffled = shares[random.permutation(4)][:, random.permutation(14)]
    one, other = (gap(tally(given_.tolist()), everyone(4), 0.95, 1) for given_ in (shares, shuffled))
    assert one.value == pytest.approx(other.value)
    assert 0 <= one.lower <= one.value <= one.upper
    assert one.upper == pytest.approx(other.upper, abs=0.06)


def worlds(count: int, groups: int, true_gap: float) -> list[Floats]:
    """Daily shares of groups; days move together, each group a little on its own, the first two are apart."""
    random, found = np.random.default_rng(groups), []
    for _ in range(count):
        shares = 0.5 + random.normal(0, 0.1, (1, 14)) + random.normal(0, 0.05, (groups, 14))
        shares[0] += true_gap / 2
        shares[1] -= true_gap / 2
        found.append(shares)
    return found


@pytest.mark.parametrize("groups", [2, 3, 8])
def test_groups_that_are_alike_are_called_unequal_as_seldom_as_was_asked_for(groups: int) -> None:
    """The gap that is seen is always above 0; its lower bound at 95 % is so in about 5 of 100 worlds."""
    found = [gap(tally(shares.tolist()), everyone(groups), 0.95, 1) for shares in worlds(600, groups, 0.0)]
    assert min(one.value for one in found) > 0
    assert np.mean([one.lower > 0 for one in found]) == pytest.approx(0.05, abs=0.025)


@pytest.mark.parametrize("groups", [2, 8])
def test_the_bounds_of_a_gap_that_is_there_hold(groups: int) -> None:
    found = [gap(tally(shares.tolist()), everyone(groups), 0.95, 1) for shares in worlds(400, groups, 0.1)]
    assert np.mean([one.lower > 0.1 for one in found]) < 0.06
    assert np.mean([one.upper < 0.1 for one in found]) < 0.06
    assert np.mean([one.lower > 0 for one in found]) > 0.9


def test_the_increase_is_the_difference_of_both_gaps() -> None:
    challenger, champion = tally([[0.2, 0.4, 0.3], [0.5, 0.7, 0.6]]), tally([[0.2, 0.4, 0.3], [0.3, 0.5, 0.4]])
    for one, other, value in ((challenger, champion, 0.2), (champion, challenger, -0.2)):
        found = increase(one, other, everyone(2), 0.95, 1)
        assert found.value == pytest.approx(value)
        assert (found.lower, found.upper) == (pytest.approx(value), pytest.approx(value))


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_with_two_groups_the_bounds_of_the_increase_are_those_of_a_t_test_of_few_days(confidence: float) -> None:
    ours, theirs = np.array([0.38, 0.24, 0.36, 0.29, 0.18]), np.array([0.12, 0.09, 0.17, 0.05, 0.11])
    one, other = (tally([(0.5 + daily).tolist(), [0.5] * 5]) for daily in (ours, theirs))
    classic = stats.ttest_rel(ours, theirs).confidence_interval(2 * confidence - 1)
    found = increase(one, other, everyone(2), confidence, 1)
    assert found.value == pytest.approx((ours - theirs).mean())
    assert found.value - found.lower == pytest.approx(found.value - classic.low, rel=0.05)
    assert found.upper - found.value == pytest.approx(classic.high - found.value, rel=0.05)


def test_models_that_answer_alike_have_no_increase_however_noisy_the_days() -> None:
    counts = tally(np.random.default_rng(3).normal(0.5, 0.1, (4, 14)).tolist())
    found = increase(counts, counts, everyone(4), 0.95, 1)
    assert (found.value, found.lower, found.upper) == (0, 0, 0)


def test_an_increase_that_is_not_there_is_called_sure_as_seldom_as_was_asked_for() -> None:
    """Champion and challenger with the same true gap, and noise of their own."""
    random, wrong, right = np.random.default_rng(5), 0, 0
    for shares in worlds(400, 4, 0.1):
        own = [tally((shares + random.normal(0, 0.03, shares.shape)).tolist()) for _ in range(2)]
        found = increase(*own, everyone(4), 0.95, 1)
        wrong += found.lower > 0
        grown = tally((shares + np.array([[0.05], [-0.05], [0], [0]])).tolist())
        right += increase(grown, own[1], everyone(4), 0.95, 1).lower > 0
    assert wrong / 400 < 0.075
    assert right / 400 > 0.9

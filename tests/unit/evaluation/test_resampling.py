"""The interval of a statistic: what Student, the order of the blocks and their number do to it."""

import math
from functools import partial

import numpy as np
import pytest
from scipy import stats

from include.evaluation.means import ratio
from include.evaluation.resampling import (
    UNDEFINED,
    Interval,
    Sampling,
    correlation_of,
    draws,
    effective_blocks,
    interval,
)
from include.features.matrix import Floats


def mean_of(values: Floats, confidence: float = 0.95, seed: int = 1, resamples: int = 20_000) -> Interval:
    """The interval of the mean of blocks with one row each."""
    sampling = Sampling(confidence, seed, resamples)
    return interval(partial(ratio_of, values), np.ones(len(values)), sampling)


def ratio_of(values: Floats, drawn: Floats) -> Floats:
    return ratio(drawn @ values, drawn.sum(axis=1))


def autoregressive(count: int, correlation: float, seed: int, worlds: int = 1) -> Floats:
    """Series with mean 0 and variance 1, one a row."""
    noise = np.random.default_rng(seed).standard_normal((worlds, count))
    for day in range(1, count):
        noise[:, day] = correlation * noise[:, day - 1] + math.sqrt(1 - correlation**2) * noise[:, day]
    return noise


def alternating(quantiles: Floats) -> Floats:
    """The values, the smallest, the largest, the second smallest and so on: they do not follow each other."""
    ordered = np.sort(quantiles)
    half = len(ordered) // 2
    return np.stack([ordered[:half], ordered[half:][::-1]], axis=1).ravel()


ALTERNATING = alternating(stats.norm.ppf((np.arange(20) + 0.5) / 20))


def test_blocks_without_order_have_the_interval_of_student() -> None:
    found = mean_of(ALTERNATING)
    expected = stats.ttest_1samp(ALTERNATING, 0).confidence_interval(0.9)
    assert found.effective_blocks == found.blocks == 20
    assert found.standard_error == pytest.approx(stats.sem(ALTERNATING), rel=1e-12)
    assert (found.lower, found.upper) == pytest.approx((expected.low, expected.high), rel=0.03)


def test_of_many_blocks_it_is_the_percentile_interval_of_scipy() -> None:
    """A ratio of sums over 200 blocks that do not follow each other and have unequal numbers of rows."""
    random = np.random.default_rng(6)
    rows = random.integers(5, 60, 200).astype(np.float64)
    sums = rows * random.gamma(2, 1, 200)
    found = interval(lambda drawn: ratio(drawn @ sums, drawn @ rows), rows, Sampling(0.95, 1, 10_000))
    reference = stats.bootstrap(
        (sums, rows), lambda one, other, axis: one.sum(axis) / other.sum(axis), paired=True, vectorized=True,
        confidence_level=0.9, method="percentile", n_resamples=10_000, rng=1,
    )  # fmt: skip
    low, high = reference.confidence_interval
    assert found.effective_blocks == 200
    assert found.standard_error == pytest.approx(reference.standard_error, rel=0.02)
    assert found.observed - found.lower == pytest.approx(found.observed - low, rel=0.03)
    assert found.upper - found.observed == pytest.approx(high - found.observed, rel=0.03)


def test_the_bounds_follow_the_skew_of_the_blocks() -> None:
    values = alternating(stats.expon.ppf((np.arange(24) + 0.5) / 24))
    found, mirrored = mean_of(values), mean_of(-values)
    assert found.effective_blocks == 24
    assert found.upper - found.observed > 1.1 * (found.observed - found.lower)
    assert mirrored.upper - mirrored.observed < 0.9 * (mirrored.observed - mirrored.lower)


@pytest.mark.parametrize("count", [14, 60])
def test_blocks_that_follow_each_other_are_worth_fewer(count: int) -> None:
    loose = np.tile([1.0, -1.0], count // 2)
    in_runs = np.sort(loose)
    assert effective_blocks(loose) == count
    assert effective_blocks(in_runs) <= count / 7
    assert mean_of(in_runs).standard_error > 2.5 * mean_of(loose).standard_error
    assert mean_of(in_runs).lower < mean_of(loose).lower
    each = count / effective_blocks(in_runs)  # their own mean is nearer to them than the true one
    expected = stats.sem(in_runs) * math.sqrt(each / (1 - (each - 1) / (count - 1)))
    assert mean_of(in_runs).standard_error == pytest.approx(expected, rel=1e-9)


def test_the_effective_number_is_that_of_a_first_order_autoregression() -> None:
    long = effective_blocks(autoregressive(20_000, 0.6, 3)[0])
    assert long == pytest.approx(20_000 * 0.4 / 1.6, rel=0.05)


@pytest.mark.parametrize("lags", [1, 3])
@pytest.mark.parametrize("true", [0.0, 0.3, 0.6])
def test_a_correlation_is_corrected_for_being_seen_too_small(true: float, lags: int) -> None:
    """What is expected of 20 blocks is seen in 4,000 worlds, and is well below the truth."""
    worlds = autoregressive(20 + 30, true, 5, 4000)[:, 30:]
    apart = worlds - worlds.mean(axis=1, keepdims=True)
    squares = (apart**2).sum(axis=1)
    seen = sum(((apart[:, lag:] * apart[:, :-lag]).sum(axis=1) / squares).mean() for lag in range(1, lags + 1))
    assert seen < sum(true**lag for lag in range(1, lags + 1)) - 0.04 * lags
    assert correlation_of(seen, lags, 20) == pytest.approx(true, abs=0.04)


@pytest.mark.parametrize("lags", [1, 2, 3])
@pytest.mark.parametrize("true", [0.1, 0.3, 0.6])
def test_what_is_expected_to_be_seen_is_the_formula_of_marriott_and_pope(true: float, lags: int) -> None:
    def expected(lag: int) -> float:
        bias = (1 + true) / (1 - true) * (1 - true**lag) + 2 * lag * true**lag
        return (1 - lag / 20) * true**lag - bias / 20

    seen = sum(expected(lag) for lag in range(1, lags + 1))
    assert correlation_of(seen - 1e-9, lags, 20) == pytest.approx(true)
    assert correlation_of(seen + 1e-9, lags, 20) == pytest.approx(true + 0.01)
    assert correlation_of(5.0, lags, 20) == 0.97


def test_an_effect_that_lasts_but_is_half_noise_is_not_overlooked() -> None:
    """Lag 1 says 0.3, as of an autoregression at 0.3; the first three say that it lasts."""
    random = np.random.default_rng(9)
    lasting = autoregressive(5000, 0.6, 9)[0] + random.standard_normal(5000)
    brief = autoregressive(5000, 0.3, 10)[0]
    assert effective_blocks(brief) == pytest.approx(5000 * 0.7 / 1.3, rel=0.1)
    assert effective_blocks(lasting) < 0.85 * effective_blocks(brief)


@pytest.mark.parametrize(("count", "lags"), [(7, 1), (8, 2), (11, 2), (12, 3), (40, 3)])
def test_few_blocks_are_asked_for_fewer_lags(count: int, lags: int) -> None:
    values = autoregressive(count, 0.5, count)[0]
    apart = values - values.mean()
    seen = [float(apart[lag:] @ apart[:-lag] / (apart @ apart)) for lag in range(1, lags + 1)]
    correlation = max(correlation_of(seen[0], 1, count), correlation_of(sum(seen), lags, count))
    assert effective_blocks(values) == pytest.approx(max(count * (1 - correlation) / (1 + correlation), 2))


def test_never_more_than_there_are_and_never_fewer_than_two() -> None:
    assert effective_blocks(np.tile([1.0, -1.0], 20)) == 40
    assert effective_blocks(np.linspace(0, 1, 40)) == 2
    alike = correlation_of(0.0, 1, 9)
    assert 0 < alike <= 0.2
    widest = max(alike, correlation_of(0.0, 2, 9))
    assert effective_blocks(np.ones(9)) == pytest.approx(9 * (1 - widest) / (1 + widest))
    assert 2 < effective_blocks(np.ones(9)) < 9


@pytest.mark.parametrize("count", [2, 3, 4])
def test_of_less_than_five_blocks_the_worst_is_assumed(count: int) -> None:
    found = mean_of(ALTERNATING[:count])
    assert found.effective_blocks == 2
    assert found.upper - found.lower > 2 * stats.sem(ALTERNATING[:count]) * stats.t.ppf(0.95, 1) * 0.8
    assert effective_blocks(ALTERNATING[:5]) == 5


def test_blocks_without_rows_do_not_count() -> None:
    values, rows = np.append(ALTERNATING, 1000.0), np.append(np.ones(20), 0.0)
    found = interval(lambda drawn: (drawn * rows) @ values / (drawn @ rows), rows, Sampling(0.95, 1, 20_000))
    assert found == mean_of(ALTERNATING)
    assert found.upper < 10


def test_one_block_has_no_bounds_and_no_block_nothing() -> None:
    alone = mean_of(np.array([3.0]))
    assert (alone.observed, alone.lower, alone.upper, alone.blocks) == (3, -math.inf, math.inf, 1)
    assert (alone.standard_error, alone.effective_blocks) == (math.inf, 1)
    nothing = interval(lambda drawn: drawn[:, 0], np.zeros(3), Sampling(0.95, 1))
    assert nothing is UNDEFINED
    assert (nothing.blocks, nothing.effective_blocks) == (0, 0)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_statistic_that_is_no_number_is_not_defined_and_has_no_bounds_if_it_hangs_on_one_block(value: float) -> None:
    nowhere = interval(lambda drawn: np.full(len(drawn), value), np.ones(9), Sampling(0.95, 1))
    assert nowhere is UNDEFINED
    hangs = interval(lambda drawn: np.where(drawn[:, 4] > 0, drawn[:, 0], value), np.ones(9), Sampling(0.95, 1))
    assert (hangs.observed, hangs.lower, hangs.upper, hangs.blocks) == (1, -math.inf, math.inf, 9)


def test_beyond_99_percent_the_bounds_are_scaled_as_students_are() -> None:
    """A thousand resamples do not know their own 99.99 % quantile."""
    sure, surest = (mean_of(ALTERNATING, confidence, resamples=1000) for confidence in (0.99, 0.9999))
    wider = stats.t.ppf(0.9999, 19) / stats.t.ppf(0.99, 19)
    assert surest.upper - surest.observed == pytest.approx(wider * (sure.upper - sure.observed), rel=1e-12)
    assert surest.observed - surest.lower == pytest.approx(wider * (sure.observed - sure.lower), rel=1e-12)


def test_resamples_that_are_shared_cannot_be_written_to() -> None:
    shared = draws(5, Sampling(0.95, 1))
    assert draws(5, Sampling(0.95, 1)) is shared
    with pytest.raises(ValueError, match="read-only"):
        shared[0, 0] = 7


@pytest.mark.parametrize(("correlation", "at_most"), [(0.0, 0.06), (0.6, 0.075)])
def test_a_bound_is_missed_as_often_as_it_says(correlation: float, at_most: float) -> None:
    """28 days, 400 worlds, 5 % each side. A plain percentile interval is missed by 22 % at 0.6."""
    worlds = autoregressive(28, correlation, 11, 400)
    found = [mean_of(world, resamples=200) for world in worlds]
    below, above = (np.mean([one.lower > 0 for one in found]), np.mean([one.upper < 0 for one in found]))
    assert 0.02 < below < at_most
    assert 0.02 < above < at_most

"""How sure a statistic is: a bootstrap over whole blocks, because the rows of one day move together."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import stats

from include.evaluation.means import Statistic
from include.features.matrix import Floats

NAN, INFINITE = float("nan"), float("inf")
ANY = 2  # the fewest blocks that have a variance
SUREST = 0.99  # the furthest quantile that a thousand resamples know; beyond it Student's tail is scaled from there
MOST_LAGS = 3
CORRELATIONS: Floats = np.arange(98) / 100
FEWEST = 5  # of fewer blocks nothing is known about how they follow each other: the worst is assumed


@dataclass(frozen=True)
class Sampling:
    """How to draw: the confidence of each one-sided bound, the seed, and how many resamples."""

    confidence: float
    seed: int
    resamples: int = 1000


@dataclass(frozen=True)
class Interval:
    """A statistic with its one-sided bounds.

    `blocks` have rows, and are worth `effective_blocks` independent ones. The bounds are infinite where one block alone
    holds what the statistic needs, and NaN where it is not defined.
    """

    observed: float
    lower: float
    upper: float
    standard_error: float
    blocks: int
    effective_blocks: float


UNDEFINED = Interval(NAN, NAN, NAN, NAN, 0, 0.0)


def interval(statistic: Statistic, rows: Floats, sampling: Sampling) -> Interval:
    """The statistic of all rows, with bounds from resampling those blocks that have rows, in the order of time.

    A percentile interval of a block bootstrap (Efron & Tibshirani, An Introduction to the Bootstrap, 1993, sections 8.5
    and 13.3), stretched about the observed value by what it lacks with few days that follow each other:

    - Student's t instead of the normal quantile, and the resampling variance times blocks / (blocks - 1) (Hesterberg,
      What Teachers Should Know about the Bootstrap, 2015, section 4);
    - the effective number of blocks instead of their number (see `effective_blocks`).

    How well the bounds hold is measured by `benchmarks/gate_error_rates.py`.
    """
    present = np.flatnonzero(rows)
    everything = np.ones((1, len(rows)))
    observed = float(statistic(everything)[0]) if len(present) else NAN
    if not np.isfinite(observed):
        return UNDEFINED
    left_out = statistic(everything - np.eye(len(rows))[present])
    if len(present) == 1 or not np.isfinite(left_out).all():
        return Interval(observed, -INFINITE, INFINITE, INFINITE, len(present), 1.0)
    drawn = np.zeros((sampling.resamples, len(rows)))
    drawn[:, present] = draws(len(present), sampling)
    level = min(sampling.confidence, SUREST)
    low, high = np.nanquantile(statistic(drawn), [1 - level, level])
    error, effective = standard_error(left_out)
    wider = _wider(len(present), effective)
    stretch = wider * float(stats.t.ppf(sampling.confidence, effective - 1) / stats.norm.ppf(level))
    return Interval(
        observed=observed,
        lower=observed - stretch * (observed - float(low)),
        upper=observed + stretch * (float(high) - observed),
        standard_error=error,
        blocks=len(present),
        effective_blocks=effective,
    )


@lru_cache(maxsize=8)
def draws(blocks: int, sampling: Sampling) -> Floats:
    """How often each block is drawn in each resample: as many draws as blocks, with replacement."""
    random = np.random.default_rng(sampling.seed)
    drawn = random.multinomial(blocks, np.full(blocks, 1 / blocks), size=sampling.resamples).astype(np.float64)
    drawn.flags.writeable = False  # every group with as many blocks shares it
    return drawn


def standard_error(left_out: Floats) -> tuple[float, float]:
    """The jackknife's standard error of a statistic, from its values without each block, and the effective blocks.

    The blocks are in the order of time and at least two.
    """
    count, effective = len(left_out), effective_blocks(left_out)
    return _wider(count, effective) * float(left_out.std() * (count - 1) / np.sqrt(count)), effective


def effective_blocks(left_out: Floats) -> float:
    """How many independent blocks are worth these, of which each value leaves one out: 2 .. their number.

    The left-out values follow each other as the blocks' influences do. As of a first-order autoregression with
    correlation r, n blocks are worth n (1 - r) / (1 + r) (Bayley & Hammersley, The "Effective" Number of Independent
    Observations, 1946). The correlation is the larger of what the first lag says and what the first three say together
    (fewer of less than twelve blocks): the first alone is blind where a day's effect lasts but is half noise.
    """
    count, apart = len(left_out), left_out - left_out.mean()
    squares = float(apart @ apart)
    if count < FEWEST:
        return float(ANY)
    lags = range(1, min(MOST_LAGS, count // 4) + 1)
    seen = [float(apart[lag:] @ apart[:-lag]) / squares if squares > 0 else 0.0 for lag in lags]
    correlation = max(correlation_of(seen[0], 1, count), correlation_of(sum(seen), len(seen), count))
    return max(count * (1 - correlation) / (1 + correlation), float(ANY))


def correlation_of(seen: float, lags: int, count: int) -> float:
    """The correlation, from 0 to 0.97, of which one would expect to see so large a sum of autocorrelations.

    What one sees is too small: the mean that is taken off follows the blocks. Its expectation to the order of 1 / n is
    that of Marriott & Pope, Bias in the Estimation of Autocorrelations, 1954, with the divisor n.
    """
    lag = np.arange(1, lags + 1)[:, None]
    power = CORRELATIONS**lag
    off = ((1 + CORRELATIONS) / (1 - CORRELATIONS) * (1 - power) + 2 * lag * power) / count
    expected = np.maximum.accumulate(((1 - lag / count) * power - off).sum(axis=0))
    place = int(np.searchsorted(expected, seen))
    return float(CORRELATIONS[min(place, len(CORRELATIONS) - 1)])


def _wider(count: int, effective: float) -> float:
    """By how much the standard error exceeds that of a plain resample of as many independent blocks.

    Blocks that follow each other spread less about their own mean than about the true one: the last factor.
    """
    each = count / effective
    return float(np.sqrt(count / (count - 1) * each / (1 - (each - 1) / (count - 1))))

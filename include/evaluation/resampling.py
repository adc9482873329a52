"""How sure a statistic is: a bootstrap over whole blocks, because the rows of one day move together."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from include.evaluation.means import Statistic
from include.features.matrix import Floats

NAN, INFINITE = float("nan"), float("inf")
ANY = 2  # the fewest blocks that have a variance
SUREST = 0.99  # the furthest quantile that a thousand resamples know; beyond it Student's tail is scaled from there
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
    effective = effective_blocks(left_out)
    wider = _wider(len(present), effective)
    stretch = wider * float(stats.t.ppf(sampling.confidence, effective - 1) / stats.norm.ppf(level))
    return Interval(
        observed=observed,
        lower=observed - stretch * (observed - float(low)),
        upper=observed + stretch * (float(high) - observed),
        standard_error=wider * float(left_out.std() * (len(present) - 1) / np.sqrt(len(present))),
        blocks=len(present),
        effective_blocks=effective,
    )


def draws(blocks: int, sampling: Sampling) -> Floats:
    """How often each block is drawn in each resample: as many draws as blocks, with replacement."""
    random = np.random.default_rng(sampling.seed)
    return random.multinomial(blocks, np.full(blocks, 1 / blocks), size=sampling.resamples).astype(np.float64)


def effective_blocks(left_out: Floats) -> float:
    """How many independent blocks are worth these, of which each value leaves one out: 2 .. their number.

    The left-out values follow each other as the blocks' influences do. As of a first-order autoregression with
    correlation r, n blocks are worth n (1 - r) / (1 + r) (Bayley & Hammersley, The "Effective" Number of Independent
    Observations, 1946). The observed r is too small by (1 + 4 r) / n (Marriott & Pope, Bias in the Estimation of
    Autocorrelations, 1954), which is put back. A negative r is taken for none: it would make the interval narrower.
    """
    count, apart = len(left_out), left_out - left_out.mean()
    if count < FEWEST:
        return float(ANY)
    squares = float(apart @ apart)
    observed = float(apart[1:] @ apart[:-1]) / squares if squares > 0 else 0.0
    correlation = min(max((count * observed + 1) / (count - 4), 0.0), 1.0)
    return max(count * (1 - correlation) / (1 + correlation), float(ANY))


def _wider(count: int, effective: float) -> float:
    """By how much the standard error exceeds that of a plain resample of as many independent blocks.

    Blocks that follow each other spread less about their own mean than about the true one: the last factor.
    """
    each = count / effective
    return float(np.sqrt(count / (count - 1) * each / (1 - (each - 1) / (count - 1))))

"""How sure a statistic is: a bootstrap over whole blocks, because the rows of one day move together."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from include.evaluation.means import Statistic
from include.features.matrix import Floats

NAN, INFINITE = float("nan"), float("inf")


@dataclass(frozen=True)
class Sampling:
    """How to draw: the confidence of each one-sided bound, the seed, and how many resamples."""

    confidence: float
    seed: int
    resamples: int = 1000


@dataclass(frozen=True)
class Interval:
    """A statistic with its one-sided bounds, its standard error and the number of blocks behind it.

    The bounds are infinite where one block alone holds what the statistic needs, and NaN where it is not defined.
    """

    observed: float
    lower: float
    upper: float
    standard_error: float
    blocks: int


UNDEFINED = Interval(NAN, NAN, NAN, NAN, 0)


def interval(statistic: Statistic, rows: Floats, sampling: Sampling) -> Interval:
    """The statistic of all rows, with bounds from resampling those blocks that have rows."""
    present = np.flatnonzero(rows)
    everything = np.ones((1, len(rows)))
    observed = float(statistic(everything)[0]) if len(present) else NAN
    if not np.isfinite(observed):
        return UNDEFINED
    left_out = statistic(everything - np.eye(len(rows))[present])
    if len(present) == 1 or not np.isfinite(left_out).all():
        return Interval(observed, -INFINITE, INFINITE, INFINITE, len(present))
    drawn = np.zeros((sampling.resamples, len(rows)))
    drawn[:, present] = draws(len(present), sampling)
    low, high = np.nanquantile(statistic(drawn), [1 - sampling.confidence, sampling.confidence])
    stretch, error = _stretch(left_out, sampling.confidence)
    lower, upper = observed - stretch * (observed - low), observed + stretch * (high - observed)
    return Interval(observed, float(lower), float(upper), error, len(present))


def draws(blocks: int, sampling: Sampling) -> Floats:
    """How often each block is drawn in each resample: as many draws as blocks, with replacement."""
    random = np.random.default_rng(sampling.seed)
    return random.multinomial(blocks, np.full(blocks, 1 / blocks), size=sampling.resamples).astype(np.float64)


def _stretch(left_out: Floats, confidence: float) -> tuple[float, float]:
    count = len(left_out)
    error = float(np.sqrt((count - 1) / count * ((left_out - left_out.mean()) ** 2).sum()))
    student = stats.t.ppf(confidence, count - 1) / stats.norm.ppf(confidence)
    return float(student * np.sqrt(count / (count - 1))), error

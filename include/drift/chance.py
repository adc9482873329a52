"""What chance alone does to a window of days: how sure an effect is, with days as blocks.

Rows of one day are alike, and days that follow each other are, so that a window of a week moves even where nothing
changed: by far more than its number of rows tells, however large it is. How far is seen in the reference itself: in how
far its own windows of as many days lie from all of it.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import fdtrc, stdtr, stdtrit

from include.lake.cells import Floats
from include.lake.distance import excess_psi

FEWEST_BLOCKS = 4  # a reference of fewer windows is cut into shorter ones: they lie farther apart, not closer


@dataclass(frozen=True)
class Days:
    """Rows per day and bin of one column, days in order.

    `spread` are days of the reference that tell how far days lie apart, where they are others than those of
    `reference`: a prediction's held-out days are few. The means are those of a day's numbers, NaN where it has none;
    categories have no means.
    """

    reference: Floats
    current: Floats
    spread: Floats
    reference_means: Floats | None = None
    current_means: Floats | None = None
    spread_means: Floats | None = None


@dataclass(frozen=True)
class Effect:
    """PSI less what chance adds by the number of rows, its interval, and the chance of as much without a change."""

    value: float
    lower: float
    upper: float
    p_value: float


def effect_of(days: Days, confidence: float) -> Effect:
    """The effect over all days of both windows; infinite, and sure, where one of them has no row at all."""
    before, now = days.reference.sum(axis=0), days.current.sum(axis=0)
    value = excess_psi(before, now)
    if not before.sum() or not now.sum():
        return Effect(value, value, value, 0.0 if value else 1.0)
    length = min(len(days.current), max(1, len(days.spread) // FEWEST_BLOCKS))
    margin = _margin(days, before, now, length, confidence)
    return Effect(value, max(0.0, value - margin), value + margin, _any_change(days, length))


def _any_change(days: Days, length: int) -> float:
    """Of three questions the surest answer, times three (Bonferroni): the shape, what is missing, the mean.

    The index has a ceiling, which days that lie far apart already come near; missing values and the mean have none.
    """
    there = (_present(days.reference), _present(days.current), _present(days.spread))
    asked = [p_value(days.reference, days.current, days.spread, length), p_value(*there, length)]
    if days.reference_means is not None and days.current_means is not None and days.spread_means is not None:
        asked.append(mean_p_value(days.reference_means, days.current_means, days.spread_means, length))
    return min(1.0, len(asked) * min(asked))


def _present(counts: Floats) -> Floats:
    """Rows per day with a value and without."""
    return np.column_stack([counts[:, :-1].sum(axis=1), counts[:, -1]])


def mean_p_value(reference: Floats, current: Floats, spread: Floats, length: int) -> float:
    """The chance of daily means that lie as far apart without a change, two-sided; 1 where there is nothing to compare.

    Student's t over the means of the reference's windows of `length` days, see `p_value`.
    """
    before, now, daily = (means[~np.isnan(means)] for means in (reference, current, spread))
    blocks, share = len(daily) / length, length / max(len(daily), 1)
    if blocks <= 1 or not len(before) or not len(now):
        return 1.0
    windows = np.convolve(daily, np.full(length, 1 / length), mode="valid")
    apart = float(np.mean((windows - daily.mean()) ** 2)) * (1 + share) / (1 - share)
    gap = abs(float(now.mean() - before.mean()))
    if not apart:
        return 0.0 if gap else 1.0
    return float(2 * stdtr(blocks - 1, -gap / math.sqrt(apart)))


def p_value(reference: Floats, current: Floats, spread: Floats, length: int) -> float:
    """The chance of a PSI at least as large without a change, of rows per day and bin.

    PSI is a sum of squares of differences of shares. Without a change its mean is what rows add,
    (bins - 1)(1/n + 1/m), and what days add, which the reference's own windows of `length` days show. Over that mean it
    is distributed as F: the design effect of cluster samples (Rao & Scott, Annals of Statistics 12, 1984, section 4)
    with Satterthwaite's degrees of freedom, and as many below as the reference has windows, less one. What days add is
    taken to move all bins together, the case with the heaviest tail. 1 where the reference is no longer than a window.
    """
    before, now = reference.sum(axis=0), current.sum(axis=0)
    freedom, blocks = len(before) - 1, len(spread) / length
    if blocks <= 1:
        return 1.0
    rows = freedom * (1 / before.sum() + 1 / now.sum())
    apart = _apart(spread, length)
    mean = apart + rows
    first = mean**2 / (apart**2 + 2 * apart * rows / freedom + rows**2 / freedom)
    return float(fdtrc(first, blocks - 1, psi(before, now) / mean))


def _apart(counts: Floats, length: int) -> float:
    """What days add to the PSI of a window of so many days.

    The windows' mean excess over the whole, times what they share with it: (1 + s) / (1 - s), s the window's share of
    the days.
    """
    sums = np.cumsum(np.vstack([np.zeros(counts.shape[1]), counts]), axis=0)
    windows, whole = sums[length:] - sums[:-length], sums[-1]
    windows = windows[windows.sum(axis=1) > 0]
    if not len(windows):
        return 0.0
    freedom, share = counts.shape[1] - 1, length / len(counts)
    rows = freedom * np.maximum(1 / windows.sum(axis=1) - 1 / whole.sum(), 0)
    excess = float(np.mean(psi(whole, windows) - rows))
    return max(0.0, excess) * (1 + share) / (1 - share)


def psi(reference: Floats, current: Floats) -> Floats:
    """Population stability index of counts over the same bins, of each row of `current`; half a row on each bin."""
    bins = reference.shape[-1]
    q = (reference + 0.5) / (reference.sum(axis=-1, keepdims=True) + 0.5 * bins)
    p = (current + 0.5) / (current.sum(axis=-1, keepdims=True) + 0.5 * bins)
    return np.asarray(np.sum((p - q) * np.log(p / q), axis=-1))


def _margin(days: Days, before: Floats, now: Floats, length: int, confidence: float) -> float:
    """Half the width of the interval: Student's t of the current days times the linearised standard error.

    Each day's pull on the index is the sum of its shares times their derivatives; days that follow each other pull the
    same way, by as much as the reference's windows show.
    """
    if len(days.current) < 2:  # noqa: PLR2004 - one day alone does not tell how days differ
        return math.inf
    slope, back = _slope(before, now), _slope(now, before)
    alike = _alike(days.spread, slope, length)
    variance = alike * (_variance(days.current, slope) + _variance(days.reference, back))
    return float(stdtrit(len(days.current) - 1, (1 + confidence) / 2)) * math.sqrt(variance)


def _slope(other: Floats, moving: Floats) -> Floats:
    """The derivative of PSI by each share of the moving window: ln(p / q) + 1 - q / p."""
    bins = len(other)
    q, p = (other + 0.5) / (other.sum() + 0.5 * bins), (moving + 0.5) / (moving.sum() + 0.5 * bins)
    return np.asarray(np.log(p / q) + 1 - q / p)


def _variance(counts: Floats, slope: Floats) -> float:
    """Of the window's mean slope, days being independent (Cochran, Sampling Techniques, 1977, 6.3: a ratio of sums)."""
    rows = counts.sum(axis=1)
    pulls = counts @ slope - rows * (counts.sum(axis=0) @ slope / rows.sum())
    return float(np.sum(pulls**2) / rows.sum() ** 2 * len(counts) / max(len(counts) - 1, 1))


def _alike(counts: Floats, slope: Floats, length: int) -> float:
    """By how much the means of so many days in a row vary more than those of days drawn at random, at least 1."""
    rows = counts.sum(axis=1)
    daily = (counts @ slope)[rows > 0] / rows[rows > 0]
    if len(daily) <= length or not daily.std() or length == 1:
        return 1.0
    means = np.convolve(daily, np.full(length, 1 / length), mode="valid")
    return max(1.0, float(means.var() / daily.var()) * length)

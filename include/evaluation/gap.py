"""The gap of a rate between groups, and how sure it is when whole days are the unit."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from include.evaluation.estimate import Estimate
from include.evaluation.tally import Tally
from include.features.matrix import Floats

RESAMPLES = 1000
TOGETHER = 2**22  # numbers of resamples by pairs that are in memory at a time: 200 groups have 40,000 pairs
Pair = tuple[int, int, int]  # a rate and two groups


def pairs_of(judged: npt.NDArray[np.bool_]) -> list[Pair]:
    """Every two groups that are judged by the same rate; `judged` is by rate and group."""
    return [(rate, *two) for rate, row in enumerate(judged) for two in combinations(np.flatnonzero(row).tolist(), 2)]


def widest(tally: Tally, pairs: Sequence[Pair]) -> Pair:
    """The pair with the largest gap, the group with the higher rate first."""
    difference, _ = _contrasts(tally, pairs)
    place = int(np.abs(difference).argmax())
    rate, first, second = pairs[place]
    return (rate, first, second) if difference[place] >= 0 else (rate, second, first)


def gap(tally: Tally, pairs: Sequence[Pair], confidence: float, seed: int) -> Estimate:
    """The largest difference of all pairs, with one-sided bounds that hold for all pairs at once.

    Where groups are alike the lower bound is above 0 with a chance of about 1 - confidence, however many groups there
    are and however much their noise widens the gap that is seen.
    """
    difference, parts = _contrasts(tally, pairs)
    error = np.sqrt(np.square(parts).sum(axis=0) * tally.days / (tally.days - 1))
    reach = _critical(parts[:, error > 0], confidence, seed) * error
    size = np.abs(difference)
    lower, upper = float((size - reach).max()), float((size + reach).max())
    return Estimate(value=float(size.max()), lower=max(0.0, lower), upper=upper)


def increase(challenger: Tally, champion: Tally, pairs: Sequence[Pair], confidence: float, seed: int) -> Estimate:
    """The challenger's gap less the champion's, both resampled with the same days; Student's t on the error.

    Noise widens both gaps alike, so that most of its bias is not in their difference.
    """
    days, gaps = challenger.days, []
    weights = _signs(days, seed) * np.sqrt(days / (days - 1))
    for tally in (challenger, champion):
        difference, parts = _contrasts(tally, pairs)
        drawn = [np.abs(difference + some @ parts).max(axis=1) for some in _in_parts(weights, len(pairs))]
        gaps.append((np.abs(difference).max(), np.concatenate(drawn)))
    (ours, ours_drawn), (theirs, theirs_drawn) = gaps
    reach = float(stdtrit(days - 1, confidence)) * float(np.std(ours_drawn - theirs_drawn))
    value = float(ours - theirs)
    return Estimate(value=value, lower=value - reach, upper=value + reach)


def _contrasts(tally: Tally, pairs: Sequence[Pair]) -> tuple[Floats, Floats]:
    """For each pair the difference of its rates, and by day what the day adds to the error of that difference.

    A day's part is linear: the residuals of its rows over all rows of the group (Cochran, Sampling Techniques (1977),
    section 6.4).
    """
    rate, first, second = np.array(pairs).T
    shares = tally.shares
    with np.errstate(invalid="ignore"):
        parts = (tally.sums - shares[:, :, None] * tally.rows) / tally.rows.sum(axis=2, keepdims=True)
    return shares[rate, first] - shares[rate, second], (parts[rate, first] - parts[rate, second]).T


def _critical(parts: Floats, confidence: float, seed: int) -> float:
    """By how many of its own standard errors the worst of all pairs is off, at this confidence.

    A resample gives each day's part a random sign (wild cluster bootstrap-t: Cameron, Gelbach & Miller, Review of
    Economics and Statistics 90 (2008)); what counts is the largest studentised difference of all pairs (Romano & Wolf,
    JASA 100 (2005)).
    """
    worst = [_worst(signs, parts) for signs in _in_parts(_signs(len(parts), seed), parts.shape[1])]
    return float(np.quantile(np.concatenate(worst), confidence))


def _worst(signs: Floats, parts: Floats) -> Floats:
    """The largest studentised difference of each resample."""
    off, days = signs @ parts, len(parts)
    error = np.sqrt((np.square(parts).sum(axis=0) - np.square(off) / days) * days / (days - 1))
    return np.asarray(np.abs(off / error).max(axis=1, initial=0))


def _in_parts(resamples: Floats, pairs: int) -> Iterator[Floats]:
    count = max(TOGETHER // max(pairs, 1), 1)
    return (resamples[start : start + count] for start in range(0, len(resamples), count))


def _signs(days: int, seed: int) -> Floats:
    return np.random.default_rng(seed).choice([-1.0, 1.0], (RESAMPLES, days))

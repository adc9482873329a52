"""Testing by betting: how rich one gets who bets against a claim about a mean.

Who bets on observations in [low, high] that their mean exceeds m, and puts a fixed part of the wealth on each, has
after them the wealth prod(1 + f (x - m) / (m - low)). If no observation is expected above m, given those before it,
this is a supermartingale, and by Ville's inequality it ever reaches 1/alpha with a chance of at most alpha
(Waudby-Smith and Ramdas, Estimating means of bounded random variables by betting, 2024). Here the stake is spread over
a grid of f, so that nobody has to know beforehand how large the excess is; the wealth then depends on how often each
value came, and not on the order. It needs no distribution, no variance and no independence: only conditional means.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from include.features.matrix import Floats

STAKED = np.geomspace(2.0**-9, 0.98, 12)
FRACTIONS = np.concatenate([[0.0], STAKED])
SPREAD = np.log(np.concatenate([[0.25], np.full(len(STAKED), 0.75 / len(STAKED))]))  # a quarter is never staked
SMALLEST = 1e-12  # stands in for 0 where a bet would be unlimited


class Sample(NamedTuple):
    """Observations in [`low`, `high`]: how often each of the values came."""

    values: Floats
    counts: Floats
    low: float = 0.0
    high: float = 1.0

    @property
    def size(self) -> int:
        """How many observations there are."""
        return int(self.counts.sum())

    @property
    def mean(self) -> float:
        """Their mean, 0 where there are none."""
        return float(self.values @ self.counts / self.counts.sum()) if self.size else 0.0

    def mirrored(self) -> "Sample":
        """The same seen from above: what was high is low."""
        return self._replace(values=self.low + self.high - self.values)


def of(values: Floats, low: float = 0.0, high: float = 1.0) -> Sample:
    """The sample of these observations, clipped to their bounds."""
    found, counts = np.unique(np.clip(values, low, high), return_counts=True)
    return Sample(found.astype(float), counts.astype(float), low, high)


def rate(events: int, cases: int) -> Sample:
    """So many yes among so many cases."""
    return Sample(np.array([0.0, 1.0]), np.array([cases - events, events], dtype=float))


def above(sample: Sample, means: Floats) -> Floats:
    """The logarithm of the wealth against each claim "the mean is at most m"; it falls as m grows."""
    room = np.maximum(means - sample.low, SMALLEST)
    stakes = FRACTIONS[:, None, None] * ((sample.values - means[:, None]) / room[:, None])[None]
    return _wealth(np.log1p(stakes) @ sample.counts)


def below(sample: Sample, means: Floats) -> Floats:
    """The logarithm of the wealth against each claim "the mean is at least m"; it grows with m."""
    return above(sample.mirrored(), sample.low + sample.high - means)


def interval(sample: Sample, alpha: float) -> tuple[float, float]:
    """Bounds that hold the mean at all times together with a chance of 1 - alpha."""
    enough = np.log(2 / alpha)
    lower = _last(lambda mean: above(sample, np.array([mean]))[0] >= enough, sample.low, sample.mean)
    upper = _last(lambda mean: below(sample, np.array([mean]))[0] >= enough, sample.high, sample.mean)
    return lower, upper


def _last(refuted: Callable[[float], bool], start: float, end: float, rounds: int = 40) -> float:
    """How far one can go from start towards end while the claim is refuted."""
    if not refuted(start):
        return start
    for _ in range(rounds):
        middle = (start + end) / 2
        start, end = (middle, end) if refuted(middle) else (start, middle)
    return start


def _wealth(grown: Floats) -> Floats:
    """The logarithm of all that the parts of the wealth have become."""
    found: Floats = logsumexp(grown + SPREAD[:, None], axis=0)
    return found

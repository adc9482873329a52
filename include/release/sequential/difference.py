"""By how much the mean of one stream exceeds that of another, where each request goes to one of them.

For every mean m the first stream might have, one bets on it against "at least m", and on the second against "at most
m + delta". Each request multiplies one of the two, so their product is a supermartingale if the claim "second - first
is at most delta" holds and m is the first one's mean. Nobody knows which m that is: the smallest product over all of
them refutes the claim, whatever the truth is.
"""

from collections.abc import Callable

import numpy as np

from include.features.matrix import Floats
from include.release.sequential.betting import Sample, above, below

CELLS, ROUNDS, WORST, PARTS = 48, 4, 8, 8


def exceeds(first: Sample, second: Sample, delta: float) -> float:
    """The logarithm of the evidence against "second - first is at most delta"."""
    ends = np.linspace(first.low, first.high, CELLS + 1)

    def least(left: Floats, right: Floats) -> Floats:
        """A bound for all means of the cell: the one wealth falls with m, and the other grows."""
        return above(second, np.minimum(right + delta, second.high)) + below(first, left)

    return _smallest(ends[:-1], ends[1:], least)


def falls_short(first: Sample, second: Sample, delta: float) -> float:
    """The logarithm of the evidence against "second - first is at least delta"."""
    ends = np.linspace(first.low, first.high - delta, CELLS + 1)

    def least(left: Floats, right: Floats) -> Floats:
        return below(second, left + delta) + above(first, right)

    return _smallest(ends[:-1], ends[1:], least)


def _smallest(left: Floats, right: Floats, least: Callable[[Floats, Floats], Floats]) -> float:
    """The smallest bound over all cells, after the worst of them were cut into parts a few times."""
    bounds = least(left, right)
    for _ in range(ROUNDS):
        worst = np.argsort(bounds)[:WORST]
        parts = np.linspace(left[worst], right[worst], PARTS + 1)
        fresh = parts[:-1].ravel(), parts[1:].ravel()
        left = np.concatenate([np.delete(left, worst), fresh[0]])
        right = np.concatenate([np.delete(right, worst), fresh[1]])
        bounds = np.concatenate([np.delete(bounds, worst), least(*fresh)])
    return float(bounds.min())

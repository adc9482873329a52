"""Bounds of a quantile that hold at all times: those of the share of observations below each of its candidates.

Howard and Ramdas, Sequential estimation of quantiles with applications to A/B testing and best-arm identification,
2022. A quantile q lies above x if surely fewer than the part q of all is at most x.
"""

from collections.abc import Callable

import numpy as np

from include.features.matrix import Floats
from include.release.sequential.betting import above, below, rate


def bounds(observed: Floats, part: float, alpha: float) -> tuple[float, float]:
    """Between which two observations the quantile lies; infinite where too few were seen."""
    ordered, size, enough = np.sort(observed), len(observed), np.log(2 / alpha)
    claim = np.array([part])
    sure_below = _first(size, lambda count: bool(below(rate(count, size), claim)[0] < enough))
    sure_above = _first(size, lambda count: bool(above(rate(count, size), claim)[0] >= enough))
    lower = float(ordered[sure_below - 1]) if sure_below > 0 else -np.inf
    upper = float(ordered[sure_above - 1]) if 0 < sure_above <= size else np.inf
    return lower, upper


def _first(size: int, holds: Callable[[int], bool]) -> int:
    """The first count up to `size` for which it holds, given that it holds for all after it; size + 1 if for none."""
    low, high = 0, size + 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low

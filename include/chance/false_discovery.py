"""Many slices or features are judged at once: of those called worse, only a few may be called so by chance."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

Floats = NDArray[np.float64]


def chance_of_as_bad(improvement: float, standard_error: float, blocks: float, bound: float) -> float:
    """One-sided p-value of an improvement against the hypothesis that the true one is `bound` or more.

    Student's t with blocks - 1 degrees of freedom, the blocks being worth so many independent ones. Blocks that all
    agree leave no doubt: 0 below the bound, else 1. NaN where there is no improvement or no second block.

    Example: improvement -0.02, standard error 0.01, 14 blocks, bound -0.01 -> 0.168
    """
    if math.isnan(improvement) or math.isnan(standard_error) or blocks <= 1:
        return math.nan
    if standard_error == 0:
        return 0.0 if improvement < bound else 1.0
    return float(stdtr(blocks - 1, (improvement - bound) / standard_error))


def adjusted(p_values: Floats) -> Floats:
    """Each p-value as the smallest false discovery rate at which it counts as a discovery, in the order given.

    Benjamini & Hochberg, Controlling the false discovery rate, J. R. Stat. Soc. B 57 (1995), section 3. It holds for
    independent tests and for positively dependent ones, such as slices that share rows (Benjamini & Yekutieli, Annals
    of Statistics 29 (2001), theorem 1.2). While no slice is worse, the chance of any discovery is at most the rate.
    """
    count = len(p_values)
    order = np.argsort(p_values, kind="stable")
    scaled = p_values[order] * (count / np.arange(1, count + 1))
    found = np.empty(count)
    found[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1)
    return found

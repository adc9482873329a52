"""McNemar's comparison of two accuracies on the same rows, each row for itself."""

import numpy as np
from scipy import optimize, stats

from include.evaluation.estimate import Difference
from include.evaluation.means import losses
from include.features.matrix import Floats


def mcnemar(target: Floats, challenger: Floats, champion: Floats, confidence: float) -> Difference:
    """The improvement in accuracy with mid-p bounds, each at `confidence`. Its blocks are the rows.

    Only rows on which one of the two is right tell them apart. Given their number, wins are binomial: the bounds are
    those of the mid-p interval of the share of wins (Lancaster 1961), so that a bound lies beyond 0 where McNemar's
    mid-p test says so. Rows count as independent: where the rows of a day move together, the bounds are too narrow.
    """
    right = losses("accuracy", target, challenger) - losses("accuracy", target, champion)
    wins, lost, rows = int((right > 0).sum()), int((right < 0).sum()), len(right)
    discordant = wins + lost
    low, high = share_bounds(wins, discordant, 1 - confidence)
    return Difference(
        observed=(wins - lost) / rows,
        lower=(2 * low - 1) * discordant / rows,
        upper=(2 * high - 1) * discordant / rows,
        standard_error=float(np.sqrt(discordant - (wins - lost) ** 2 / rows)) / rows,
        blocks=rows,
        effective_blocks=rows,
    )


def p_value(wins: int, lost: int, *, mid: bool = True) -> float:
    """Two-sided p-value of McNemar's test that wins and losses are equally likely: mid-p, or exact.

    McNemar 1947; for mid-p rather than exact: Fagerland, Lydersen & Laake, The McNemar test for binary matched-pairs
    data, BMC Med Res Methodol 13 (2013), whose example is 1 against 7 -> 0.039 (mid-p), 0.070 (exact).
    """
    fewer, discordant = min(wins, lost), wins + lost
    tail = float(stats.binom.cdf(fewer, discordant, 0.5))
    exactly = float(stats.binom.pmf(fewer, discordant, 0.5))
    return min(1.0, 2 * tail - (exactly if mid else 0.0))


def share_bounds(wins: int, of: int, alpha: float) -> tuple[float, float]:
    """One-sided mid-p bounds of a binomial share, each missed with a chance of about alpha; 0 to 1 of nothing.

    Example: 8 of 10, alpha 0.05 -> 0.533, 0.949
    """
    return _lowest(wins, of, alpha), 1 - _lowest(of - wins, of, alpha)


def _lowest(wins: int, of: int, alpha: float) -> float:
    """The share at which so many wins or more, of which exactly as many count half, have the chance alpha."""
    if wins == 0:
        return 0.0

    def off(share: float) -> float:
        return float(stats.binom.sf(wins, of, share) + stats.binom.pmf(wins, of, share) / 2) - alpha

    return float(optimize.brentq(off, 0.0, 1.0))

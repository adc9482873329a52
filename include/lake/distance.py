"""How far two profiles of a column are apart: over the bins of the first one, which are its deciles."""

import math

import numpy as np

from include.lake.cells import Cells, Floats, common
from include.lake.profile import CategoryProfile, ColumnProfile, NumericProfile

BINS = 10
TOP_CATEGORIES = 20


def excess_psi(reference: Floats, current: Floats) -> float:
    """Population stability index of two vectors of counts over the same bins, less its expectation under no change.

    PSI = sum (p - q) ln(p / q). Without a change it is distributed as (1/n + 1/m) chi-squared with bins - 1 degrees
    of freedom (Yurdakul, Statistical Properties of Population Stability Index, 2018, chapter 3), so its mean
    (bins - 1) (1/n + 1/m) is subtracted. Half a row is added to each bin, so that an empty one stays finite.
    """
    n, m = float(reference.sum()), float(current.sum())
    if n == 0 or m == 0:
        return 0.0 if n == m else math.inf
    q = (reference + 0.5) / (n + 0.5 * len(reference))
    p = (current + 0.5) / (m + 0.5 * len(current))
    psi = float(np.sum((p - q) * np.log(p / q)))
    return max(0.0, psi - (len(q) - 1) * (1 / n + 1 / m))


def shares_of(reference: ColumnProfile, current: ColumnProfile) -> tuple[Floats, Floats]:
    """Rows per bin of both windows: the reference's deciles or commonest categories, and missing values."""
    if isinstance(reference, NumericProfile) and isinstance(current, NumericProfile):
        before, now = common(reference.distribution, current.distribution)
        edges = _edges(before)
        return _numeric(before, edges, reference.nulls), _numeric(now, edges, current.nulls)
    if isinstance(reference, CategoryProfile) and isinstance(current, CategoryProfile):
        known = sorted(reference.counts, key=lambda value: (-reference.counts[value], value))[:TOP_CATEGORIES]
        return _categories(reference, known), _categories(current, known)
    raise TypeError("reference and current window profile the column as different kinds")


def largest_gap(reference: NumericProfile, current: NumericProfile) -> float:
    """The Kolmogorov-Smirnov statistic: the largest difference of the two distribution functions at a cell's end.

    It is at most the true one, and less by no more than the share of the values in the fullest cell.
    """
    before, now = common(reference.distribution, current.distribution)
    if not before.total or not now.total:
        return 0.0 if before.total == now.total else 1.0
    edges = np.union1d(before.upper, now.upper)
    return float(np.max(np.abs(before.below(edges) / before.total - now.below(edges) / now.total)))


def _edges(cells: Cells) -> Floats:
    """The ends of the cells that hold the deciles, so that every bin is a sum of cells.

    A cell that holds several deciles, or the minimum, gets its own bin: what lies below must not hide there.
    """
    if not cells.total:
        return np.zeros(0)
    ends = np.cumsum(cells.counts)
    ranks = np.arange(1, BINS) * cells.total
    places, times = np.unique(np.searchsorted(ends * BINS, ranks), return_counts=True)
    alone = places[(times > 1) | (places == 0)]
    return np.unique(np.concatenate([cells.upper[places], np.nextafter(cells.lower[alone], -np.inf)]))


def _numeric(cells: Cells, edges: Floats, nulls: int) -> Floats:
    below = cells.below(edges)
    return np.concatenate([np.diff(np.concatenate([[0.0], below, [cells.total]])), [float(nulls)]])


def _categories(profile: CategoryProfile, known: list[str]) -> Floats:
    counts = [float(profile.counts.get(value, 0)) for value in known]
    others = profile.count - sum(counts)
    return np.array([*counts, others, float(profile.nulls)])

"""How far two profiles of a column are apart: over the bins of the first one, which are its deciles."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

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
    bins = bins_of(reference)
    return bins.counts(reference), bins.counts(current)


@dataclass(frozen=True)
class Bins:
    """What the rows of many windows are counted over: ends of deciles, or the commonest categories; one more is for
    other categories, and the last for missing values."""

    edges: Floats | None = None
    known: tuple[str, ...] = ()

    def counts(self, column: ColumnProfile) -> Floats:
        """Rows per bin. A cell that reaches over the end of a bin counts on both sides in proportion."""
        if isinstance(column, NumericProfile) and self.edges is not None:
            return _numeric(column.distribution, self.edges, column.nulls)
        if isinstance(column, CategoryProfile) and self.edges is None:
            return _categories(column, self.known)
        raise TypeError("reference and current window profile the column as different kinds")

    @property
    def size(self) -> int:
        """How many bins there are."""
        return len(self.known if self.edges is None else self.edges) + 2


def bins_of(reference: ColumnProfile) -> Bins:
    """The bins of a reference column, for any other window of it."""
    if isinstance(reference, NumericProfile):
        return Bins(edges=_edges(reference.distribution))
    ranked = sorted(reference.counts, key=lambda value: (-reference.counts[value], value))
    return Bins(known=tuple(ranked[:TOP_CATEGORIES]))


def largest_gap(reference: NumericProfile, current: NumericProfile) -> float:
    """The Kolmogorov-Smirnov statistic: the largest difference of the two distribution functions at a cell's end.

    It is at most the true one, and less by no more than the share of the values in the fullest cell.
    """
    before, now = common(reference.distribution, current.distribution)
    if not before.total or not now.total:
        return 0.0 if before.total == now.total else 1.0
    edges = np.union1d(before.upper, now.upper)
    return float(np.max(np.abs(before.below(edges) / before.total - now.below(edges) / now.total)))


def moved(reference: Floats, current: Floats) -> float:
    """Total variation of two vectors of counts: the share of rows that would have to change bins to undo the change.

    Example: [50, 50], [20, 80] -> 0.3
    """
    return 0.5 * float(np.abs(_shares(reference) - _shares(current)).sum())


def jensen_shannon(reference: Floats, current: Floats) -> float:
    """Jensen-Shannon distance of two vectors of counts, base 2: 0 where they agree, 1 where nothing is common.

    The root of the mean divergence from the mixture (Endres & Schindelin, A new metric for probability distributions,
    IEEE Trans. Inf. Theory 49, 2003); `scipy.spatial.distance.jensenshannon(p, q, base=2)`.
    """
    q, p = _shares(reference), _shares(current)
    middle = (p + q) / 2
    divergence = sum(float(np.sum(one[one > 0] * np.log2(one[one > 0] / middle[one > 0]))) for one in (p, q)) / 2
    return math.sqrt(max(divergence, 0.0))


def wasserstein(reference: NumericProfile, current: NumericProfile) -> float:
    """How far a value moved on average, in standard deviations of the reference; infinite where that is 0.

    The area between the two quantile functions (Vallender, Theory of Probability and its Applications 18, 1974) over
    the deviation. Within a cell values are spread evenly: the error is at most the widest cell. NaN without values.
    """
    if not reference.count or not current.count:
        return math.nan
    before, now = reference.distribution, current.distribution
    ranks = np.union1d(np.cumsum(before.counts) / before.total, np.cumsum(now.counts) / now.total)
    steps = np.diff(ranks, prepend=0.0)
    middle = ranks - steps / 2
    area = float(np.sum(steps * np.abs(before.quantiles(middle) - now.quantiles(middle))))
    if not area:
        return 0.0
    return area / reference.deviation if reference.deviation else math.inf


def cramers_v(reference: CategoryProfile, current: CategoryProfile) -> float:
    """Cramer's V between window and category, both windows given the same weight: 0 to 1, whatever their sizes.

    V^2 = 1/2 sum (p - q)^2 / (p + q), Cramer, Mathematical Methods of Statistics, 1946, 21.9, for two rows of equal
    size. Categories that a profile only counts together are one. NaN without values.
    """
    if not reference.count or not current.count:
        return math.nan
    names = sorted({*reference.counts, *current.counts})
    before, now = (
        _shares(np.array([*(one.counts.get(name, 0) for name in names), one.other], np.float64))
        for one in (reference, current)
    )
    there = before + now > 0
    squares = (before - now)[there] ** 2 / (before + now)[there]
    return math.sqrt(min(1.0, float(squares.sum()) / 2))


def _shares(counts: Floats) -> Floats:
    """Of each bin; all 0 where there is no row."""
    return np.asarray(counts / max(float(counts.sum()), 1.0))


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


def _categories(profile: CategoryProfile, known: Sequence[str]) -> Floats:
    counts = [float(profile.counts.get(value, 0)) for value in known]
    others = profile.count - sum(counts)
    return np.array([*counts, others, float(profile.nulls)])

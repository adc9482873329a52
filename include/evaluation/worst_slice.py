"""The search for the worst slice: where, of all values of one or two columns, does the model do most harm?

The idea is Slice Finder's (Chung et al., arXiv:1807.06068): walk the lattice of conjunctions, prefer few conditions
and large slices, and ask for harm that is sure. Here a slice is ranked by its mean loss less four standard errors over
whole days, so that neither a handful of rows nor a single bad day comes first. A search always finds something; whether
it is real is judged on days that it did not see.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from include.evaluation.coded import Coded, Codes
from include.features.matrix import Floats

STANDARD_ERRORS = 4  # of ten thousand slices that are alike, the worst lies about so many out by chance
Term = tuple[str, str]  # a column and the group in it


@dataclass(frozen=True)
class Worst:
    """The slice that was found, as one or two terms that hold together, and how many slices were compared."""

    terms: tuple[Term, ...]
    compared: int

    def rows(self, groups: Mapping[str, Coded]) -> npt.NDArray[np.bool_]:
        """Which rows lie in it."""
        held = [groups[name].codes == groups[name].names.index(value) for name, value in self.terms]
        return np.asarray(np.logical_and.reduce(held))


@dataclass(frozen=True)
class _Best:
    names: tuple[str, ...]
    cell: int
    mean: float
    bound: float


def worst(loss: Floats, days: Codes, groups: Mapping[str, Coded], min_rows: int, min_days: int) -> Worst | None:
    """The slice with the largest sure mean of `loss`, one value per row; None where no slice has enough rows and days.

    Two columns together have to be surely worse than the worst value of one: trimming by chance makes no slice.
    """
    best, compared = None, 0
    for names, codes, count in _cells(groups) if len(loss) else ():
        means, bounds = _ranked(loss, days, codes, count, min_rows, min_days)
        compared += int(np.isfinite(bounds).sum())
        cell = int(np.argmax(bounds))
        if bounds[cell] > _bar(best, names):
            best = _Best(names, cell, float(means[cell]), float(bounds[cell]))
    return None if best is None else Worst(_terms(groups, best.names, best.cell), compared)


def _bar(best: _Best | None, names: tuple[str, ...]) -> float:
    """What the bound of a slice of these columns must exceed: the mean of a best slice with fewer of them."""
    if best is None:
        return -math.inf
    return best.mean if len(best.names) < len(names) else best.bound


def _cells(groups: Mapping[str, Coded]) -> Iterator[tuple[tuple[str, ...], npt.NDArray[np.intp], int]]:
    """Every column and every pair of columns: its names, each row's cell and the number of cells."""
    for name, group in groups.items():
        yield (name,), group.codes.astype(np.intp), len(group.names)
    for (first, one), (second, other) in combinations(groups.items(), 2):
        cells = one.codes.astype(np.intp)
        cells *= len(other.names)
        cells += other.codes
        yield (first, second), cells, len(one.names) * len(other.names)


def _ranked(
    loss: Floats, days: Codes, cells: npt.NDArray[np.intp], count: int, min_rows: int, min_days: int
) -> tuple[Floats, Floats]:
    """For each cell its mean loss, and that less the standard errors: minus infinity with too few rows or days.

    The error is that of a ratio of daily sums (Cochran, Sampling Techniques (1977), section 6.4), but not less than
    that of as many independent rows: among thousands of cells some days agree by chance.
    """
    size = int(days.max()) + 1
    cells *= size
    cells += days
    rows = np.bincount(cells, minlength=count * size).reshape(count, size)
    sums = np.bincount(cells, weights=loss, minlength=count * size).reshape(count, size)
    total, present = rows.sum(axis=1), (rows > 0).sum(axis=1)
    judged = (total >= max(min_rows, 1)) & (present >= max(min_days, 2))
    total, present = np.maximum(total, 1), np.maximum(present, 2)
    means = sums.sum(axis=1) / total
    residual = np.square(sums - means[:, None] * rows).sum(axis=1) * present / (present - 1)
    error = np.sqrt(np.maximum(residual / total, loss.var()) / total)
    return means, np.where(judged, means - STANDARD_ERRORS * error, -np.inf)


def _terms(groups: Mapping[str, Coded], names: tuple[str, ...], cell: int) -> tuple[Term, ...]:
    places = np.unravel_index(cell, [len(groups[name].names) for name in names])
    return tuple((name, groups[name].names[int(place)]) for name, place in zip(names, places, strict=True))

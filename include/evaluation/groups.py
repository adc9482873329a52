"""Groups of rows by what one column says: the slices, the groups of fairness and the bins of the search."""

from collections.abc import Iterable, Mapping
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from include.evaluation.coded import Coded
from include.features.matrix import Floats
from include.lake.profile import ColumnProfile, NumericProfile, Profile
from include.spec import ModelSpec

MISSING, OTHER = "missing", "other"
BINS = 5
MOST_VALUES = 50  # beyond them a column is no longer a list that a reader takes in
FEW_NUMBERS = 12  # so many whole numbers are values of their own: weekdays, months


def groups_of(
    table: pa.Table,
    spec: ModelSpec,
    names: Iterable[str],
    edges: Mapping[str, tuple[float, ...]],
    reference: Profile,
    min_rows: int,
) -> dict[str, Coded]:
    """The group of every row by each named column.

    Numbers are cut at the declared `edges`, else at the quintiles of the reference window, so that all versions made
    of one window are cut alike; a number that is not profiled, as personal ones are not, at the quintiles of these
    rows. Values with fewer than `min_rows` rows are one group, `other`: too few to judge, and a rare value could tell
    who it was. A missing value is a group of its own.
    """
    return {
        name: _group(table[name], spec, name, edges.get(name), reference, min_rows) for name in dict.fromkeys(names)
    }


def _group(
    column: pa.ChunkedArray,
    spec: ModelSpec,
    name: str,
    edges: tuple[float, ...] | None,
    reference: Profile,
    min_rows: int,
) -> Coded:
    kind = spec.column(name).type
    is_listed = name in spec.features.categorical or kind not in {"int", "float"}
    if edges is None and (is_listed or (kind == "int" and pc.count_distinct(column).as_py() <= FEW_NUMBERS)):
        return by_value(column, min_rows)
    numbers = _numbers(column)
    if edges is not None:
        return by_number(numbers, edges)
    quintiles = _quintiles(numbers, reference.columns.get(name))
    return by_number(numbers, np.unique(np.floor(quintiles) if kind == "int" else _short(quintiles)))


def by_value(column: pa.ChunkedArray, min_rows: int) -> Coded:
    """One group per frequent value, in the values' order, then `other` and `missing` where there are any."""
    encoded = pc.dictionary_encode(column).combine_chunks()
    values, missing = encoded.dictionary, len(encoded.dictionary)
    codes = np.asarray(pc.fill_null(encoded.indices, missing).to_numpy(zero_copy_only=False))
    counts = np.bincount(codes, minlength=missing + 1)
    kept = _frequent(values, counts[:missing], min_rows)
    places = {name: place for place, name in enumerate(kept.cast(pa.string()).to_pylist())}
    for name, is_there in ((OTHER, len(kept) < missing), (MISSING, counts[missing] > 0)):
        if is_there:
            places.setdefault(name, len(places))
    group = np.full(missing + 1, places.get(OTHER, 0), dtype=np.int32)
    group[np.asarray(pc.index_in(kept, values))] = np.arange(len(kept))
    group[missing] = places.get(MISSING, 0)
    return Coded(group[codes], tuple(places))


def by_number(values: Floats, edges: Iterable[float]) -> Coded:
    """One group per range between the edges, its upper edge included; ranges without rows are left out.

    Example: values [1, 2, 3, NaN], edges [2] -> "up to 2", "up to 2", "above 2", "missing"
    """
    bounds = np.asarray(tuple(edges), dtype=np.float64)
    names = [*_ranges(bounds.tolist()), MISSING]
    codes = np.searchsorted(bounds, values, side="left")
    codes[np.isnan(values)] = len(names) - 1
    used = np.flatnonzero(np.bincount(codes, minlength=len(names)))
    place = np.zeros(len(names), dtype=np.int32)
    place[used] = np.arange(len(used))
    return Coded(place[codes], tuple(names[number] for number in used))


def _frequent(values: pa.Array, counts: npt.NDArray[np.integer], min_rows: int) -> pa.Array:
    ranked = np.argsort(-counts, kind="stable")[:MOST_VALUES]
    kept = values.take(pa.array(ranked[counts[ranked] >= min_rows], pa.int64()))
    return kept.take(pc.sort_indices(kept))


def _ranges(edges: list[float]) -> list[str]:
    shown = [f"{edge:.0f}" if edge.is_integer() else f"{edge:.6g}" for edge in edges]
    if len(set(shown)) < len(shown):
        shown = [repr(edge) for edge in edges]
    if not shown:
        return ["any"]
    return [f"up to {shown[0]}", *(f"{low} to {high}" for low, high in pairwise(shown)), f"above {shown[-1]}"]


def _numbers(column: pa.ChunkedArray) -> Floats:
    filled = pc.fill_null(column.cast(pa.float64(), safe=False), float("nan"))
    return np.asarray(filled.combine_chunks().to_numpy(zero_copy_only=False), dtype=np.float64)


def _short(edges: Floats) -> Floats:
    """With four digits: where a range begins is arbitrary, and it has to be read."""
    return np.array([float(f"{edge:.4g}") for edge in edges], dtype=np.float64)


def _quintiles(numbers: Floats, profiled: ColumnProfile | None) -> Floats:
    ranks = np.arange(1, BINS) / BINS
    if isinstance(profiled, NumericProfile) and profiled.count:
        return profiled.quantiles(ranks)
    known = numbers[~np.isnan(numbers)]
    return np.asarray(np.quantile(known, ranks)) if len(known) else known

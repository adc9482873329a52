"""The profile of many partitions from theirs: the same in any order, byte for byte.

Counts, extremes, cells, registers and the counts of up to `MOST_CATEGORIES` categories are also the same however the
parts are grouped; moments then agree but for their last digits.
"""

from collections import Counter
from collections.abc import Iterable
from functools import reduce

import numpy as np

from include.lake.cells import Cells, Floats
from include.lake.distinct import Distinct
from include.lake.profile import CategoryProfile, ColumnProfile, NumericProfile, Profile, cut, distinct_numbers

_WIDER = ("bool", "int", "float", "timestamp", "string")


def merge(profiles: Iterable[Profile]) -> Profile:
    """The profile of all rows together; a column that some do not have is null in those.

    A column whose type changed has the widest of them.
    """
    parts = list(profiles)
    if not parts:
        raise ValueError("there is no profile to merge")
    types: dict[str, set[str]] = {}
    for part in parts:
        for name, kind in part.types.items():
            types.setdefault(name, set()).add(kind)
    return Profile(
        rows=sum(part.rows for part in parts),
        columns={name: _merged(name, parts) for name in sorted({name for part in parts for name in part.columns})},
        types={name: max(types[name], key=_WIDER.index) for name in sorted(types)},
    )


def _merged(name: str, parts: list[Profile]) -> ColumnProfile:
    present = [part.columns[name] for part in parts if name in part.columns]
    absent = sum(part.rows for part in parts if name not in part.columns)
    numbers = [column for column in present if isinstance(column, NumericProfile)]
    categories = [column for column in present if isinstance(column, CategoryProfile)]
    if numbers and categories:
        raise ValueError(f"column {name} is numeric in some profiles and a category in others")
    return _numbers(numbers, absent) if numbers else _categories(categories, absent)


def _numbers(columns: list[NumericProfile], absent: int) -> NumericProfile:
    cells = Cells.sum(column.distribution for column in columns)
    values = None if cells.exact else _distinct(columns)
    mean, m2 = _moments(columns)
    return NumericProfile(
        count=sum(column.count for column in columns),
        nulls=sum(column.nulls for column in columns) + absent,
        min=min((column.min for column in columns if column.min is not None), default=None),
        max=max((column.max for column in columns if column.max is not None), default=None),
        mean=mean,
        m2=m2,
        cells=cells.encoded(),
        registers=values.encoded() if values else None,
    )


def _distinct(columns: list[NumericProfile]) -> Distinct:
    """What counts the distinct values of all of them: registers, and the values of those that have few."""
    few = [column.distribution.index for column in columns if column.registers is None]
    counted = [Distinct.decoded(column.registers) for column in columns if column.registers is not None]
    return reduce(Distinct.merged, [*counted, distinct_numbers(np.concatenate(few))] if few else counted)


def _moments(columns: list[NumericProfile]) -> tuple[float, float]:
    """Mean and sum of squared deviations: those within the parts and those of their means, summed in one order."""
    parts = np.array(sorted((one.mean, one.m2, one.count) for one in columns if one.count), np.float64)
    if len(parts) < 2:  # noqa: PLR2004 - one part says it itself
        return (float(parts[0, 0]), float(parts[0, 1])) if len(parts) else (0.0, 0.0)
    means, squares, counts = parts.T
    with np.errstate(over="ignore", invalid="ignore"):  # the moments of numbers near 1e308 are no numbers
        apart: Floats = means - means[0]
        mean = float(np.sum(apart * counts) / np.sum(counts))
        return float(means[0]) + mean, float(np.sum(squares) + np.sum(counts * (apart - mean) ** 2))


def _categories(columns: list[CategoryProfile], absent: int) -> CategoryProfile:
    complete = all(column.registers is None for column in columns)
    counts: Counter[str] = Counter()
    for column in columns:
        counts.update(column.counts)
    return cut(
        count=sum(column.count for column in columns),
        nulls=sum(column.nulls for column in columns) + absent,
        counts=counts,
        other=sum(column.other for column in columns),
        values=None if complete else reduce(Distinct.merged, (column.values for column in columns)),
    )

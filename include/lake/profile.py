"""What a partition's columns look like, small and mergeable: any window is the merge of its partitions' profiles."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache, reduce
from typing import Annotated, Any, Literal, Self

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike
from pydantic import BaseModel, ConfigDict, Field, model_validator

from include.lake.cells import Cells, Floats
from include.lake.distinct import Distinct, DistinctCounter
from include.lake.hashes import mixed, text_hashes
from include.lake.sketches import upgraded

MOST_CATEGORIES = 500


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class NumericProfile(_Frozen):
    """A column of numbers. `count` are the values that are not null; `m2` is the sum of squared deviations.

    `cells` says how they are distributed (`include.lake.cells`). `registers` count distinct values where the cells
    are too wide to do so.
    """

    kind: Literal["numeric"] = "numeric"
    count: int
    nulls: int
    min: float | None
    max: float | None
    mean: float
    m2: float
    cells: str
    registers: str | None = None

    @classmethod
    def of_nulls(cls, rows: int) -> Self:
        """The profile of a column in which nothing is known."""
        nothing = Cells.empty().encoded()
        return cls(count=0, nulls=rows, min=None, max=None, mean=0.0, m2=0.0, cells=nothing)

    @property
    def distribution(self) -> Cells:
        """How many values lie where."""
        return _decoded(self.cells)

    @property
    def values(self) -> Distinct:
        """What counts distinct values and merges."""
        return Distinct.decoded(self.registers) if self.registers else distinct_numbers(self.distribution)

    @property
    def distinct(self) -> int:
        """How many different values there are: exact where they are few, otherwise with an error of 3.3 %."""
        return self.values.estimate if self.registers else len(self.distribution.index)

    def quantiles(self, ranks: ArrayLike) -> Floats:
        """The values at these ranks between 0 and 1; NaN where there is no value."""
        wanted = np.asarray(ranks, dtype=np.float64)
        if not self.count:
            return np.full(len(wanted), np.nan)
        return np.clip(self.distribution.quantiles(wanted), self.min, self.max)

    def shares(self, edges: ArrayLike) -> Floats:
        """The fraction of values up to and including each edge, between it and the next one, and above the last."""
        bounds = np.asarray(edges, dtype=np.float64)
        if not self.count or not len(bounds):
            return np.full(len(bounds) + 1, 1.0 if self.count else 0.0)
        below = self.distribution.below(bounds)
        return np.asarray(np.diff(np.concatenate([[0.0], below, [self.count]])) / self.count)

    @property
    def deviation(self) -> float:
        """The standard deviation."""
        return math.sqrt(self.m2 / self.count) if self.count else 0.0


class CategoryProfile(_Frozen):
    """A column of categories. Beyond the most frequent ones values are only counted, in `other`."""

    kind: Literal["category"] = "category"
    count: int
    nulls: int
    counts: dict[str, int]
    other: int = 0
    registers: str | None = None

    @property
    def values(self) -> Distinct:
        """What counts distinct values and merges."""
        return Distinct.decoded(self.registers) if self.registers else distinct_words(self.counts)

    @property
    def distinct(self) -> int:
        """How many different values there are: exact where all are in `counts`, otherwise with an error of 3.3 %."""
        return self.values.estimate if self.registers else len(self.counts)


ColumnProfile = Annotated[NumericProfile | CategoryProfile, Field(discriminator="kind")]


class Profile(_Frozen):
    """The columns of one partition or of many. Personal columns are not profiled.

    `types` are the contract's types at the time. What version 1 stored is read as version 2.
    """

    version: Literal[2] = 2
    rows: int
    columns: dict[str, ColumnProfile]
    types: dict[str, str] = {}

    @model_validator(mode="before")
    @classmethod
    def _of_version_1(cls, stored: Any) -> Any:
        return upgraded(stored) if isinstance(stored, Mapping) and stored.get("version") == 1 else stored

    def to_json(self) -> bytes:
        return self.model_dump_json().encode()

    @classmethod
    def from_json(cls, data: bytes | str) -> Self:
        return cls.model_validate_json(data)


def merge(profiles: Iterable[Profile]) -> Profile:
    """The profile of all rows together; a column that some do not have is null in those."""
    parts = list(profiles)
    if not parts:
        raise ValueError("there is no profile to merge")
    names = dict.fromkeys(name for part in parts for name in part.columns)
    return Profile(
        rows=sum(part.rows for part in parts),
        columns={name: _merged(name, parts) for name in names},
        types={name: kind for part in parts for name, kind in part.types.items()},
    )


def cut(count: int, nulls: int, counts: Mapping[str, int], other: int, values: Distinct | None) -> CategoryProfile:
    """The profile of categories: the most frequent ones, the rest counted together.

    `values` counts all that ever were distinct; None: `counts` has them all.
    """
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    tail = sum(n for _, n in ranked[MOST_CATEGORIES:])
    if tail and values is None:
        values = distinct_words(counts)
    return CategoryProfile(
        count=count,
        nulls=nulls,
        counts=dict(ranked[:MOST_CATEGORIES]),
        other=other + tail,
        registers=values.encoded() if values else None,
    )


def distinct_words(words: Iterable[str]) -> Distinct:
    """The registers of these words."""
    counter = DistinctCounter()
    counter.add(text_hashes(pa.array(words, pa.string())))
    return counter.result()


def distinct_numbers(cells: Cells) -> Distinct:
    """The registers of the values of exact cells."""
    counter = DistinctCounter()
    counter.add(mixed(cells.index))
    return counter.result()


_decoded = lru_cache(maxsize=512)(Cells.decoded)  # the same few columns are asked for quantiles and shares in turn


def _merged(name: str, parts: list[Profile]) -> ColumnProfile:
    present = [part.columns[name] for part in parts if name in part.columns]
    absent = sum(part.rows for part in parts if name not in part.columns)
    numbers = [column for column in present if isinstance(column, NumericProfile)]
    categories = [column for column in present if isinstance(column, CategoryProfile)]
    if numbers and categories:
        raise ValueError(f"column {name} is numeric in some profiles and a category in others")
    return _numbers(numbers, absent) if numbers else _categories(categories, absent)


def _numbers(columns: list[NumericProfile], absent: int) -> NumericProfile:
    whole = reduce(_joined, columns)
    cells = Cells.sum(column.distribution for column in columns)
    values = None if cells.exact else reduce(Distinct.merged, (column.values for column in columns))
    facts = {"nulls": whole.nulls + absent, "cells": cells.encoded(), "registers": values.encoded() if values else None}
    return whole.model_copy(update=facts)


def _joined(left: NumericProfile, right: NumericProfile) -> NumericProfile:
    """Counts and moments of both together (Chan's update); the cells are added at the end."""
    count = left.count + right.count
    apart = right.mean - left.mean
    return NumericProfile(
        count=count,
        nulls=left.nulls + right.nulls,
        min=min((value for value in (left.min, right.min) if value is not None), default=None),
        max=max((value for value in (left.max, right.max) if value is not None), default=None),
        mean=left.mean + apart * right.count / count if count else 0.0,
        m2=left.m2 + right.m2 + (apart * apart * left.count * right.count / count if count else 0.0),
        cells="",
    )


def _categories(columns: list[CategoryProfile], absent: int) -> CategoryProfile:
    complete = all(column.registers is None for column in columns)
    return cut(
        count=sum(column.count for column in columns),
        nulls=sum(column.nulls for column in columns) + absent,
        counts=sum((Counter(column.counts) for column in columns), Counter()),
        other=sum(column.other for column in columns),
        values=None if complete else reduce(Distinct.merged, (column.values for column in columns)),
    )

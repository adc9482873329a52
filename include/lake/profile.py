"""What a partition's columns look like, small and mergeable: any window is the merge of its partitions' profiles.

A profile is kept as long as its partition. What an earlier form stored is read as today's; the form has a number, and
`tests/unit/lake` keeps a file of each.
"""

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal, Self

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from include.errors import BadData
from include.lake.cells import Cells, Floats, Integers
from include.lake.distinct import Distinct, DistinctCounter
from include.lake.hashes import mixed, text_hashes
from include.lake.sketches import upgraded
from include.lake.store import Store

FORM = 2
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
        return Distinct.decoded(self.registers) if self.registers else distinct_numbers(self.distribution.index)

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
    def variance(self) -> float:
        """The mean squared deviation; 0 where there is no value."""
        return self.m2 / self.count if self.count else 0.0

    @property
    def deviation(self) -> float:
        """The standard deviation."""
        return math.sqrt(self.variance)


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

    `types` are the contract's types at the time.
    """

    version: Literal[2] = 2
    rows: int
    columns: dict[str, ColumnProfile]
    types: dict[str, str] = {}

    @model_validator(mode="before")
    @classmethod
    def _of_another_form(cls, stored: Any) -> Any:
        form = stored.get("version", FORM) if isinstance(stored, Mapping) else FORM
        if isinstance(form, int) and form > FORM:
            raise ValueError(f"it has form {form}, and this code reads forms up to {FORM}: upgrade Perennial")
        return upgraded(stored) if form == 1 else stored

    def to_json(self) -> bytes:
        return self.model_dump_json().encode()

    @classmethod
    def from_json(cls, data: bytes | str) -> Self:
        return cls.model_validate_json(data)

    @classmethod
    def read(cls, store: Store, path: str) -> Self:
        """The profile stored at the path. NotFound where there is none, BadData where it cannot be understood."""
        try:
            return cls.from_json(store.read_bytes(path))
        except ValidationError as problem:
            first = problem.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise BadData(
                f"{store.locate(path)} is no profile this code can read: {f'{where}: ' if where else ''}"
                f"{first['msg'].removeprefix('Value error, ')}. It is written once and never changed: if no newer "
                "Perennial wrote it, restore it from a backup."
            ) from problem


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


def distinct_numbers(keys: Integers) -> Distinct:
    """The registers of the numbers with these keys, as exact cells have them."""
    counter = DistinctCounter()
    counter.add(mixed(keys))
    return counter.result()


_decoded = lru_cache(maxsize=512)(Cells.decoded)  # the same few columns are asked for quantiles and shares in turn

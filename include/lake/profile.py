"""What a partition's columns look like, small and mergeable: any window is the merge of its partitions' profiles."""

import base64
import functools
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from datasketches import kll_doubles_sketch
from numpy.typing import ArrayLike
from pydantic import BaseModel, ConfigDict, Field

from include.spec import ContractSpec

SKETCH_K = 400
MOST_CATEGORIES = 500


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NumericProfile(_Frozen):
    """A column of numbers. `count` are the values that are not null; `m2` is the sum of squared deviations."""

    kind: Literal["numeric"] = "numeric"
    count: int
    nulls: int
    min: float | None
    max: float | None
    mean: float
    m2: float
    kll: str

    def sketch(self) -> Any:
        """The quantile sketch (datasketches `kll_doubles_sketch`)."""
        return kll_doubles_sketch.deserialize(base64.b64decode(self.kll))

    def quantiles(self, ranks: ArrayLike) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The values at these ranks between 0 and 1; NaN where there is no value."""
        wanted = np.asarray(ranks, dtype=np.float64)
        return np.asarray(self.sketch().get_quantiles(wanted)) if self.count else np.full(len(wanted), np.nan)

    def shares(self, edges: ArrayLike) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The fraction of values up to and including each edge, between it and the next one, and above the last."""
        bounds = np.asarray(edges, dtype=np.float64)
        if not self.count or not len(bounds):
            return np.full(len(bounds) + 1, 1.0 if self.count else 0.0)
        return np.asarray(self.sketch().get_pmf(bounds, True))

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


ColumnProfile = Annotated[NumericProfile | CategoryProfile, Field(discriminator="kind")]


class Profile(_Frozen):
    """The columns of one partition or of many. Personal columns are not profiled."""

    version: Literal[1] = 1
    rows: int
    columns: dict[str, ColumnProfile]

    def to_json(self) -> bytes:
        return self.model_dump_json().encode()

    @classmethod
    def from_json(cls, data: bytes | str) -> "Profile":
        return cls.model_validate_json(data)


def profile_table(table: pa.Table, contract: ContractSpec) -> Profile:
    """The profile of the contract's numbers, strings and flags in the table."""
    columns: dict[str, ColumnProfile] = {}
    for name, spec in contract.columns.items():
        if spec.personal or spec.type == "timestamp":
            continue
        columns[name] = numeric_profile(table[name]) if spec.type in {"int", "float"} else category_profile(table[name])
    return Profile(rows=table.num_rows, columns=columns)


def merge(profiles: Iterable[Profile]) -> Profile:
    """The profile of all rows together; a column that some do not have is null in those."""
    parts = list(profiles)
    if not parts:
        raise ValueError("there is no profile to merge")
    names = dict.fromkeys(name for part in parts for name in part.columns)
    return Profile(rows=sum(part.rows for part in parts), columns={name: _merged(name, parts) for name in names})


def numeric_profile(column: pa.ChunkedArray) -> NumericProfile:
    """The profile of one column of numbers."""
    values = column.drop_null().cast(pa.float64(), safe=False).to_numpy().copy()  # the sketch takes no read-only array
    sketch = kll_doubles_sketch(SKETCH_K)
    sketch.update(values)
    mean = float(values.mean()) if len(values) else 0.0
    return NumericProfile(
        count=len(values),
        nulls=column.null_count,
        min=float(values.min()) if len(values) else None,
        max=float(values.max()) if len(values) else None,
        mean=mean,
        m2=float(np.square(values - mean).sum()),
        kll=_encoded(sketch),
    )


def category_profile(column: pa.ChunkedArray) -> CategoryProfile:
    """The profile of one column of categories: strings, flags."""
    counted = pc.value_counts(column.drop_null().cast(pa.string())).to_pylist()
    counts = {pair["values"]: pair["counts"] for pair in counted}
    return _cut(count=len(column) - column.null_count, nulls=column.null_count, counts=counts, other=0)


def _cut(count: int, nulls: int, counts: Mapping[str, int], other: int) -> CategoryProfile:
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    tail = sum(n for _, n in ranked[MOST_CATEGORIES:])
    return CategoryProfile(count=count, nulls=nulls, counts=dict(ranked[:MOST_CATEGORIES]), other=other + tail)


def _merged(name: str, parts: list[Profile]) -> ColumnProfile:
    present = [part.columns[name] for part in parts if name in part.columns]
    absent = sum(part.rows for part in parts if name not in part.columns)
    numbers = [column for column in present if isinstance(column, NumericProfile)]
    categories = [column for column in present if isinstance(column, CategoryProfile)]
    if numbers and categories:
        raise ValueError(f"column {name} is numeric in some profiles and a category in others")
    if numbers:
        whole = functools.reduce(_joined, numbers)
        return whole.model_copy(update={"nulls": whole.nulls + absent, "kll": _merged_sketch(numbers)})
    return _cut(
        count=sum(column.count for column in categories),
        nulls=sum(column.nulls for column in categories) + absent,
        counts=sum((Counter(column.counts) for column in categories), Counter()),
        other=sum(column.other for column in categories),
    )


def _joined(left: NumericProfile, right: NumericProfile) -> NumericProfile:
    """Counts and moments of both together (Chan's update); the sketches are merged at the end."""
    count = left.count + right.count
    apart = right.mean - left.mean
    return NumericProfile(
        count=count,
        nulls=left.nulls + right.nulls,
        min=min((value for value in (left.min, right.min) if value is not None), default=None),
        max=max((value for value in (left.max, right.max) if value is not None), default=None),
        mean=left.mean + apart * right.count / count if count else 0.0,
        m2=left.m2 + right.m2 + (apart * apart * left.count * right.count / count if count else 0.0),
        kll="",
    )


def _merged_sketch(columns: list[NumericProfile]) -> str:
    whole = columns[0].sketch()
    for column in columns[1:]:
        whole.merge(column.sketch())
    return _encoded(whole)


def _encoded(sketch: Any) -> str:
    return base64.b64encode(sketch.serialize()).decode()

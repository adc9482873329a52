"""Making a profile block by block. A block has a fixed number of rows, so that the same rows give the same bytes."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds
from numpy.typing import NDArray

from include.lake.blocks import blocks
from include.lake.cells import CELLS, Cells, Floats, Integers, keys_of
from include.lake.distinct import DistinctCounter
from include.lake.hashes import mixed, text_hashes
from include.lake.profile import CategoryProfile, ColumnProfile, NumericProfile, Profile, cut
from include.spec import ColumnSpec, ContractSpec

MOST_TRACKED = 10_000
LONGEST_NAME = 100
_NARROW = 1 << 17


class NumberProfiler:
    """The profile of a column of numbers as its blocks come. Infinite values are the caller's to keep out."""

    def __init__(self) -> None:
        self._count, self._nulls = 0, 0
        self._min, self._max = np.inf, -np.inf
        self._mean, self._m2 = 0.0, 0.0
        self._cells = Cells.empty()
        self._distinct: DistinctCounter | None = None

    def add(self, block: pa.Array) -> None:
        """Takes a block of int64 or float64 into account."""
        self._nulls += block.null_count
        values = block.drop_null() if block.null_count else block
        if not len(values):
            return
        if kinds.is_integer(block.type):
            self._add_integers(values.to_numpy(zero_copy_only=False))
        else:
            self._add_floats(values.to_numpy(zero_copy_only=False))

    def result(self) -> NumericProfile:
        """The profile of what came so far."""
        return NumericProfile(
            count=self._count,
            nulls=self._nulls,
            min=float(self._min) if self._count else None,
            max=float(self._max) if self._count else None,
            mean=self._mean,
            m2=self._m2,
            cells=self._cells.encoded(),
            registers=self._distinct.result().encoded() if self._distinct else None,
        )

    def _add_integers(self, values: Integers) -> None:
        low = int(values.min())
        if int(values.max()) - low >= _NARROW:
            self._add_floats(values.astype(np.float64))
            return
        counts = np.bincount(values - low)
        there = np.flatnonzero(counts)
        if len(there) > 4 * CELLS:
            self._add_floats(values.astype(np.float64))
            return
        found, counts = (there + low).astype(np.float64), counts[there].astype(np.int64)
        mean = float(np.sum(found * counts) / len(values))
        self._join(len(values), float(found[0]), float(found[-1]), mean, float(np.sum((found - mean) ** 2 * counts)))
        self._spread(Cells.of_counted(found, counts), keys_of(found))

    def _add_floats(self, values: Floats) -> None:
        with np.errstate(over="ignore", invalid="ignore"):  # the moments of numbers near 1e308 are no numbers
            mean = float(values.mean())
            apart = values - mean
            np.multiply(apart, apart, out=apart)
            self._join(len(values), float(values.min()), float(values.max()), mean, float(apart.sum()))
        keys = keys_of(values)
        self._spread(Cells.of_keys(keys, self._cells.shift), keys)

    def _join(self, count: int, low: float, high: float, mean: float, m2: float) -> None:
        whole, apart = self._count + count, mean - self._mean
        self._mean += apart * count / whole
        self._m2 += m2 + apart * apart * self._count * count / whole
        self._count, self._min, self._max = whole, min(self._min, low), max(self._max, high)

    def _spread(self, block: Cells, keys: Integers) -> None:
        before = self._cells
        self._cells = before.plus(block)
        if self._cells.exact:
            return
        if self._distinct is None:
            self._distinct = DistinctCounter()
            self._distinct.add(mixed(before.index))
        self._distinct.add(mixed(keys))


class CategoryProfiler:
    """The profile of a column of words or flags as its blocks come.

    Up to `MOST_TRACKED` different words are counted one by one; words that first appear after them are `other`.
    """

    def __init__(self) -> None:
        self._count, self._nulls, self._other = 0, 0, 0
        self._words = pa.nulls(0, pa.large_string())
        self._counts = np.zeros(0, np.int64)
        self._distinct: DistinctCounter | None = None

    def add(self, block: pa.Array) -> None:
        """Takes a block of words (plain or dictionary) or flags into account."""
        self._nulls += block.null_count
        self._count += len(block) - block.null_count
        if len(block) == block.null_count:
            return
        words, counts = _counted(block)
        known = pc.index_in(words, value_set=self._words)
        new = known.is_null().to_numpy(zero_copy_only=False)
        np.add.at(self._counts, known.drop_null().to_numpy(zero_copy_only=False), counts[~new])
        if self._distinct is not None:
            self._distinct.add(text_hashes(words))
        if new.any():
            self._track(words.filter(pa.array(new)), counts[new])

    def result(self) -> CategoryProfile:
        """The profile of what came so far."""
        named: dict[str, int] = {}
        for word, count in zip(self._words.to_pylist(), self._counts.tolist(), strict=True):
            name = word if len(word) <= LONGEST_NAME else f"{word[:LONGEST_NAME]}…"
            named[name] = named.get(name, 0) + count
        distinct = self._distinct
        if distinct is None and len(named) < len(self._words):
            distinct = self._counter()
        return cut(self._count, self._nulls, named, self._other, distinct.result() if distinct else None)

    def _track(self, words: pa.Array, counts: Integers) -> None:
        room = MOST_TRACKED - len(self._words)
        if len(words) > room and self._distinct is None:
            self._distinct = self._counter()
            self._distinct.add(text_hashes(words))
        self._words = pa.concat_arrays([self._words, words[:room]])
        self._counts = np.concatenate([self._counts, counts[:room]])
        self._other += int(counts[room:].sum())

    def _counter(self) -> DistinctCounter:
        counter = DistinctCounter()
        counter.add(text_hashes(self._words))
        return counter


class Profiler:
    """The profile of a dataset's partition as its blocks come. Personal columns and moments are left out."""

    def __init__(self, contract: ContractSpec) -> None:
        self._types = {name: spec.type for name, spec in contract.columns.items()}
        self.columns = {name: made for name, spec in contract.columns.items() if (made := profiler(spec)) is not None}

    def result(self, rows: int) -> Profile:
        """The profile of what came so far, so many rows."""
        columns: dict[str, ColumnProfile] = {name: one.result() for name, one in self.columns.items()}
        return Profile(rows=rows, columns=columns, types=dict(self._types))


def profiler(spec: ColumnSpec) -> NumberProfiler | CategoryProfiler | None:
    """What profiles a column of this kind; None: it is not profiled."""
    if spec.personal or spec.type == "timestamp":
        return None
    return NumberProfiler() if spec.type in {"int", "float"} else CategoryProfiler()


def profile_table(table: pa.Table, contract: ContractSpec) -> Profile:
    """The profile of the contract's numbers, strings and flags in a table that has the contract's types."""
    whole = Profiler(contract)
    for block in blocks([table]):
        for name, one in whole.columns.items():
            one.add(block[name].combine_chunks())
    return whole.result(table.num_rows)


def numeric_profile(column: pa.ChunkedArray) -> NumericProfile:
    """The profile of one column of finite numbers; NaN is a null."""
    one = NumberProfiler()
    for block in blocks([pa.table({"numbers": column})]):
        one.add(_plain_numbers(block["numbers"].combine_chunks()))
    return one.result()


def category_profile(column: pa.ChunkedArray) -> CategoryProfile:
    """The profile of one column of words or flags."""
    one = CategoryProfiler()
    for block in blocks([pa.table({"words": column})]):
        one.add(block["words"].combine_chunks())
    return one.result()


def _plain_numbers(column: pa.Array) -> pa.Array:
    if kinds.is_integer(column.type):
        return column.cast(pa.int64())
    wide = column.cast(pa.float64())
    return pc.if_else(pc.is_nan(wide), pa.scalar(None, wide.type), wide)


def _counted(block: pa.Array) -> tuple[pa.Array, NDArray[Any]]:
    """The different words of a block and how often each is there."""
    if kinds.is_boolean(block.type):
        counts = np.array([block.false_count, block.true_count])
        there = np.flatnonzero(counts)
        return pa.array(["false", "true"], pa.large_string()).take(pa.array(there)), counts[there]
    if not kinds.is_dictionary(block.type):
        counted = pc.value_counts(block.drop_null())
        return counted.field("values").cast(pa.large_string()), np.asarray(counted.field("counts"))
    places = (block.indices.drop_null() if block.null_count else block.indices).to_numpy(zero_copy_only=False)
    counts = np.bincount(places, minlength=len(block.dictionary))
    there = np.flatnonzero(counts)
    return block.dictionary.take(pa.array(there)).cast(pa.large_string()), counts[there]

"""Keys that are there twice, found in bounded memory whatever the number of rows.

A key becomes one 64-bit number; the numbers are kept, on disk once they are many, and sorted. Keys whose numbers meet
are read again and compared as they are: unlike keys with one number are no duplicates.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.types as kinds
from numpy.typing import NDArray

from include.contract.findings import value_of
from include.contract.tally import Block, Tally
from include.lake.hashes import Hashes, combined, hashes
from include.spec import ContractSpec

MOST_IN_MEMORY = 1 << 24
MOST_COMPARED = 10_000
_SHARDS = 64
_SHARD_BITS = 6
_BEFORE_ALL = -(2**63) - 1


class KeyCheck:
    """Whether the rows of a partition differ in these columns. A row in which all of them are null has no key."""

    def __init__(self, contract: ContractSpec, columns: Sequence[str], folder: Path) -> None:
        self.columns = tuple(columns)
        self.tally = Tally(contract, self.columns[0] if len(self.columns) == 1 else None)
        self._numbers = _Numbers(folder)
        self._last: dict[str, int] = dict.fromkeys(self.columns, _BEFORE_ALL)

    def take(self, block: Block) -> None:
        """Takes a block into account."""
        self._last = dict(self._ascending(block))
        found = self._hashes(block)
        self._numbers.add(found[self._has_key(block)])

    def settle(self, read: Callable[[Sequence[str]], Iterable[Block]]) -> None:
        """Fills the tally. `read` gives the blocks once more, of some columns; it is called only where numbers meet."""
        if self._last:
            return
        twice = self._numbers.twice()
        if not len(twice):
            return
        alike = self._really_alike(twice, read) if len(twice) <= MOST_COMPARED else twice
        if len(alike):
            self._count(alike, read)

    def _ascending(self, block: Block) -> Iterator[tuple[str, int]]:
        """The columns that have ascended from row to row so far, each with its last value: one is enough."""
        for name, last in self._last.items():
            column = one_chunk(block.table[name])
            if column.null_count or not (kinds.is_integer(column.type) or kinds.is_timestamp(column.type)):
                continue
            values = column.view(pa.int64()).to_numpy(zero_copy_only=False)
            if values[0] > last and (values[1:] > values[:-1]).all():
                yield name, int(values[-1])

    def _count(self, alike: Hashes, read: Callable[[Sequence[str]], Iterable[Block]]) -> None:
        names = dict.fromkeys([*self.columns, *self.tally.contract.keys])
        for block in read(list(names)):
            met = np.flatnonzero(_among(self._hashes(block), alike) & self._has_key(block))
            if len(met):
                self.tally.add(met, block)

    def _really_alike(self, twice: Hashes, read: Callable[[Sequence[str]], Iterable[Block]]) -> Hashes:
        keys: Counter[tuple[object, ...]] = Counter()
        number: dict[tuple[object, ...], np.uint64] = {}
        for block in read(self.columns):
            found = self._hashes(block)
            for place in np.flatnonzero(_among(found, twice) & self._has_key(block)):
                key = tuple(value_of(block.table[name][int(place)]) for name in self.columns)
                keys[key] += 1
                number[key] = found[place]
        return np.array(sorted({number[key] for key, times in keys.items() if times > 1}), np.uint64)

    def _hashes(self, block: Block) -> Hashes:
        return combined([hashes(one_chunk(block.table[name])) for name in self.columns])

    def _has_key(self, block: Block) -> NDArray[np.bool_]:
        there = np.zeros(block.table.num_rows, bool)
        for name in self.columns:
            column = block.table[name]
            if not column.null_count:
                return np.ones(block.table.num_rows, bool)
            there |= column.is_valid().to_numpy(zero_copy_only=False)
        return there


class _Numbers:
    """64-bit numbers, in memory as long as they are few, then in files by their highest bits."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: list[Hashes] = []
        self._count = 0
        self._spilt = False

    def add(self, numbers: Hashes) -> None:
        self._waiting.append(numbers)
        self._count += len(numbers)
        if self._count > MOST_IN_MEMORY:
            self._spill()

    def twice(self) -> Hashes:
        """Every number that was added more than once, in order."""
        if not self._spilt:
            return _twice(self._taken())
        self._spill()
        return np.concatenate([_twice(shard) for shard in self._shards()])

    def _taken(self) -> Hashes:
        taken = np.concatenate([np.zeros(0, np.uint64), *self._waiting])
        self._waiting, self._count = [], 0
        return taken

    def _spill(self) -> None:
        numbers, self._spilt = self._taken(), True
        shard = (numbers >> np.uint64(64 - _SHARD_BITS)).astype(np.int64)
        order = np.argsort(shard, kind="stable")
        ends = np.searchsorted(shard[order], np.arange(_SHARDS + 1))
        for place in range(_SHARDS):
            with self._file(place).open("ab") as file:
                file.write(numbers[order[ends[place] : ends[place + 1]]].tobytes())

    def _shards(self) -> Iterator[Hashes]:
        for place in range(_SHARDS):
            yield np.fromfile(self._file(place), np.uint64)
            self._file(place).unlink()

    def _file(self, place: int) -> Path:
        return self._folder / f"keys-{id(self):x}-{place:02}"


def one_chunk(column: pa.ChunkedArray) -> pa.Array:
    """The column of a block as one array."""
    whole = column.combine_chunks()
    return whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole


def _twice(numbers: Hashes) -> Hashes:
    numbers.sort()
    return np.unique(numbers[1:][numbers[1:] == numbers[:-1]])


def _among(numbers: Hashes, wanted: Hashes) -> NDArray[np.bool_]:
    place = np.minimum(np.searchsorted(wanted, numbers), len(wanted) - 1)
    return np.asarray(wanted[place] == numbers)

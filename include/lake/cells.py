"""How a column's numbers are distributed: counts per cell of the floating-point line, exact to add and to repeat.

A finite double, read as an integer with the negative ones flipped, keeps its order. Dropping its lowest `shift` bits
cuts the line into cells that are narrow where numbers are small: within a power of two all are equally wide. A column
keeps the smallest shift at which at most `CELLS` cells are filled. That depends on the values alone, so profiles of
parts add up to the profile of the whole, cell by cell, in any order. Few distinct values are counted exactly.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from include.lake.varint import packed, unpacked

CELLS = 1024
_DENSE = 1 << 18
_SAMPLE = 4 * CELLS
_FEW = 4
_FLIP = np.int64(0x7FFF_FFFF_FFFF_FFFF)
_LARGEST = np.finfo(np.float64).max

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def keys_of(values: Floats) -> Integers:
    """The values as integers of the same order; minus zero is zero."""
    bits = values.view(np.int64)
    if not len(values) or bits.min() >= 0:
        return bits
    bits = (values + 0.0).view(np.int64)
    keys = bits >> np.int64(63)
    keys &= _FLIP
    keys ^= bits
    return np.asarray(keys)


def values_of(keys: Integers) -> Floats:
    """The values with these keys; a key beyond the finite ones gives the largest finite value of its sign."""
    bits = keys ^ ((keys >> np.int64(63)) & _FLIP)
    values = bits.view(np.float64)
    return np.clip(np.where(np.isnan(values), np.inf, values), -_LARGEST, _LARGEST)


@dataclass(frozen=True, eq=False)
class Cells:
    """Filled cells in order (`index`, the keys without their lowest `shift` bits) and how many values each holds."""

    shift: int
    index: Integers
    counts: Integers

    @classmethod
    def empty(cls) -> "Cells":
        """No value yet."""
        return cls(0, np.zeros(0, np.int64), np.zeros(0, np.int64))

    @classmethod
    def of(cls, values: Floats) -> "Cells":
        """Counts finite values."""
        return cls.of_keys(keys_of(values))

    @classmethod
    def of_keys(cls, keys: Integers, shift: int = 0) -> "Cells":
        """Counts the keys of values. With a `shift`, finer cells are not looked at: they were too many before."""
        if not len(keys):
            return cls.empty()
        if not shift and len(keys) > _SAMPLE:  # what does not fit a part does not fit the whole
            shift = cls._counted(keys[:_SAMPLE], 0).fitted().shift
        return cls._counted(keys, shift).fitted()

    @classmethod
    def _counted(cls, keys: Integers, shift: int) -> "Cells":
        numbers = keys >> np.int64(shift)
        low, high = int(numbers.min()), int(numbers.max())
        if high - low < _DENSE:
            counts = np.bincount(numbers - low)
            filled = np.flatnonzero(counts != 0)  # of flags numpy finds them six times as fast as of numbers
            return cls(shift, filled + low, counts[filled].astype(np.int64))
        counted = pc.value_counts(pa.array(numbers))
        index, counts = (np.asarray(counted.field(name), np.int64) for name in ("values", "counts"))
        order = np.argsort(index)
        return cls(shift, index[order], counts[order])

    @classmethod
    def of_counted(cls, values: Floats, counts: Integers) -> "Cells":
        """So many of each value; the values are finite and ascend."""
        return cls(0, keys_of(values), counts).fitted()

    @property
    def exact(self) -> bool:
        """Whether every cell holds one single value."""
        return self.shift == 0

    @property
    def total(self) -> int:
        """How many values were counted."""
        return int(self.counts.sum())

    @property
    def upper(self) -> Floats:
        """The largest value of each filled cell."""
        return values_of(((self.index + 1) << np.int64(self.shift)) - 1)

    @property
    def lower(self) -> Floats:
        """The smallest value of each filled cell."""
        return values_of(self.index << np.int64(self.shift))

    def coarsened(self, shift: int) -> "Cells":
        """The same counts in cells at least so wide."""
        if shift <= self.shift:
            return self
        return Cells(shift, *_added(self.index >> np.int64(shift - self.shift), self.counts))

    def fitted(self) -> "Cells":
        """The same counts in the narrowest cells of which at most `CELLS` are filled."""
        if len(self.index) <= CELLS:
            return self
        # Two neighbours fall together as soon as the shift exceeds the highest bit in which they differ.
        apart = np.sort(_highest_bit(self.index[1:] ^ self.index[:-1]))
        return self.coarsened(self.shift + int(apart[-CELLS]) + 1)

    def plus(self, other: "Cells") -> "Cells":
        """Both together."""
        return Cells.sum([self, other])

    @classmethod
    def sum(cls, parts: Iterable["Cells"]) -> "Cells":
        """All of them together, the same in any order."""
        listed = list(parts) or [cls.empty()]
        shift = max(part.shift for part in listed)
        if len(listed) > _FEW:  # what does not fit a few of them does not fit all
            shift = max(shift, cls.sum(listed[:_FEW]).shift)
        numbers = np.concatenate([part.index >> np.int64(max(0, shift - part.shift)) for part in listed])
        return cls(shift, *_added(numbers, np.concatenate([part.counts for part in listed]))).fitted()

    def below(self, edges: Floats) -> Floats:
        """How many values are at most each edge: exact at `upper`, spread evenly over the cell in between."""
        keys, before = keys_of(np.asarray(edges, np.float64)), np.concatenate([[0], np.cumsum(self.counts)])
        place = np.searchsorted(self.index, keys >> np.int64(self.shift))
        inside = place < len(self.index)
        inside[inside] = self.index[place[inside]] == keys[inside] >> np.int64(self.shift)
        found = before[place].astype(np.float64)
        part = ((keys[inside] & np.int64((1 << self.shift) - 1)) + 1) / 2.0**self.shift
        part[self.index[place[inside]] == 0] = 1  # zero: what else the cell could hold is below 1e-150
        found[inside] += part * self.counts[place[inside]]
        return found

    def quantiles(self, ranks: Floats) -> Floats:
        """The values at these ranks between 0 and 1, spread evenly within a cell."""
        wanted, ends = np.asarray(ranks, np.float64) * self.total, np.cumsum(self.counts)
        place = np.minimum(np.searchsorted(ends, wanted), len(ends) - 1)
        part = np.clip((wanted - (ends[place] - self.counts[place])) / self.counts[place], 0, 1)
        part[self.index[place] == 0] = 0
        lower, upper = self.lower[place], self.upper[place]
        return np.asarray(lower + part * (upper - lower))

    def encoded(self) -> str:
        """Text to store it as; the same counts give the same text."""
        steps = np.diff(self.index, prepend=np.int64(0))
        return packed(np.concatenate([[self.shift, len(self.index)], _zigzag(steps), self.counts]))

    @classmethod
    def decoded(cls, text: str) -> "Cells":
        """What `encoded` stored."""
        numbers = unpacked(text)
        filled = int(numbers[1])
        if len(numbers) != 2 + 2 * filled:
            raise ValueError(f"{len(numbers)} numbers are no cells, {filled} of them filled")
        steps, counts = numbers[2 : 2 + filled], numbers[2 + filled :]
        return cls(int(numbers[0]), np.cumsum(_unzigzag(steps)), counts)


def _added(numbers: Integers, counts: Integers) -> tuple[Integers, Integers]:
    """The different numbers in order, and the sum of the counts of each."""
    low, high = (int(numbers.min()), int(numbers.max())) if len(numbers) else (0, 0)
    if high - low < len(numbers):  # close together: no need to sort
        sums = np.bincount(numbers - low, weights=counts)  # exact to 2^53
        there = np.flatnonzero(sums)
        return there + low, sums[there].astype(np.int64)
    index, place = np.unique(numbers, return_inverse=True)
    sums = np.zeros(len(index), np.int64)
    np.add.at(sums, place, counts)
    return index, sums


def common(left: Cells, right: Cells) -> tuple[Cells, Cells]:
    """Both in cells of the same width."""
    shift = max(left.shift, right.shift)
    return left.coarsened(shift), right.coarsened(shift)


def _highest_bit(numbers: Integers) -> NDArray[Any]:
    """The place of the highest bit that is set; a sign bit is the 63rd."""
    unsigned = numbers.view(np.uint64)
    high, low = unsigned >> np.uint64(32), unsigned & np.uint64(0xFFFF_FFFF)
    places = np.where(high > 0, np.frexp(high.astype(np.float64))[1] + 31, np.frexp(low.astype(np.float64))[1] - 1)
    return np.asarray(places)


def _zigzag(numbers: Integers) -> Integers:
    return np.asarray((numbers << np.int64(1)) ^ (numbers >> np.int64(63)))


def _unzigzag(numbers: Integers) -> Integers:
    return np.asarray((numbers.view(np.uint64) >> np.uint64(1)).view(np.int64) ^ -(numbers & np.int64(1)))

"""Integers as short text: seven bits a byte, the lowest first (LEB128, as in DWARF 5, section 7.6), then base64."""

import base64

import numpy as np
from numpy.typing import ArrayLike, NDArray

_MOST_BYTES = 10


def packed(numbers: ArrayLike) -> str:
    """The integers as text; a negative one takes ten bytes."""
    rest = np.asarray(numbers, np.int64).view(np.uint64)
    columns, more = [], np.ones(len(rest), bool)
    kept = []
    for _ in range(_MOST_BYTES):
        low, rest = rest & np.uint64(0x7F), rest >> np.uint64(7)
        kept.append(more)
        more = more & (rest > 0)
        columns.append((low | (more.astype(np.uint64) << np.uint64(7))).astype(np.uint8))
    grid, there = np.stack(columns, axis=1), np.stack(kept, axis=1)
    return base64.b64encode(grid[there].tobytes()).decode()


def unpacked(text: str) -> NDArray[np.int64]:
    """The integers that `packed` wrote."""
    data = np.frombuffer(base64.b64decode(text, validate=True), np.uint8)
    ends = np.flatnonzero(data < 0x80)  # noqa: PLR2004 - the bit that says that more follows
    if not len(data) or ends[-1] != len(data) - 1:
        raise ValueError("the text ends within a number")
    starts = np.concatenate([[0], ends[:-1] + 1])
    places = np.arange(len(data)) - np.repeat(starts, ends - starts + 1)
    if places.max() >= _MOST_BYTES:
        raise ValueError("a number is longer than 64 bits")
    parts = (data & np.uint8(0x7F)).astype(np.uint64) << (7 * places).astype(np.uint64)
    return np.asarray(np.add.reduceat(parts, starts).view(np.int64))

"""One 64-bit number per value, alike for alike values: for counting what is distinct and finding what is there twice.

Nothing secret stands on these numbers: that is what `hashing` is for. Registers of stored profiles do: another way to
hash is another form of profile.
"""

import functools
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

_RADIX = 0x9E3779B97F4A7C15  # odd, so that it has an inverse
_PIECE = 1 << 20
_NULL = np.uint64(0x7FB5D329728EA185)


def mixed(numbers: NDArray[Any]) -> Hashes:
    """Each 64-bit number spread over all bits, the highest most: two rounds of xor-shift and multiply.

    The constants are those of SplitMix64 (Steele, Lea and Flood, Fast splittable pseudorandom number generators, 2014).
    """
    x = numbers.view(np.uint64)
    x = x ^ (x >> np.uint64(32))
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(29)
    x *= np.uint64(0x94D049BB133111EB)
    return np.asarray(x)


def hashes(column: pa.Array) -> Hashes:
    """A number per row of a plain column of numbers, moments, flags or text, or a dictionary of text."""
    if kinds.is_dictionary(column.type):
        words = np.append(text_hashes(column.dictionary), _NULL)
        return np.asarray(words[pc.fill_null(column.indices, len(column.dictionary)).to_numpy(zero_copy_only=False)])
    if kinds.is_string(column.type) or kinds.is_large_string(column.type):
        found = text_hashes(column)
    else:
        found = mixed(_as_bits(column))
    if column.null_count:
        found[column.is_null().to_numpy(zero_copy_only=False)] = _NULL
    return found


def combined(columns: list[Hashes]) -> Hashes:
    """One number per row over several columns, in their order."""
    whole = columns[0]
    for more in columns[1:]:
        whole = mixed(whole) ^ more
    return whole


def text_hashes(words: pa.Array) -> Hashes:
    """A number per string: its bytes as the digits of a polynomial modulo 2^64, mixed with its length.

    Null is hashed as if it were empty.
    """
    plain = pc.fill_null(words.cast(pa.large_string()), "")
    _, offset_buffer, data_buffer = plain.buffers()
    bounds = np.frombuffer(offset_buffer, np.int64)[plain.offset : plain.offset + len(plain) + 1]
    data = np.frombuffer(data_buffer, np.uint8) if data_buffer is not None else np.zeros(0, np.uint8)
    found, begin = np.empty(len(plain), np.uint64), 0
    while begin < len(plain):
        end = max(begin + 1, int(np.searchsorted(bounds, bounds[begin] + _PIECE, side="right")) - 1)
        piece = bounds[begin : end + 1]
        found[begin:end] = _polynomials(data[piece[0] : piece[-1]], piece - piece[0])
        begin = end
    return mixed(found ^ mixed(np.diff(bounds)))


def _polynomials(data: NDArray[np.uint8], bounds: NDArray[np.int64]) -> Hashes:
    powers, inverses = _powers(1 << max(int(bounds[-1]), _PIECE).bit_length())
    terms = (data.astype(np.uint64) + np.uint64(1)) * powers[: len(data)]
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(terms)])
    return np.asarray((sums[bounds[1:]] - sums[bounds[:-1]]) * inverses[bounds[:-1]])


@functools.lru_cache(maxsize=2)
def _powers(most: int) -> tuple[Hashes, Hashes]:
    inverse = pow(_RADIX, -1, 1 << 64)
    made = []
    for radix in (_RADIX, inverse):
        factors = np.full(most + 1, radix, np.uint64)
        factors[0] = 1
        made.append(np.multiply.accumulate(factors))
    return made[0], made[1]


def _as_bits(column: pa.Array) -> NDArray[Any]:
    if kinds.is_boolean(column.type):
        return np.asarray(pc.fill_null(column, False).cast(pa.int64()))
    if kinds.is_floating(column.type):
        values = pc.fill_null(column.cast(pa.float64()), 0.0).to_numpy(zero_copy_only=False)
        return np.asarray((values + 0.0).view(np.int64))  # minus zero is zero
    whole = column.view(pa.int64()) if kinds.is_timestamp(column.type) else column.cast(pa.int64())
    return np.asarray(pc.fill_null(whole, 0).to_numpy(zero_copy_only=False))

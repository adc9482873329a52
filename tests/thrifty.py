"""Parquet files that no library would write, byte by byte in Thrift's compact protocol."""

import struct

from tests.landing import parquet, rows

_NAME, _CHILDREN, _TYPE, _REPETITION = 4, 5, 1, 3


def deep_file(levels: int) -> bytes:
    """A file without rows whose one column lies so deep in columns."""
    elements = [b"\x48\x06schema" + b"\x15" + number(1) + b"\x00"]
    elements += [b"\x35\x02\x18\x01a\x15" + number(1) + b"\x00"] * (levels - 1)
    elements += [b"\x15\x02\x25\x02\x18\x01x\x00"]
    footer = b"\x15\x02\x19\xfc" + varint(len(elements)) + b"".join(elements) + b"\x16" + number(0) + b"\x19\x0c\x00"
    return b"PAR1" + footer + struct.pack("<I", len(footer)) + b"PAR1"


def page_of(size: int) -> bytes:
    """A good file but for the header of one page, which says that the page has so many bytes."""
    content = bytearray(parquet(rows().select(["bus", "at", "line", "late", "full", "driver"]), use_dictionary=False))
    header = content.index(b"\x15\x00\x15", 4)  # a data page and its size
    end = header + 3
    while content[end] & 128:
        end += 1
    spare = 5 - (end + 1 - header - 3)
    content[header + 3 : end + 1 + spare] = number(size)
    return bytes(content)


def number(value: int) -> bytes:
    """A signed number."""
    return varint((value << 1) ^ (value >> 63))


def varint(value: int) -> bytes:
    """A number in groups of seven bits, the lowest first."""
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])

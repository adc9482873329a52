"""Partitions as an accident or an enemy might land them: spoilt bytes, and columns of any type. A seed says all."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from tests.landing import parquet, rows

ROWS = 40
EXTREMES = (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x00\x00\x00\x00", b"\xff\xff\xff\x7f", b"\x80\x00\x00\x00")


def good(seed: int = 0) -> pa.Table:
    """Forty good trips."""
    r = np.random.default_rng(seed)
    return rows(
        at=pa.array(np.arange(ROWS) * 60_000, pa.timestamp("ms")),
        bus=pa.array(np.arange(1, ROWS + 1)),
        line=pa.array(r.choice(["red", "blue"], ROWS)),
        late=pa.array(r.normal(0, 9, ROWS), mask=r.random(ROWS) < 0.2),
        full=pa.array(r.random(ROWS) < 0.5),
        driver=pa.array(r.choice(["ann", "bob", "cy"], ROWS)),
    )


FORMS: tuple[dict[str, Any], ...] = (
    {"compression": "none"},
    {"compression": "none", "use_dictionary": False, "row_group_size": 7},
    {"compression": "snappy", "data_page_version": "2.0"},
    {"compression": "zstd", "use_dictionary": False},
    {"compression": "gzip", "write_page_checksum": True},
    {"compression": "none", "use_dictionary": False, "column_encoding": {"line": "DELTA_BYTE_ARRAY"}},
    {"compression": "none", "use_dictionary": False, "column_encoding": {"bus": "DELTA_BINARY_PACKED"}},
    {"compression": "none", "use_dictionary": False, "column_encoding": {"late": "BYTE_STREAM_SPLIT"}},
    {"compression": "lz4", "write_page_index": True, "store_schema": False},
)
FILES = tuple(parquet(good(), **form) for form in FORMS)


def bytes_of(seed: int) -> bytes:
    """A file with some of its bytes spoilt."""
    r = random.Random(seed)
    content = bytearray(r.choice(FILES))
    for _ in range(r.choice([1, 1, 2, 5])):
        r.choice(SPOILING)(r, content)
    return bytes(content)


def _flip(r: random.Random, content: bytearray) -> None:
    for _ in range(r.choice([1, 2, 8, 64])):
        content[r.randrange(len(content))] ^= 1 << r.randrange(8)


def _flip_footer(r: random.Random, content: bytearray) -> None:
    for _ in range(r.choice([1, 2, 8])):
        content[-1 - r.randrange(min(len(content), 1500))] ^= 1 << r.randrange(8)


def _tear(r: random.Random, content: bytearray) -> None:
    del content[r.randrange(1, len(content)) :]


def _blank(r: random.Random, content: bytearray) -> None:
    begin = r.randrange(len(content))
    end = min(len(content), begin + r.choice([1, 16, 300]))
    content[begin:end] = bytes(end - begin)


def _repeat(r: random.Random, content: bytearray) -> None:
    begin = r.randrange(len(content))
    content[begin:begin] = content[begin : begin + r.randrange(1, 200)]


def _exaggerate(r: random.Random, content: bytearray) -> None:
    begin = r.randrange(len(content))
    extreme = r.choice(EXTREMES)
    content[begin : begin + len(extreme)] = extreme


def _mix(r: random.Random, content: bytearray) -> None:
    other = r.choice(FILES)
    place = r.randrange(min(len(content), len(other)))
    content[place:] = other[place:]


SPOILING = (_flip, _flip_footer, _tear, _blank, _repeat, _exaggerate, _mix)


def table_of(seed: int) -> pa.Table:
    """A table whose columns have the contract's names, or others, and any types and values there are."""
    r = random.Random(seed)
    names = [*good().column_names, "", " ", "a.b", "at", "née", "x" * 300, "<b>", "\n", "😀", "__index_level_0__"]
    columns: list[tuple[str, pa.Array]] = []
    for name in good().column_names:
        chance = r.random()
        if chance < 0.85:
            columns.append((name, good()[name]))
        elif chance < 0.97:
            columns.append((name, _any(r)))
    columns += [(r.choice(names), _any(r)) for _ in range(r.choice([0, 0, 1, 3]))]
    r.shuffle(columns)
    return pa.table([column for _, column in columns], [name for name, _ in columns])


def _any(r: random.Random) -> pa.Array:
    kind, values = r.choice(KINDS)
    picked = [None if r.random() < 0.1 else r.choice(values) for _ in range(ROWS)]
    return pa.array(picked, kind)


_LATE = datetime(9999, 12, 31, tzinfo=UTC)
KINDS: tuple[tuple[pa.DataType, tuple[Any, ...]], ...] = (
    (pa.int64(), (0, -1, 2**63 - 1, -(2**63), 2**53 + 1)),
    (pa.uint64(), (0, 2**64 - 1)),
    (pa.int8(), (-128, 127)),
    (pa.float64(), (0.0, -0.0, float("nan"), float("inf"), -float("inf"), 1e308, 5e-324, 2.5)),
    (pa.float16(), (np.float16(1.5),)),
    (pa.string(), ("", "red", "\0", "é" * 50, "<script>", "x" * 3000, "\u202e", "'; DROP TABLE partitions;--")),
    (pa.large_string(), ("red", "blue")),
    (pa.binary(), (b"\xff\xfe", b"", b"red")),
    (pa.dictionary(pa.int8(), pa.string()), ("red", "blue", "")),
    (pa.dictionary(pa.int32(), pa.int64()), (1, 2)),
    (pa.timestamp("s"), (0, 2**50, -(2**50))),
    (pa.timestamp("ns"), (0, 2**63 - 1, -(2**63))),
    (pa.timestamp("us", "Europe/Berlin"), (_LATE, datetime(1, 1, 1, tzinfo=UTC))),
    (pa.date32(), (0, 2**31 - 1, -(2**31))),
    (pa.duration("s"), (1, -1)),
    (pa.decimal128(38, 10), (Decimal("1e20"), Decimal(-1))),
    (pa.null(), (None,)),
    (pa.list_(pa.int64()), ([1, 2], [])),
    (pa.struct([("at", pa.int64())]), ({"at": 1},)),
    (pa.map_(pa.string(), pa.int64()), ([("a", 1)],)),
    (pa.bool_(), (True, False)),
)

MAKERS: dict[str, Callable[[int], bytes]] = {
    "spoilt bytes": bytes_of,
    "any columns": lambda seed: parquet(table_of(seed), store_schema=seed % 2 == 0),
}

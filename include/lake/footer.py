"""What a Parquet file says of itself, read by our own hand: a damaged footer makes pyarrow's metadata end the process.

https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from include.lake.thrift import BINARY, LIST, STRUCT, Compact, Malformed

_TAIL, _MAGIC = 8, b"PAR1"
_SCHEMA, _ROWS, _GROUPS = 2, 3, 4
_CHILDREN = 5
_CHUNKS, _ROWS_OF_GROUP = 1, 3
_META = 3
_PATH, _STORED, _DATA, _DICTIONARY = 3, 7, 9, 11


@dataclass(frozen=True)
class Chunk:
    """One column of a row group: its path, and where its pages begin and end."""

    path: tuple[str, ...]
    begin: int
    end: int


@dataclass(frozen=True)
class Group:
    """One row group."""

    rows: int
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True)
class Footer:
    """The rows that are declared; per element of the schema how many lie directly in it, from the root down; groups."""

    rows: int
    children: tuple[int, ...]
    groups: tuple[Group, ...]


def read_footer(path: Path, most_bytes: int) -> Footer | None:
    """The footer; None where it is larger than that. Malformed where it is none."""
    with path.open("rb") as file:
        length = file.seek(0, os.SEEK_END)
        file.seek(max(0, length - _TAIL))
        tail = file.read()
        size = int.from_bytes(tail[:4], "little")
        if len(tail) < _TAIL or tail[4:] != _MAGIC or size > length - _TAIL - len(_MAGIC):
            raise Malformed("the file has no Parquet footer")
        if size > most_bytes:
            return None
        file.seek(length - _TAIL - size)
        return _footer(Compact(file.read(size)))


def _footer(reader: Compact) -> Footer:
    rows, children, groups = 0, list[int](), list[Group]()
    for number, kind in reader.fields():
        if (number, kind) == (_SCHEMA, LIST):
            children = [_children(reader) for _ in _structs(reader)]
        elif (number, kind) == (_GROUPS, LIST):
            groups = [_group(reader) for _ in _structs(reader)]
        elif number == _ROWS:
            rows = reader.integer()
        else:
            reader.skip(kind)
    return Footer(rows, tuple(children), tuple(groups))


def _structs(reader: Compact) -> Iterator[None]:
    count, kind = reader.items()
    if count and kind != STRUCT:
        raise Malformed(f"a list of kind {kind} where structs belong")
    for _ in range(count):
        yield


def _children(reader: Compact) -> int:
    found = 0
    for number, kind in reader.fields():
        if number == _CHILDREN:
            found = reader.integer()
        else:
            reader.skip(kind)
    return found


def _group(reader: Compact) -> Group:
    rows, chunks = 0, list[Chunk]()
    for number, kind in reader.fields():
        if (number, kind) == (_CHUNKS, LIST):
            chunks = [_chunk(reader) for _ in _structs(reader)]
        elif number == _ROWS_OF_GROUP:
            rows = reader.integer()
        else:
            reader.skip(kind)
    return Group(rows, tuple(chunks))


def _chunk(reader: Compact) -> Chunk:
    found = Chunk((), 0, 0)
    for number, kind in reader.fields():
        if (number, kind) == (_META, STRUCT):
            found = _meta(reader)
        else:
            reader.skip(kind)
    return found


def _meta(reader: Compact) -> Chunk:
    path, facts = list[str](), {_STORED: 0, _DATA: 0, _DICTIONARY: 0}
    for number, kind in reader.fields():
        if (number, kind) == (_PATH, LIST):
            count, inner = reader.items()
            if count and inner != BINARY:
                raise Malformed(f"a path of kind {inner}")
            path = [reader.text() for _ in range(count)]
        elif number in facts:
            facts[number] = reader.integer()
        else:
            reader.skip(kind)
    begin = min(facts[_DICTIONARY] or facts[_DATA], facts[_DATA])
    if begin < 0 or facts[_STORED] < 0:
        raise Malformed(f"pages at {begin}, {facts[_STORED]} bytes long")
    return Chunk(tuple(path), begin, begin + facts[_STORED])

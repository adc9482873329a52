"""Rows in blocks of one size, however they were stored: what is added up block by block comes out the same."""

from collections.abc import Iterable, Iterator

import pyarrow as pa

BLOCK_ROWS = 1 << 16


def blocks(tables: Iterable[pa.Table], rows: int = BLOCK_ROWS) -> Iterator[pa.Table]:
    """The rows of the tables in blocks of so many, the last one with what is left."""
    waiting: list[pa.Table] = []
    count = 0
    for table in tables:
        begin = 0
        while count + table.num_rows - begin >= rows:
            waiting.append(table.slice(begin, rows - count))
            begin, count = begin + rows - count, 0
            yield _joined(waiting)
            waiting = []
        if begin < table.num_rows:
            waiting.append(table.slice(begin))
            count += table.num_rows - begin
    if waiting:
        yield _joined(waiting)


def _joined(pieces: list[pa.Table]) -> pa.Table:
    return pieces[0] if len(pieces) == 1 else pa.concat_tables(pieces)

"""The rows of stored files: only the columns and rows that are wanted, in pieces, each read once.

What becomes of the pieces is the caller's: a table, or arrays that were made beforehand. In memory are that and a few
pieces, whatever the size of a file.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.types as kinds

from include.errors import BadData, NotFound
from include.lake.blocks import BLOCK_ROWS
from include.lake.hashing import ColumnHash, hash_of
from include.lake.store import Store

READERS = 4  # files read at the same time: they hide how slowly an object store answers, and bound the memory

Mask = npt.NDArray[np.bool_]
R = TypeVar("R")


class Stored(Protocol):
    """A file with rows of one partition, as snapshots and the ledger's predictions name it."""

    @property
    def key(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def rows(self) -> int: ...


def pieces(
    store: Store, file: Stored, columns: Sequence[str], kept: Mask | None = None, coded: Sequence[str] = ()
) -> Iterator[pa.RecordBatch]:
    """The kept rows of a file in their order, in pieces of at most `BLOCK_ROWS` rows; an empty one if there are none.

    Groups of rows of which none is kept are not read. A column that the file lacks has the type null; text among the
    `coded` columns comes as a dictionary. A file that is torn or has another number of rows than recorded is BadData.
    """
    with _opened(store, file.path, coded) as parquet:
        _require_rows(store, file, parquet)
        there, begin, some = [name for name in columns if name in parquet.schema_arrow.names], 0, False
        for group in range(parquet.num_row_groups):
            rows = parquet.metadata.row_group(group).num_rows
            mine = None if kept is None else kept[begin : begin + rows]
            begin += rows
            if mine is None or mine.any():
                for piece in _group(parquet, group, there, mine):
                    yield _completed(piece, columns)
                    some = True
        if not some:
            empty = parquet.schema_arrow.empty_table().select(there)
            yield _completed(
                pa.RecordBatch.from_arrays([one.combine_chunks() for one in empty.columns], there), columns
            )


def batches(store: Store, path: str, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Every row of a file that nobody counted before, in pieces; a column that it lacks has the type null."""
    with _opened(store, path, ()) as parquet:
        there = [name for name in columns if name in parquet.schema_arrow.names]
        for group in range(parquet.num_row_groups):
            for piece in _group(parquet, group, there, None):
                yield _completed(piece, columns)


def read_table(
    store: Store, files: Sequence[Stored], columns: Sequence[str], kept: Sequence[Mask] | None = None
) -> pa.Table:
    """The kept rows of all files, one after the other.

    A column that some files do not have yet is null there; one that became wider is read in its widest type. NotFound
    where no file has a column.
    """

    def read(file: Stored, mask: Mask | None) -> pa.Table:
        return pa.Table.from_batches(pieces(store, file, columns, mask))

    tables = in_parallel(read, files, [None] * len(files) if kept is None else kept)
    require_columns(files, columns, [table.schema for table in tables])
    return pa.concat_tables(tables, promote_options="permissive")


def masks(files: Iterable[Stored], places: npt.NDArray[np.int64]) -> list[Mask]:
    """Which rows of each file are meant by their places among the rows of all files."""
    ends = np.cumsum([file.rows for file in files])
    whole = np.zeros(int(ends[-1]), dtype=np.bool_)
    whole[places] = True
    return np.split(whole, ends[:-1])


def in_parallel(function: Callable[..., R], files: Sequence[Stored], *beside: Iterable[object]) -> list[R]:
    """What the function makes of each file and of what stands beside it, in order, `READERS` files at a time."""
    if not files:
        raise NotFound("There is no partition, so there is nothing to read.")
    with ThreadPoolExecutor(READERS) as pool:
        return list(pool.map(function, files, *beside))


def require_columns(files: Sequence[Stored], columns: Iterable[str], found: Iterable[pa.Schema]) -> None:
    """NotFound where a column is in none of the files, whose pieces have the schemas `found`."""
    there = {field.name for schema in found for field in schema if not kinds.is_null(field.type)}
    if missing := [name for name in columns if name not in there]:
        first, last = files[0].key, files[-1].key
        raise NotFound(f"No partition from {first} to {last} has column {', '.join(missing)}.")


def stored_hash(store: Store, path: str) -> str:
    """The content hash of a file as it is now."""
    with _opened(store, path, ()) as plain:
        columns = [ColumnHash(field.name, field.type) for field in plain.schema_arrow]
    with _opened(store, path, plain.schema_arrow.names) as parquet:
        for group in range(parquet.num_row_groups):
            for piece in parquet.iter_batches(BLOCK_ROWS, row_groups=[group]):
                for one, column in zip(columns, piece.columns, strict=True):
                    one.add(column)
    return hash_of(columns)


@contextmanager
def _opened(store: Store, path: str, coded: Sequence[str]) -> Iterator[pq.ParquetFile]:
    """The file for reading; one that cannot be decoded is BadData naming it, also while it is read."""
    with store.explaining(path), store.open_input(path) as source:
        try:
            file = pq.ParquetFile(source, pre_buffer=True)
            words = [field.name for field in file.schema_arrow if field.name in coded and kinds.is_string(field.type)]
            if words:
                file = pq.ParquetFile(source, metadata=file.metadata, read_dictionary=words, pre_buffer=True)
            yield file
        except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
            if _of_storage(error):
                raise
            first = (str(error).splitlines() or [type(error).__name__])[0]
            raise BadData(f"{store.locate(path)} is no readable Parquet file: {first}") from error


def _of_storage(error: Exception) -> bool:
    """Whether the storage failed; Arrow reports a page it cannot decode as an OSError too."""
    return isinstance(error, OSError) and (error.errno is not None or "AWS Error" in str(error))


def _require_rows(store: Store, file: Stored, parquet: pq.ParquetFile) -> None:
    if parquet.metadata.num_rows != file.rows:
        raise BadData(
            f"{store.locate(file.path)} has {parquet.metadata.num_rows} rows, {file.rows} are on record: it was "
            "changed after it was admitted. Restore it from a backup, or land the partition again."
        )


def _group(parquet: pq.ParquetFile, group: int, columns: list[str], kept: Mask | None) -> Iterator[pa.RecordBatch]:
    """The kept rows of one group. It is read by itself: Arrow would fetch all groups of the file at once."""
    begin = 0
    for piece in parquet.iter_batches(BLOCK_ROWS, row_groups=[group], columns=columns):
        mine = None if kept is None else kept[begin : begin + piece.num_rows]
        begin += piece.num_rows
        if mine is None or mine.all():
            yield piece
        elif mine.any():
            yield piece.filter(pa.array(mine))


def _completed(piece: pa.RecordBatch, columns: Sequence[str]) -> pa.RecordBatch:
    """The piece with all columns in the order they were asked for."""
    names = piece.schema.names
    if names == list(columns):
        return piece
    absent = pa.nulls(piece.num_rows)
    return pa.RecordBatch.from_arrays([piece[name] if name in names else absent for name in columns], list(columns))

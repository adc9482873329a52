"""A landing as it was when it was copied aside: judged, kept and published from the same bytes, block by block."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.types as kinds

from include.errors import BadData
from include.lake.blocks import BLOCK_ROWS
from include.lake.partitions import Landed, some

_BUFFER = 1 << 20


@dataclass(frozen=True)
class StagedFile:
    """One file of a landing: its local copy and its full address as it landed, for messages."""

    path: Path
    name: str
    address: str

    def open(self, dictionaries: Sequence[str] = ()) -> pq.ParquetFile:
        """The file opened for reading; a file that is torn or no Parquet is BadData naming it."""
        try:
            return pq.ParquetFile(self.path, read_dictionary=list(dictionaries), buffer_size=_BUFFER, pre_buffer=False)
        except (pa.ArrowException, UnicodeDecodeError, OSError, ValueError, OverflowError) as error:
            raise self.unreadable(error) from error

    def unreadable(self, error: Exception, column: str | None = None) -> BadData:
        """What to raise where the file, or one column of it, cannot be decoded."""
        first = (str(error).splitlines() or [type(error).__name__])[0][:500]
        where = f" (column {column})" if column is not None else ""
        return BadData(f"{self.address} is no readable Parquet file: {first}{where}")


@dataclass(frozen=True)
class Staged:
    """Copies of a landing's files, in the order of their names."""

    landed: Landed
    files: tuple[StagedFile, ...]

    def schema(self) -> pa.Schema:
        """The columns and types of all files together; files that do not fit together are BadData naming them."""
        if not self.files:
            landed = self.landed
            raise BadData(f"Partition {landed.key} has no Parquet file in {landed.store.locate(landed.key)}.")
        schemas = [_schema(file) for file in self.files]
        for file, schema in zip(self.files, schemas, strict=True):
            if sorted(schema.names) != sorted(schemas[0].names):
                odd = some(set(schema.names) ^ set(schemas[0].names))
                raise BadData(
                    f"The files {self.files[0].name} and {file.name} of partition {self.landed.key} "
                    f"differ in columns: {odd}."
                )
        if len(schemas) == 1 or len(set(schemas[0].names)) < len(schemas[0].names):
            return schemas[0]
        try:
            return pa.unify_schemas(schemas, promote_options="permissive")
        except pa.ArrowException as error:
            raise BadData(f"The files of partition {self.landed.key} differ in types: {error}") from error

    def tables(self, columns: Sequence[str]) -> Iterator[tuple[str, pa.Table]]:
        """Some columns of every file, in pieces of at most a block, with the file's name; text comes as dictionaries.

        Few bytes of a dictionary can stand for more text than there is memory, so it is never written out here.
        """
        for file in self.files:
            for piece in _pieces(file, columns):
                yield file.name, piece


def stage(landed: Landed, folder: Path) -> Staged:
    """Copies a landing's files into a local folder, under names of our own."""
    files = []
    for number, entry in enumerate(landed.files):
        copy = folder / f"{number:05}.parquet"
        landed.store.download(entry.path, copy)
        files.append(StagedFile(copy, entry.name, landed.store.locate(entry.path)))
    return Staged(landed, tuple(files))


def _schema(file: StagedFile) -> pa.Schema:
    with file.open() as parquet:
        try:
            schema = parquet.schema_arrow
            _ = schema.names
            return schema.remove_metadata()
        except (pa.ArrowException, UnicodeDecodeError) as error:
            raise file.unreadable(error) from error


def _pieces(file: StagedFile, columns: Sequence[str]) -> Iterator[pa.Table]:
    words = [field.name for field in _schema(file) if field.name in columns and _is_text(field.type)]
    with file.open(words) as parquet:
        batches = _batches(parquet, columns)
        while True:
            try:
                piece = next(batches, None)
            except (pa.ArrowException, UnicodeDecodeError, OSError, MemoryError) as error:
                raise file.unreadable(error, _culprit(file, columns)) from error
            if piece is None:
                return
            _require_possible(file, piece)
            yield pa.Table.from_batches([piece])


def _batches(parquet: pq.ParquetFile, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    return iter(parquet.iter_batches(BLOCK_ROWS, columns=list(columns), use_threads=True))


def _culprit(file: StagedFile, columns: Sequence[str]) -> str | None:
    """The first column that cannot be read by itself."""
    for name in columns:
        try:
            with file.open([name]) as parquet:
                for _ in _batches(parquet, [name]):
                    pass
        except (pa.ArrowException, UnicodeDecodeError, OSError, MemoryError, BadData):
            return name
    return None


def _require_possible(file: StagedFile, piece: pa.RecordBatch) -> None:
    for name, column in zip(piece.schema.names, piece.columns, strict=True):
        try:
            column.validate(full=True)
        except (pa.ArrowException, UnicodeDecodeError) as error:
            raise BadData(f"{file.address} holds impossible values: {error} (column {name})") from error


def _is_text(kind: pa.DataType) -> Any:
    return kinds.is_string(kind) or kinds.is_large_string(kind) or kinds.is_string_view(kind)

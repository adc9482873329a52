"""A landing as it was when it was copied aside: judged, kept and published from the same bytes, block by block."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.types as kinds

from include.errors import BadData
from include.lake.bearable import CHAINED_ROWS, Unbearable, read_bearable, require_bearable
from include.lake.blocks import BLOCK_ROWS
from include.lake.partitions import Landed, some

_BUFFER = 1 << 20
MOST_CHAINED_BYTES = 1 << 28
_BROKEN = (pa.ArrowException, UnicodeDecodeError, OSError, ValueError, OverflowError, MemoryError)


class Unreadable(BadData):
    """Files that cannot be read: which rule they break, in which column if it is one, and what is required."""

    def __init__(
        self,
        message: str,
        column: str | None = None,
        rule: str = "readable",
        required: str = "whole Parquet files that fit together",
    ) -> None:
        super().__init__(message)
        self.column, self.rule, self.required = column, rule, required


@dataclass(frozen=True)
class StagedFile:
    """One file of a landing: its local copy and its full address as it landed.

    Once it is vetted, `groups` says how many rows each row group has, and `chained` that texts repeat each other.
    """

    path: Path
    name: str
    address: str
    chained: bool = False
    groups: tuple[int, ...] = ()

    def open(self, dictionaries: Sequence[str] = ()) -> pq.ParquetFile:
        """The file opened for reading; a file that is torn or no Parquet is Unreadable naming it."""
        try:
            return pq.ParquetFile(self.path, read_dictionary=list(dictionaries), buffer_size=_BUFFER, pre_buffer=False)
        except _BROKEN as error:
            raise self.unreadable(error) from error

    def vetted(self, columns: Iterable[str]) -> "StagedFile":
        """The file, if these columns of it can be read in the memory there is; Unreadable otherwise."""
        try:
            footer = read_bearable(self.path)
            chained = require_bearable(self.path, footer, list(columns))
        except Unbearable as error:
            message = f"{self.address} asks for more than is read: {error}"
            raise Unreadable(message, error.column, "bearable", f"at most {error.required}") from error
        except _BROKEN as error:
            raise self.unreadable(error) from error
        return replace(self, chained=chained, groups=tuple(group.rows for group in footer.groups))

    def unreadable(self, error: Exception, column: str | None = None) -> Unreadable:
        """What to raise where the file, or one column of it, cannot be decoded."""
        first = (str(error).splitlines() or [type(error).__name__])[0][:500]
        where = f" (column {column})" if column is not None else ""
        return Unreadable(f"{self.address} is no readable Parquet file: {first}{where}", column)


@dataclass(frozen=True)
class Staged:
    """Copies of a landing's files, in the order of their names."""

    landed: Landed
    files: tuple[StagedFile, ...]

    def vetted(self, columns: Iterable[str]) -> "Staged":
        """The same, if these columns can be read in the memory there is; to be asked before anything else."""
        wanted = list(columns)
        return replace(self, files=tuple(file.vetted(wanted) for file in self.files))

    def schema(self) -> pa.Schema:
        """The columns and types of all files together; files that do not fit together are Unreadable naming them."""
        if not self.files:
            landed = self.landed
            raise Unreadable(f"Partition {landed.key} has no Parquet file in {landed.store.locate(landed.key)}.")
        schemas = [_schema(file) for file in self.files]
        for file, schema in zip(self.files, schemas, strict=True):
            if sorted(schema.names) != sorted(schemas[0].names):
                odd = some(set(schema.names) ^ set(schemas[0].names))
                raise Unreadable(
                    f"The files {self.files[0].name} and {file.name} of partition {self.landed.key} "
                    f"differ in columns: {odd}."
                )
        if len(schemas) == 1 or len(set(schemas[0].names)) < len(schemas[0].names):
            return schemas[0]
        try:
            return pa.unify_schemas(schemas, promote_options="permissive")
        except pa.ArrowException as error:
            raise Unreadable(f"The files of partition {self.landed.key} differ in types: {error}") from error

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
        files.append(StagedFile(copy, _printable(entry.name), _printable(landed.store.locate(entry.path))))
    return Staged(landed, tuple(files))


def _printable(name: str) -> str:
    """The name as it can be written down: bytes in no encoding are told by their numbers."""
    return name.encode("utf-8", "backslashreplace").decode()


def _schema(file: StagedFile) -> pa.Schema:
    with file.open() as parquet:
        try:
            schema = parquet.schema_arrow
            _ = schema.names
            return schema.remove_metadata()
        except _BROKEN as error:
            raise file.unreadable(error) from error


def _pieces(file: StagedFile, columns: Sequence[str]) -> Iterator[pa.Table]:
    words = [field.name for field in _schema(file) if field.name in columns and _is_text(field.type)]
    # Chained texts cannot be read as dictionaries, and few bytes of them are many: they are counted as they come.
    with file.open([] if file.chained else words) as parquet:
        batches = _batches(file, parquet, columns)
        room = _Room(file, words)
        while True:
            try:
                piece = next(batches, None)
            except _BROKEN as error:
                raise file.unreadable(error, _culprit(file, columns)) from error
            if piece is None:
                return
            _require_possible(file, piece)
            room.take(piece)
            yield pa.Table.from_batches([piece])


def _batches(file: StagedFile, parquet: pq.ParquetFile, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    rows = CHAINED_ROWS if file.chained else BLOCK_ROWS
    return iter(parquet.iter_batches(rows, columns=list(columns), use_threads=True))


class _Room:
    """What the texts of a chained file take in a block of rows; Unreadable where it is too much."""

    def __init__(self, file: StagedFile, words: Sequence[str]) -> None:
        self._file, self._words, self._rows, self._bytes = file, words, 0, 0

    def take(self, piece: pa.RecordBatch) -> None:
        if not self._file.chained:
            return
        self._bytes += sum(piece.column(name).nbytes for name in self._words if name in piece.schema.names)
        self._rows += piece.num_rows
        if self._bytes > MOST_CHAINED_BYTES:
            limit = f"{MOST_CHAINED_BYTES} bytes of text in {BLOCK_ROWS} rows"
            message = f"{self._file.address} asks for more than is read: more than {limit}"
            raise Unreadable(message, None, "bearable", f"at most {limit}")
        if self._rows >= BLOCK_ROWS:
            self._rows = self._bytes = 0


def _culprit(file: StagedFile, columns: Sequence[str]) -> str | None:
    """The first column that cannot be read by itself."""
    for name in columns:
        try:
            with file.open([name]) as parquet:
                for _ in _batches(file, parquet, [name]):
                    pass
        except (*_BROKEN, Unreadable):
            return name
    return None


def _require_possible(file: StagedFile, piece: pa.RecordBatch) -> None:
    for name, column in zip(piece.schema.names, piece.columns, strict=True):
        try:
            column.validate(full=True)
        except _BROKEN as error:
            message = f"{file.address} holds impossible values: {error} (column {name})"
            raise Unreadable(message, name) from error


def _is_text(kind: pa.DataType) -> Any:
    return kinds.is_string(kind) or kinds.is_large_string(kind) or kinds.is_string_view(kind)

"""What a table says, as one hash: the same however it is stored, another for any change."""

import hashlib
import json
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds

_AS_INTEGER = {32: pa.int32(), 64: pa.int64()}
_DECODED_BYTES = 1 << 24
_NONE = bytes(1 << 16)


class ColumnHash:
    """One column's part of the content hash, chunk by chunk: its nulls, its lengths and its values."""

    def __init__(self, name: str, kind: pa.DataType) -> None:
        self._name, self._kind = name, kind.value_type if kinds.is_dictionary(kind) else kind
        self._rows = 0
        self._nulls, self._lengths, self._values = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()

    def add(self, chunk: pa.Array) -> None:
        """Takes the next rows into account; a dictionary of text says the same as its values."""
        self._rows += len(chunk)
        if kinds.is_dictionary(chunk.type) and _is_text(self._kind):
            self._add_words(chunk)
        else:
            self._add(chunk.dictionary_decode() if kinds.is_dictionary(chunk.type) else chunk)

    def into(self, whole: "hashlib._Hash") -> None:
        """Adds the column to the hash of the table."""
        whole.update(json.dumps([self._name, str(self._kind), self._rows]).encode())
        for part in (self._nulls, self._lengths, self._values):
            whole.update(part.digest())

    def _add(self, chunk: pa.Array) -> None:
        self._add_nulls(chunk)
        if _is_text(chunk.type):
            self._lengths.update(_bytes(pc.fill_null(pc.binary_length(chunk), 0).cast(pa.int64())))
            self._values.update(_text(chunk))
        else:
            self._values.update(_bytes(_fixed_width(chunk)))

    def _add_words(self, chunk: pa.DictionaryArray) -> None:
        """Text behind a dictionary, written out in pieces: few rows can stand for gigabytes of it."""
        self._add_nulls(chunk)
        sizes = np.append(pc.fill_null(pc.binary_length(chunk.dictionary), 0).to_numpy(zero_copy_only=False), 0)
        where = pc.fill_null(chunk.indices, len(chunk.dictionary)) if chunk.null_count else chunk.indices
        lengths = sizes.astype(np.int64)[where.to_numpy(zero_copy_only=False)]
        self._lengths.update(lengths.data)
        ends, begin = np.cumsum(lengths), 0
        while begin < len(chunk):
            before = int(ends[begin - 1]) if begin else 0
            end = max(begin + 1, int(np.searchsorted(ends, before + _DECODED_BYTES, side="right")))
            self._values.update(_text(chunk[begin:end].dictionary_decode()))
            begin = end

    def _add_nulls(self, chunk: pa.Array) -> None:
        if chunk.null_count:
            self._nulls.update(_bytes(chunk.is_null()))
            return
        for begin in range(0, len(chunk), len(_NONE)):
            self._nulls.update(memoryview(_NONE)[: min(len(_NONE), len(chunk) - begin)])


def content_hash(table: pa.Table) -> str:
    """SHA-256 over names, types, values, nulls and row order; chunks, compression and row groups are no content."""
    columns = []
    for field, column in zip(table.schema, table.columns, strict=True):
        one = ColumnHash(field.name, field.type)
        for chunk in column.chunks:
            one.add(chunk)
        columns.append(one)
    return hash_of(columns)


def hash_of(columns: Iterable[ColumnHash]) -> str:
    """The content hash of the table with these columns, in their order."""
    whole = hashlib.sha256()
    for column in columns:
        column.into(whole)
    return whole.hexdigest()


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        kinds.is_string(kind) or kinds.is_large_string(kind) or kinds.is_binary(kind) or kinds.is_large_binary(kind)
    )


def _fixed_width(chunk: pa.Array) -> pa.Array:
    if kinds.is_null(chunk.type):
        return pa.array([], pa.int64())
    if kinds.is_temporal(chunk.type):
        chunk = chunk.view(_AS_INTEGER[chunk.type.bit_width])
    if kinds.is_boolean(chunk.type) or kinds.is_integer(chunk.type) or kinds.is_floating(chunk.type):
        return pc.fill_null(chunk, pa.scalar(0).cast(chunk.type)) if chunk.null_count else chunk
    raise TypeError(f"a column of type {chunk.type} has no content hash: cast it to a plain type first")


def _bytes(array: pa.Array) -> memoryview:
    return np.ascontiguousarray(array.to_numpy(zero_copy_only=False)).view(np.uint8).data


def _text(chunk: pa.Array) -> memoryview:
    if chunk.null_count:  # what is under a null is no content
        chunk = chunk.drop_null()
    _, offsets, data = chunk.buffers()
    if data is None or len(chunk) == 0:
        return memoryview(b"")
    width = np.int64 if kinds.is_large_string(chunk.type) or kinds.is_large_binary(chunk.type) else np.int32
    bounds = np.frombuffer(offsets, width)
    start, end = int(bounds[chunk.offset]), int(bounds[chunk.offset + len(chunk)])
    return memoryview(data)[start:end]

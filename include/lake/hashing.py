"""What a table says, as one hash: the same however it is stored, another for any change."""

import hashlib
import json
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds

_AS_INTEGER = {32: pa.int32(), 64: pa.int64()}


def content_hash(table: pa.Table) -> str:
    """SHA-256 over names, types, values, nulls and row order; chunks, compression and row groups are no content."""
    whole = hashlib.sha256()
    for field, column in zip(table.schema, table.columns, strict=True):
        plain = column.cast(field.type.value_type) if kinds.is_dictionary(field.type) else column
        whole.update(json.dumps([field.name, str(plain.type), len(plain)]).encode())
        for digest in _digests(plain):
            whole.update(digest)
    return whole.hexdigest()


def _digests(column: pa.ChunkedArray) -> Iterator[bytes]:
    """One hash each over the nulls, the lengths and the values, as if the column were one piece."""
    nulls, lengths, values = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()
    for chunk in column.chunks:
        nulls.update(_bytes(chunk.is_null()))
        if _is_text(chunk.type):
            lengths.update(_bytes(pc.fill_null(pc.binary_length(chunk), 0).cast(pa.int64())))
            values.update(_text(chunk))
        else:
            values.update(_bytes(_fixed_width(chunk)))
    yield from (nulls.digest(), lengths.digest(), values.digest())


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
        return pc.fill_null(chunk, pa.scalar(0).cast(chunk.type))
    raise TypeError(f"a column of type {chunk.type} has no content hash: cast it to a plain type first")


def _bytes(array: pa.Array) -> bytes:
    return np.ascontiguousarray(array.to_numpy(zero_copy_only=False)).tobytes()


def _text(chunk: pa.Array) -> bytes:
    if chunk.null_count:  # what is under a null is no content
        chunk = chunk.drop_null()
    _, offsets, data = chunk.buffers()
    if data is None or len(chunk) == 0:
        return b""
    width = np.int64 if kinds.is_large_string(chunk.type) or kinds.is_large_binary(chunk.type) else np.int32
    bounds = np.frombuffer(offsets, width)
    start, end = int(bounds[chunk.offset]), int(bounds[chunk.offset + len(chunk)])
    return bytes(data.slice(start, end - start).to_pybytes())

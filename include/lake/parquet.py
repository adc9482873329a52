"""Parquet files in a store."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from include.errors import BadData
from include.lake.store import Store


def read_parquet(store: Store, path: str, columns: Sequence[str] | None = None) -> pa.Table:
    """The table of one file; a file that is torn or no Parquet is BadData naming it."""
    with store.explaining(path), store.open_input(path) as source:
        try:
            return pq.ParquetFile(source, pre_buffer=True).read(columns=columns)
        except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
            if _of_storage(error):
                raise
            raise BadData(f"{store.locate(path)} is no readable Parquet file: {_first_line(error)}") from error


def read_admitted(
    store: Store, path: str, columns: Sequence[str] | None = None, filters: pc.Expression | None = None
) -> pa.Table:
    """The rows of an admitted file (its path or full address), only some columns or rows if asked for."""
    relative = path.removeprefix(f"{store.uri}/")
    table = read_parquet(store, relative, columns)
    return table if filters is None else table.filter(filters)


def publish(store: Store, path: str, table: pa.Table) -> None:
    """Writes a content-addressed file; one that is there already has the same content and stays untouched."""
    if store.exists(path):
        return
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    store.write_bytes(path, sink.getvalue().to_pybytes())


def _of_storage(error: Exception) -> bool:
    """Whether the storage failed; Arrow reports a page it cannot decode as an OSError too."""
    return isinstance(error, OSError) and (error.errno is not None or "AWS Error" in str(error))


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]

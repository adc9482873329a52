"""Partitions as a producer lands them."""

import io
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from include.lake import Store
from include.spec import ContractSpec

TRIPS: dict[str, Any] = {
    "dataset": "trips",
    "owner": "tests",
    "event_time": "at",
    "keys": ["at", "bus"],
    "rows": {"min": 2, "max": 100},
    "columns": {
        "at": {"type": "timestamp"},
        "bus": {"type": "int", "min": 1},
        "line": {"type": "string", "one_of": ["red", "blue"]},
        "late": {"type": "float", "nullable": True, "max_null_share": 0.5, "min": -60, "max": 600},
        "full": {"type": "bool", "nullable": True},
        "driver": {"type": "string", "nullable": True, "pattern": "^[a-z]+$", "personal": True},
    },
}


def contract(**changes: Any) -> ContractSpec:
    """A small contract; `columns` changes are merged column by column."""
    columns = {**TRIPS["columns"], **changes.pop("columns", {})}
    return ContractSpec.model_validate({**TRIPS, "columns": columns, **changes})


def rows(**changes: Any) -> pa.Table:
    """Four good trips; a change replaces a column, or removes it if it is None."""
    columns: dict[str, Any] = {
        "at": pa.array([0, 60_000, 120_000, 180_000], pa.timestamp("ms")),
        "bus": pa.array([1, 2, 3, 4]),
        "line": pa.array(["red", "blue", "red", "blue"]),
        "late": pa.array([1.5, None, -3.0, 20.0]),
        "full": pa.array([True, False, None, True]),
        "driver": pa.array(["ann", "bob", None, "cy"]),
    }
    return pa.table({name: column for name, column in {**columns, **changes}.items() if column is not None})


def parquet(table: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def land(
    store: Store,
    key: str = "2013-01-31",
    files: Mapping[str, pa.Table | bytes] | None = None,
    *,
    dataset: str = "trips",
    marker: str | None = "_SUCCESS",
) -> None:
    """Lands the files, then the marker."""
    folder = f"landing/{dataset}/{key}"
    for name, content in (files if files is not None else {"part-0.parquet": rows()}).items():
        store.write_bytes(f"{folder}/{name}", content if isinstance(content, bytes) else parquet(content))
    if marker is not None:
        store.write_bytes(f"{folder}/{marker}", b"")

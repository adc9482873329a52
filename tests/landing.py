"""Partitions as a producer lands them."""

import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from include.contract.check import CheckResult, check
from include.contract.publication import schema_of
from include.contract.situation import ALONE, Situation
from include.lake import Landed, Store
from include.lake.staged import stage
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


def publish(store: Store, path: str, table: pa.Table, **options: Any) -> None:
    """Puts rows where an admitted file is, as admission would leave them."""
    store.write_bytes(path, parquet(table, compression="zstd", **options))


def published(store: Store, path: str) -> pa.Table:
    """The rows of an admitted file."""
    return pq.read_table(pa.BufferReader(store.read_bytes(path)))


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


@dataclass(frozen=True)
class Rows:
    """A table where a landing is expected; `pieces` of it seem to come from as many files."""

    table: pa.Table
    pieces: int = 1

    def schema(self) -> pa.Schema:
        return self.table.schema

    def tables(self, columns: Sequence[str]) -> Iterator[tuple[str, pa.Table]]:
        wanted, size = self.table.select(list(columns)), -(-self.table.num_rows // self.pieces)
        for piece in range(self.pieces):
            yield f"part-{piece}.parquet", wanted.slice(piece * size, size)


@dataclass(frozen=True)
class Checked:
    """A check's result and the rows in the contract's types; None if they cannot have them."""

    result: CheckResult
    table: pa.Table | None


def checked(table: pa.Table, contract: ContractSpec, pieces: int = 1, beside: Situation = ALONE) -> Checked:
    """A table against its contract."""
    blocks: list[pa.Table] = []
    with tempfile.TemporaryDirectory() as folder:
        result = check(Rows(table, pieces), contract, Path(folder), blocks.append, beside)
    if result.content_hash is None:
        return Checked(result, None)
    return Checked(result, pa.concat_tables(blocks).cast(schema_of(contract)) if blocks else table)


def read_landed(landed: Landed) -> pa.Table:
    """Every row of a landing, as admission reads it."""
    with tempfile.TemporaryDirectory() as folder:
        staged = stage(landed, Path(folder))
        schema = staged.schema()
        tables = [table for _, table in staged.tables(schema.names)]
        plain = pa.schema([(one.name, pa.string() if pa.types.is_dictionary(one.type) else one.type) for one in schema])
        return pa.concat_tables([table.cast(plain) for table in tables])

"""One partition of 20 columns: a moment, a key, 8 floats (4 with nulls), 4 ints, 4 texts, 2 flags; and its contract."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from include.spec import ContractSpec

CHUNK = 1_000_000
KEY = "2026-01-31"
_DAY = 1_769_817_600_000_000


def write(path: Path, rows: int, *, to_be_cast: bool = False) -> None:
    """Writes the partition; `to_be_cast` in narrower types than the contract's, so that it has to be written anew."""
    writer = None
    for begin in range(0, rows, CHUNK):
        table = _chunk(begin, min(CHUNK, rows - begin), seed=begin // CHUNK)
        if to_be_cast:
            table = table.set_column(0, "at", table["at"].cast(pa.timestamp("ms", "UTC")))
            table = table.set_column(10, "i0", table["i0"].cast(pa.int32()))
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    assert writer is not None
    writer.close()


def contract() -> ContractSpec:
    """40 rules: nulls, ranges, sets, patterns, a unique key, rows and columns."""
    columns: dict[str, Any] = {"at": {"type": "timestamp"}, "id": {"type": "int", "min": 0}}
    for n in range(8):
        columns[f"f{n}"] = {"type": "float", "min": -1000, "max": 1000}
        if n < 4:
            columns[f"f{n}"] |= {"nullable": True, "max_null_share": 0.1}
    for n in range(4):
        columns[f"i{n}"] = {"type": "int", "min": 0, "max": 2_000_000}
    columns["c0"] = {"type": "string", "one_of": [f"v{n:04}" for n in range(4)]}
    for n in (1, 2):
        columns[f"c{n}"] = {"type": "string", "pattern": "^v[0-9]{4}$"}
    columns["s0"] = {"type": "string", "pattern": "^m_[0-9]+$"}
    columns |= {"b0": {"type": "bool"}, "b1": {"type": "bool"}}
    declared = {"dataset": "bench", "owner": "bench", "event_time": "at", "keys": ["id"], "columns": columns}
    return ContractSpec.model_validate(declared)


def _chunk(begin: int, rows: int, seed: int) -> pa.Table:
    r = np.random.default_rng(seed)
    columns: dict[str, pa.Array] = {
        "at": pa.array(_DAY + (np.arange(begin, begin + rows) * 8_000) // 1000 * 1000, pa.timestamp("us", "UTC")),
        "id": pa.array((np.arange(begin, begin + rows, dtype=np.int64) * 7_919) % 1_000_000_007),
    }
    for n in range(8):
        values = r.normal(0, 1, rows) if n % 2 else r.lognormal(0, 1, rows)
        columns[f"f{n}"] = pa.array(values, mask=r.random(rows) < 0.02 if n < 4 else None)
    for n, distinct in enumerate((10, 100, 2000, 1_000_000)):
        columns[f"i{n}"] = pa.array(r.integers(0, distinct, rows))
    for n, distinct in enumerate((4, 20, 1000)):
        words = pa.array([f"v{word:04}" for word in range(distinct)])
        columns[f"c{n}"] = words.take(pa.array(r.integers(0, distinct, rows)))
    names = pa.array([f"m_{word}" for word in range(100_000)])
    columns["s0"] = names.take(pa.array(r.integers(0, 100_000, rows)))
    columns |= {"b0": pa.array(r.random(rows) < 0.3), "b1": pa.array(r.random(rows) < 0.5)}
    return pa.table(columns)

"""Deliveries of shops over thirty days, as they lie in a lake, and the feature that is made of them."""

import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from include.lake import Store, content_hash, layout
from include.lake.snapshot import Snapshot, SnapshotEntry
from include.spec import ContractSpec, WindowFeature

DAYS = 30
FIRST = np.datetime64("2013-01-01", "D")
SNAPSHOT, TIMELINE = "snapshot.json", "timeline.parquet"
CONTRACT = ContractSpec.model_validate(
    {
        "dataset": "deliveries",
        "owner": "benchmarks",
        "event_time": "at",
        "keys": ["row"],
        "columns": {
            "row": {"type": "int"},
            "at": {"type": "timestamp"},
            "shop": {"type": "int"},
            "late": {"type": "int", "nullable": True, "known": "after"},
        },
    }
)
FEATURE = WindowFeature.model_validate(
    {"aggregate": "mean", "of": "late", "by": ["shop"], "window": "7d", "known_after": "1d"}
)
NAME = "shop_late_7d"


def write(folder: Path, rows: int, shops: int) -> dict[str, float]:
    """So many rows in daily partitions, in no order within a day."""
    store, random, first = Store.open(str(folder)), np.random.default_rng(7), 0
    entries = []
    for day, part in enumerate(np.array_split(np.arange(rows), DAYS)):
        start = (FIRST + day).astype("datetime64[us]").astype(np.int64)
        at = start + random.integers(0, 86_400, len(part)) * 1_000_000
        late = pa.array(random.integers(-60, 600, len(part)), mask=random.random(len(part)) < 0.05)
        table = pa.table(
            {
                "row": part,
                "at": pa.array(at).cast(pa.timestamp("us", "UTC")),
                "shop": random.integers(0, shops, len(part)),
                "late": late,
            }
        )
        digest, key = content_hash(table), str(FIRST + day)
        path = layout.admitted("deliveries", key, digest)
        sink = BytesIO()
        pq.write_table(table, sink, compression="zstd")
        store.write_bytes(path, sink.getvalue())
        entries.append(SnapshotEntry(key=key, content_hash=digest, path=path, rows=len(part)))
        first += len(part)
    folder.joinpath(SNAPSHOT).write_text(Snapshot(dataset="deliveries", entries=tuple(entries)).model_dump_json())
    return {"rows": float(rows)}


def snapshot(folder: Path) -> Snapshot:
    """What was written."""
    return Snapshot.model_validate(json.loads(folder.joinpath(SNAPSHOT).read_text()))

"""The lake of the benchmark: admitted days of one dataset, and the model that learns from them."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from include.lake import Snapshot, SnapshotEntry
from include.spec import ContractSpec, ModelSpec

FLOATS = tuple(f"float_{number}" for number in range(10))
INTS = tuple(f"int_{number}" for number in range(4))
BOOL = "bool_0"
WORDS = {"word_5": 5, "word_20": 20, "word_300": 300, "word_5000": 5000, "word_missing": 16}
NUMERIC = (*FLOATS, *INTS, BOOL)
TARGET, ABOVE = "late", 1.0
FIRST_DAY = date(2013, 1, 1)
UNLABELLED, MISSING = 0.03, 0.05
ROWS_PER_GROUP = 1 << 18  # as admission writes them


def model(float32: tuple[str, ...] = ()) -> ModelSpec:
    """Twenty features: ten floats, four ints, a flag and five categories; three columns more are not read."""
    columns: dict[str, Any] = {
        "at": {"type": "timestamp"},
        "id": {"type": "int"},
        "note": {"type": "string"},
        **{name: {"type": "float", "nullable": True} for name in (*FLOATS, TARGET)},
        **{name: {"type": "int", "min": 0, "max": 1000} for name in INTS},
        BOOL: {"type": "bool", "nullable": True},
        **{name: {"type": "string", "nullable": True} for name in WORDS},
    }
    contract = ContractSpec(dataset="bench", owner="bench", event_time="at", keys=("id",), columns=columns)
    return ModelSpec.model_validate(
        {
            "name": "bench", "owner": "bench", "task": "binary", "contract": contract,
            "target": {"column": TARGET, "above": ABOVE},
            "features": {"numeric": NUMERIC, "categorical": tuple(WORDS), "float32": float32},
            "gates": {"champion_comparison": {"metric": "auc", "margin": 0.01}},
        }
    )  # fmt: skip


def snapshot(folder: Path) -> Snapshot:
    """The days in the folder."""
    files = sorted(folder.glob("*.parquet"))
    rows = [pq.read_metadata(file).num_rows for file in files]
    entries = (
        SnapshotEntry(key=file.stem, content_hash=file.stem, path=file.name, rows=count)
        for file, count in zip(files, rows, strict=True)
    )
    return Snapshot(dataset="bench", entries=tuple(entries))


def write(folder: Path, partitions: int, rows: int) -> dict[str, float]:
    """Writes so many days of so many rows; gives their size."""
    for number in range(partitions):
        key = (FIRST_DAY + timedelta(days=number)).isoformat()
        pq.write_table(
            _day(number, rows), folder / f"{key}.parquet", compression="zstd", row_group_size=ROWS_PER_GROUP,
            store_schema=False,
        )  # fmt: skip
    return {"mb": sum(file.stat().st_size for file in folder.iterdir()) / 1e6}


def _day(number: int, rows: int) -> pa.Table:
    random = np.random.default_rng(number)

    def gaps(share: float) -> Any:
        return random.random(rows) < share

    columns = {
        "at": pa.array(np.arange(rows), pa.timestamp("ms")),
        "id": pa.array(np.arange(rows) + number * rows),
        "note": _words(random.integers(0, 1000, rows), 1000),
    }
    for place, name in enumerate(FLOATS):
        columns[name] = pa.array(random.normal(size=rows), mask=gaps(MISSING) if place % 2 else None)
    columns |= {name: pa.array(random.integers(0, 1000, rows)) for name in INTS}
    columns[BOOL] = pa.array(random.random(rows) < 0.5, mask=gaps(MISSING))
    for name, count in WORDS.items():
        mask = gaps(MISSING if name == "word_missing" else 0)
        columns[name] = _words(np.ma.masked_array(random.integers(0, count, rows), mask), count)
    columns[TARGET] = pa.array(random.normal(size=rows), mask=gaps(UNLABELLED))
    return pa.table(columns)


def _words(places: Any, count: int) -> pa.Array:
    return pa.array([f"word {place}" for place in range(count)]).take(pa.array(places))

"""Feast's default offline store. It makes no aggregates, so that it gets them made: every change of every window.

What is timed is its point-in-time join alone, with what it is asked for (`row`, `shop`, time) in memory.
"""

import contextlib
import io
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.featuring.clock import clocked
from benchmarks.featuring.rows import CONTRACT, FEATURE, NAME, TIMELINE, snapshot
from include.features.changes import changes
from include.features.timeline import Timeline, values
from include.lake import Store
from include.lake.reading import read_table
from include.spec.windows import microseconds

_UTC = pa.timestamp("us", "UTC")


def prepare(folder: Path) -> dict[str, float]:
    """The windows of all shops at each moment they change, as a Parquet file that Feast can join."""
    table = read_table(Store.open(str(folder)), snapshot(folder).entries, ["at", "shop", "late"])
    line = Timeline.of(NAME, FEATURE.by, [changes(NAME, FEATURE, CONTRACT, table)])
    owner = np.repeat(np.arange(len(line.entities)), np.diff(line.offsets))
    shop = line.entities.table()["shop"].take(pa.array(owner))
    at = pa.array(line.moments * microseconds(FEATURE.step)).cast(_UTC)
    made = pa.array(values(FEATURE, CONTRACT, line.counts, line.totals), from_pandas=True)
    pq.write_table(pa.table({"shop": shop, "at": at, NAME: made}), folder / TIMELINE)
    return {"changes": float(len(owner))}


def run(folder: Path) -> dict[str, float]:
    """How long the join takes, and how many rows do not come back; those that do have our numbers, bit for bit."""
    from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig  # noqa: PLC0415 - its own process
    from feast.repo_config import RegistryConfig  # noqa: PLC0415
    from feast.types import Float64, Int64  # noqa: PLC0415
    from feast.value_type import ValueType  # noqa: PLC0415

    store = FeatureStore(
        config=RepoConfig(
            project="bench",
            provider="local",
            registry=RegistryConfig(path=str(folder / "registry.db")),
            online_store={"type": "sqlite", "path": str(folder / "online.db")},
            offline_store={"type": "file"},
            entity_key_serialization_version=3,
        )
    )
    shop = Entity(name="shop", join_keys=["shop"], value_type=ValueType.INT64)
    source = FileSource(path=str(folder / TIMELINE), timestamp_field="at")
    fields = [Field(name="shop", dtype=Int64), Field(name=NAME, dtype=Float64)]
    view = FeatureView(name="shops", entities=[shop], schema=fields, source=source, ttl=timedelta(0))
    store.apply([shop, view])
    table = read_table(Store.open(str(folder)), snapshot(folder).entries, ["row", "shop", "at"])
    asked = table.rename_columns(["row", "shop", "event_timestamp"]).to_pandas()
    figures: dict[str, float] = {}
    with clocked(figures), contextlib.redirect_stdout(io.StringIO()):
        found = store.get_historical_features(entity_df=asked, features=[f"shops:{NAME}"]).to_df()
    ours = np.load(folder / "ours.npy")[found["row"].to_numpy()]
    told = found[NAME].to_numpy(dtype=np.float64)
    if not ((told == ours) | (np.isnan(told) & np.isnan(ours))).all():
        raise AssertionError("Feast has another number for a row that it gave back")
    return {**figures, "lost": float(len(asked) - found["row"].nunique())}

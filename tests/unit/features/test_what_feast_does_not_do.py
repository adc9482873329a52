"""Why Feast's own point-in-time join is not used: what it did to these five rows when that was decided.

Where one of these tests fails, Feast has got better: read docs/decisions/0018 again.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig
from feast.repo_config import RegistryConfig
from feast.types import Float64, Int64
from feast.value_type import ValueType

BEGIN = datetime(2013, 1, 1, tzinfo=UTC)
LINE = Entity(name="line", join_keys=["line"], value_type=ValueType.INT64)


def hour(number: int) -> datetime:
    return BEGIN + timedelta(hours=number)


@pytest.fixture
def store(tmp_path: Path) -> FeatureStore:
    return FeatureStore(
        config=RepoConfig(
            project="tests",
            provider="local",
            registry=RegistryConfig(path=str(tmp_path / "registry.db")),
            online_store={"type": "sqlite", "path": str(tmp_path / "online.db")},
            offline_store={"type": "file"},
            entity_key_serialization_version=3,
        )
    )


def joined(store: FeatureStore, folder: Path, ttl: timedelta) -> pd.DataFrame:
    """What Feast makes of five rows, by their number: three of line 1, the first two at once, and one of lines 2 and 3.

    The delay of line 1 at hour 2 was known at hour 30 only.
    """
    moments = {"at": [hour(1), hour(2), hour(2)], "known": [hour(1), hour(30), hour(2)]}
    times = {name: pa.array(values, pa.timestamp("us", "UTC")) for name, values in moments.items()}
    pq.write_table(pa.table({"line": [1, 1, 2], "late": [1.0, 5.0, 7.0], **times}), folder / "delays.parquet")
    source = FileSource(
        path=str(folder / "delays.parquet"), timestamp_field="at", created_timestamp_column="known"
    )  # fmt: skip
    fields = [Field(name="line", dtype=Int64), Field(name="late", dtype=Float64)]
    store.apply([LINE, FeatureView(name="delays", entities=[LINE], schema=fields, source=source, ttl=ttl)])
    asked = pd.DataFrame(
        {
            "row": range(5),
            "line": [1, 1, 1, 2, 3],
            "event_timestamp": [hour(3), hour(3), hour(40), hour(2), hour(3)],
        }
    )
    return store.get_historical_features(entity_df=asked, features=["delays:late"]).to_df().set_index("row")


def test_of_two_rows_with_one_entity_and_time_one_is_lost(store: FeatureStore, tmp_path: Path) -> None:
    assert len(joined(store, tmp_path, timedelta(0))) == 4


def test_rows_come_back_in_another_order(store: FeatureStore, tmp_path: Path) -> None:
    order = list(joined(store, tmp_path, timedelta(0)).index)
    assert order != sorted(order)


def test_what_was_known_later_is_told_before(store: FeatureStore, tmp_path: Path) -> None:
    assert joined(store, tmp_path, timedelta(0))["late"].to_dict()[1] == 5.0


def test_a_row_sees_what_happens_at_its_own_moment(store: FeatureStore, tmp_path: Path) -> None:
    assert joined(store, tmp_path, timedelta(0))["late"].to_dict()[3] == 7.0


def test_a_row_whose_features_are_too_old_is_lost(store: FeatureStore, tmp_path: Path) -> None:
    assert 2 in joined(store, tmp_path, timedelta(0)).index
    assert 2 not in joined(store, tmp_path, timedelta(hours=3)).index

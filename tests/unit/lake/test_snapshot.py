"""Snapshots: which data, exactly."""

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pydantic import ValidationError

from include.errors import BadData, NotFound
from include.lake import Snapshot, SnapshotEntry, Store, content_hash, publish, read_admitted
from include.ledger import PartitionRecord
from tests.landing import rows


def admitted(store: Store, key: str, table: pa.Table) -> SnapshotEntry:
    path = f"admitted/trips/{key}/{content_hash(table)[:16]}.parquet"
    publish(store, path, table)
    return SnapshotEntry(key=key, content_hash=content_hash(table), path=path, rows=table.num_rows)


def snapshot(*entries: SnapshotEntry) -> Snapshot:
    return Snapshot(dataset="trips", entries=entries)


def entry(key: str, content: str = "c", path: str = "p") -> SnapshotEntry:
    return SnapshotEntry(key=key, content_hash=content, path=path, rows=4)


def test_the_id_is_of_the_content_and_not_of_where_it_is() -> None:
    assert snapshot(entry("a")).id == snapshot(entry("a", path="elsewhere")).id
    assert len(snapshot(entry("a")).id) == 64


@pytest.mark.parametrize(
    "other",
    [
        snapshot(entry("a", "changed")),
        snapshot(entry("b")),
        snapshot(entry("a"), entry("b")),
        snapshot(),
        Snapshot(dataset="trains", entries=(entry("a"),)),
    ],
)
def test_the_id_changes_with_any_partition(other: Snapshot) -> None:
    assert other.id != snapshot(entry("a")).id


@pytest.mark.parametrize("keys", ["ba", "aa"])
def test_entries_that_are_not_in_key_order_are_refused(keys: str) -> None:
    with pytest.raises(ValidationError, match=r"ordered by key"):
        snapshot(*(entry(key) for key in keys))


def test_a_snapshot_is_made_of_the_ledgers_records() -> None:
    records = [
        PartitionRecord(
            dataset="trips", key=key, fingerprint="f", status="admitted", content_hash="c", path=key, rows=4
        )
        for key in ("b", "a")
    ]
    made = Snapshot.of("trips", records)
    assert [e.key for e in made.entries] == ["a", "b"]
    assert made.rows == 8


def test_rows_are_read_in_key_order_with_the_wanted_columns(store: Store) -> None:
    entries = [admitted(store, f"2013-01-{day:02}", rows(bus=pa.array([day] * 4))) for day in range(1, 13)]
    table = snapshot(*entries).read(store, ["late", "bus"])
    assert table.column_names == ["late", "bus"]
    assert table["bus"].to_pylist() == [day for day in range(1, 13) for _ in range(4)]


def test_a_column_is_null_where_older_partitions_do_not_have_it(store: Store) -> None:
    entries = [admitted(store, "a", rows(late=None)), admitted(store, "b", rows())]
    table = snapshot(*entries).read(store, ["late"])
    assert table["late"].to_pylist() == [None] * 4 + [1.5, None, -3.0, 20.0]


def test_a_column_that_no_partition_has_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound, match=r"No partition of trips .* has column colour"):
        snapshot(admitted(store, "a", rows())).read(store, ["bus", "colour"])


def test_an_empty_snapshot_cannot_be_read(store: Store) -> None:
    with pytest.raises(NotFound, match=r"has no partition"):
        snapshot().read(store)


def test_a_lost_file_is_not_found_and_a_torn_one_is_bad_data(store: Store) -> None:
    kept = admitted(store, "a", rows())
    store.write_bytes(kept.path, b"torn")
    with pytest.raises(BadData, match=r"no readable Parquet"):
        snapshot(kept).read(store)
    store.delete(kept.path)
    with pytest.raises(NotFound, match=r"no file"):
        snapshot(kept).read(store)


def test_an_admitted_file_is_read_by_path_or_address_with_columns_and_filters(store: Store) -> None:
    path = admitted(store, "a", rows()).path
    for where in (path, store.locate(path)):
        table = read_admitted(store, where, ["bus", "line"], pc.field("line") == "red")
        assert table.to_pydict() == {"bus": [1, 3], "line": ["red", "red"]}


def test_publishing_again_leaves_the_file_untouched(store: Store) -> None:
    path = admitted(store, "a", rows()).path
    before = store.list()
    publish(store, path, rows(late=None))
    assert store.list() == before


def test_a_column_that_became_wider_is_read_in_its_widest_type(store: Store) -> None:
    whole = admitted(store, "2013-01-01", rows(late=pa.array([1, 2, None, 4])))
    wider = admitted(store, "2013-01-02", rows())
    late = snapshot(whole, wider).read(store)["late"]
    assert late.type == pa.float64()
    assert late.to_pylist() == [1.0, 2.0, None, 4.0, 1.5, None, -3.0, 20.0]

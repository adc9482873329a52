"""Snapshots: which data, exactly."""

import pytest
from pydantic import ValidationError

from include.lake import Snapshot, SnapshotEntry
from include.ledger import PartitionRecord


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

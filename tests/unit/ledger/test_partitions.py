"""Verdicts on landed partitions."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from include.ledger import Ledger, PartitionRecord


def verdict(key: str = "2013-01-31", fingerprint: str = "f1", status: str = "admitted", **more: Any) -> PartitionRecord:
    return PartitionRecord.model_validate(
        {"dataset": "flights", "key": key, "fingerprint": fingerprint, "status": status, **more}
    )


def test_a_recorded_verdict_is_read_back_unchanged(ledger: Ledger) -> None:
    stated = verdict(content_hash="c1", rows=920, path="admitted/flights/x.parquet", reason="ok", evidence="e.html")
    ledger.record_partition(stated)
    assert ledger.partition("flights", "2013-01-31", "f1") == stated


def test_a_landing_is_judged_once_and_the_second_verdict_yields_to_the_first(ledger: Ledger) -> None:
    first = ledger.record_partition(verdict(rows=1))
    second = ledger.record_partition(verdict(status="quarantined", reason="late"))
    assert second == first
    assert ledger.partitions("flights") == [first]


def test_of_writers_at_once_one_wins_and_all_see_its_verdict(ledger: Ledger) -> None:
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda n: ledger.record_partition(verdict(rows=n)), range(8)))
    assert len(ledger.partitions("flights")) == 1
    assert {record.rows for record in seen} == {ledger.partitions("flights")[0].rows}


def test_admitted_gives_the_newest_version_of_each_key_in_key_order(ledger: Ledger) -> None:
    for key, fingerprint, content in [("b", "1", "old"), ("a", "2", "only"), ("b", "3", "new")]:
        ledger.record_partition(verdict(key, fingerprint, content_hash=content))
    assert [(r.key, r.content_hash) for r in ledger.admitted("flights")] == [("a", "only"), ("b", "new")]


def test_a_later_quarantine_or_duplicate_does_not_hide_the_admitted_version(ledger: Ledger) -> None:
    ledger.record_partition(verdict(fingerprint="1", content_hash="good"))
    ledger.record_partition(verdict(fingerprint="2", status="duplicate", content_hash="good"))
    ledger.record_partition(verdict(fingerprint="3", status="quarantined"))
    assert [r.fingerprint for r in ledger.admitted("flights")] == ["1"]


def test_the_history_of_one_partition_is_every_verdict_on_it_oldest_first(ledger: Ledger) -> None:
    for key, fingerprint in [("a", "1"), ("b", "2"), ("a", "3")]:
        ledger.record_partition(verdict(key, fingerprint))
    assert [r.fingerprint for r in ledger.partitions("flights", "a")] == ["1", "3"]
    assert [r.fingerprint for r in ledger.partitions("flights")] == ["1", "2", "3"]


def test_of_many_admitted_partitions_the_last_ones_can_be_asked_for(ledger: Ledger) -> None:
    """Whatever came when, quarantined days aside: a look at the newest days does not read all there are."""
    for key, status in [
        ("c", "admitted"),
        ("a", "admitted"),
        ("d", "quarantined"),
        ("b", "admitted"),
        ("e", "admitted"),
    ]:
        ledger.record_partition(verdict(key, f"{key}1", status=status))
    ledger.record_partition(verdict("b", "b2", content_hash="new"))
    assert [(r.key, r.content_hash) for r in ledger.admitted("flights", last="d", most=2)] == [
        ("b", "new"),
        ("c", None),
    ]
    assert [r.key for r in ledger.admitted("flights", most=9)] == ["a", "b", "c", "e"]


def test_every_version_that_was_admitted_of_a_range_is_kept(ledger: Ledger) -> None:
    for key, fingerprint, status in [
        ("b", "1", "admitted"), ("a", "2", "admitted"), ("b", "3", "quarantined"), ("b", "4", "admitted"),
        ("c", "5", "admitted"),
    ]:  # fmt: skip
        ledger.record_partition(verdict(key, fingerprint, status))
    assert [r.fingerprint for r in ledger.admitted_versions("flights", "b", "b")] == ["1", "4"]
    assert [r.fingerprint for r in ledger.admitted_versions("flights", "a", "c")] == ["1", "2", "4", "5"]


def test_bounds_on_admitted_partitions_are_inclusive(ledger: Ledger) -> None:
    for day in range(1, 6):
        ledger.record_partition(verdict(f"2013-01-0{day}", "f"))
    assert [r.key[-1] for r in ledger.admitted("flights", first="2013-01-02", last="2013-01-04")] == ["2", "3", "4"]
    assert [r.key[-1] for r in ledger.admitted("flights", first="2013-01-04")] == ["4", "5"]
    assert [r.key[-1] for r in ledger.admitted("flights", last="2013-01-02")] == ["1", "2"]


def test_keys_sort_as_bytes_on_every_database(ledger: Ledger) -> None:
    keys = ["b", "B", "a-b", "ab", "a_b", "é"]
    for key in keys:
        ledger.record_partition(verdict(key, "f"))
    assert [record.key for record in ledger.admitted("flights")] == sorted(keys)


def test_datasets_do_not_see_each_other(ledger: Ledger) -> None:
    ledger.record_partition(verdict())
    assert ledger.admitted("trains") == []
    assert ledger.judged_fingerprints("trains") == {}
    assert ledger.partition("trains", "2013-01-31", "f1") is None


def test_judged_fingerprints_collects_every_verdict_of_a_key(ledger: Ledger) -> None:
    for fingerprint, status in [("1", "admitted"), ("2", "quarantined"), ("3", "duplicate")]:
        ledger.record_partition(verdict("a", fingerprint, status))
    ledger.record_partition(verdict("b", "4"))
    assert ledger.judged_fingerprints("flights") == {"a": {"1", "2", "3"}, "b": {"4"}}


def test_moments_come_back_aware_and_in_utc(ledger: Ledger) -> None:
    in_tokyo = datetime(2013, 2, 1, 8, 30, 0, 123456, tzinfo=timezone(timedelta(hours=9)))
    ledger.record_partition(verdict(recorded_at=in_tokyo))
    [read] = ledger.partitions("flights")
    assert read.recorded_at == in_tokyo
    assert read.recorded_at.tzinfo is UTC
    assert read.recorded_at.isoformat() == "2013-01-31T23:30:00.123456+00:00"


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"timezone"):
        verdict(recorded_at=datetime(2013, 1, 1))


def test_an_unknown_status_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"status"):
        verdict(status="maybe")

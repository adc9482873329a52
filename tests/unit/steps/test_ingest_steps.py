"""Finding what landed: every key once, few enough for one run, and a normal end where there is nothing."""

import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from include.errors import NothingToDo
from include.lake import Store, landed_partition
from include.ledger import Ledger, PartitionRecord
from include.steps import STEPS, ingest
from tests.declared import TRIPS, declare
from tests.landing import contract, land


@pytest.fixture
def book(models: Path, ledger: Ledger) -> Ledger:
    declare(models, contract=TRIPS)
    return ledger


def landed(store: Store, days: int) -> list[str]:
    keys = [(date(2013, 1, 1) + timedelta(days=day)).isoformat() for day in range(days)]
    for key in keys:
        land(store, key, {"part-0.parquet": b"not read here"})
    return keys


def found() -> list[str]:
    return [one["key"] for one in STEPS["find"].run("trips", {}).each]


def test_an_empty_landing_zone_is_a_normal_end(lake: Store, book: Ledger) -> None:
    with pytest.raises(NothingToDo, match="trips: everything that landed is judged"):
        found()


def test_keys_are_found_until_they_are_judged(lake: Store, book: Ledger) -> None:
    keys = landed(lake, 3)
    assert found() == keys
    part = landed_partition(contract(), lake, keys[1])
    assert part is not None
    book.record_partition(
        PartitionRecord(dataset="trips", key=keys[1], fingerprint=part.fingerprint, status="quarantined", reason="r")
    )
    assert found() == [keys[0], keys[2]]


def test_a_partition_without_its_marker_is_not_found_yet(lake: Store, book: Ledger) -> None:
    land(lake, "2013-01-01", {"part-0.parquet": b"x"}, marker=None)
    with pytest.raises(NothingToDo):
        found()
    lake.write_bytes("landing/trips/2013-01-01/_SUCCESS", b"")
    assert found() == ["2013-01-01"]


def test_without_a_marker_what_rests_is_found_and_what_just_came_is_not(
    models: Path, lake: Store, ledger: Ledger
) -> None:
    declare(models, contract={**TRIPS, "landing": {"marker": None, "rest_seconds": 600}})
    for key in ("2013-01-01", "2013-01-02"):
        land(lake, key, {"part-0.parquet": b"not read here"}, marker=None)
    os.utime(Path(lake.root, "landing/trips/2013-01-01/part-0.parquet"), (0, 0))
    assert found() == ["2013-01-01"]
    os.utime(Path(lake.root, "landing/trips/2013-01-02/part-0.parquet"), (0, 0))
    assert found() == ["2013-01-01", "2013-01-02"]


def test_one_run_takes_no_more_than_it_can_map_and_says_how_many_there_are(
    lake: Store, book: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "MOST_AT_ONCE", 5)
    keys = landed(lake, 8)
    result = STEPS["find"].run("trips", {})
    assert [one["key"] for one in result.each] == keys[:5]
    assert "8 (2013-01-01 to 2013-01-08) landed and not judged" in result.sentence


def test_few_keys_are_named(lake: Store, book: Ledger) -> None:
    landed(lake, 2)
    assert "2013-01-01, 2013-01-02 landed and not judged" in STEPS["find"].run("trips", {}).sentence

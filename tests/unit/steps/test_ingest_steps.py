"""Finding what landed: every key once, few enough for one run, and a normal end where there is nothing."""

import os
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from include.errors import BadData, NotFound, NothingToDo
from include.lake import Store, landed_partition
from include.ledger import Ledger, PartitionRecord, PredictionRecord
from include.steps import STEPS, Result, ingest
from tests.declared import LATE, TRIPS, admit, declare
from tests.landing import contract, land, parquet, rows


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


@pytest.mark.parametrize(
    ("days", "named"), [(3, "2013-01-01, 2013-01-02, 2013-01-03"), (4, "4 (2013-01-01 to 2013-01-04)")]
)
def test_a_few_keys_are_named_and_many_are_counted(lake: Store, book: Ledger, days: int, named: str) -> None:
    landed(lake, days)
    assert f"trips: {named} landed and not judged; none admitted" in STEPS["find"].run("trips", {}).sentence


@pytest.mark.parametrize("late", [True, False])
def test_what_no_champion_scored_for_a_while_is_announced_again(
    lake: Store, book: Ledger, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    monkeypatch.setattr(ingest, "PATIENCE", timedelta(0) if late else timedelta(hours=1))
    record_champion(book)
    key = admit("2013-01-05", lake, book).key
    if late:
        result = STEPS["find"].run("trips", {})
        assert result.each == ({"key": key, "announce": "again"},)
        assert "none landed and not judged; 2013-01-05 admitted but never scored" in result.sentence
    else:
        with pytest.raises(NothingToDo, match="everything that landed is judged and scored"):
            STEPS["find"].run("trips", {})


def test_history_is_never_overdue(lake: Store, book: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "PATIENCE", timedelta(0))
    record_champion(book)
    for key in ("2013-01-05", "2013-06-03", "2013-06-04"):
        admit(key, lake, book)
    newest = PredictionRecord(model="trip_late", version="1", key="2013-06-10", content_hash="c", path="p", rows=4)
    book.record_predictions(newest)
    assert found() == ["2013-06-04"]
    book.record_predictions(newest.model_copy(update={"key": "2013-01-05", "content_hash": "as it was then"}))
    assert found() == ["2013-01-05", "2013-06-04"]


def test_models_of_other_datasets_have_nothing_to_score(
    models: Path, lake: Store, book: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "PATIENCE", timedelta(0))
    declare(models, "boat_late", model={**LATE, "dataset": "boats"}, contract={**TRIPS, "dataset": "boats"})
    record_champion(book, "boat_late")
    admit("2013-01-05", lake, book)
    with pytest.raises(NothingToDo):
        STEPS["find"].run("trips", {})


def record_champion(book: Ledger, model: str = "trip_late") -> None:
    book.record_deployment(model, "1", "h", expected=None, action="promote", actor="ann", reason="test")


# Admitting


def admitted(announce: str = "") -> Result:
    return STEPS["admit"].run("trips", {"key": "2013-01-01", "announce": announce})


def test_a_good_partition_is_admitted_and_announced_as_often_as_it_is_asked_for(lake: Store, book: Ledger) -> None:
    land(lake, "2013-01-01")
    first = admitted()
    assert first.announces == ("2013-01-01",)
    assert first.facts["rows"] == 4
    assert first.sentence.startswith("trips 2013-01-01 admitted: 4 rows, content ")
    assert "replacing" not in first.sentence
    assert "noted" not in first.sentence
    assert admitted() == first
    assert [one.status for one in book.partitions("trips")] == ["admitted"]


def test_what_only_warned_is_told_each_time(lake: Store, book: Ledger) -> None:
    land(lake, "2013-01-01", {"part-0.parquet": rows(colour=pa.array(["red"] * 4))})
    first = admitted()
    assert "; noted: colour: " in first.sentence
    assert admitted() == first
    land(lake, "2013-01-01")
    with pytest.raises(NothingToDo, match="same content"):
        admitted()


def test_a_partition_that_lands_again_replaces_itself_only_with_other_rows(lake: Store, book: Ledger) -> None:
    land(lake, "2013-01-01")
    before = str(admitted().facts["content_hash"])
    land(lake, "2013-01-01", {"part-0.parquet": parquet(rows(), compression="gzip")})
    with pytest.raises(NothingToDo, match=f"landed again with the same content {before[:12]}"):
        admitted()
    land(lake, "2013-01-01", {"part-0.parquet": rows(bus=pa.array([9, 8, 7, 6]))})
    assert f", replacing {before[:12]}" in admitted().sentence


def test_a_bad_partition_is_quarantined_and_its_evidence_is_named_each_time(lake: Store, book: Ledger) -> None:
    land(lake, "2013-01-01", {"part-0.parquet": rows(bus=pa.array([-1, 2, 3, 4]))})
    for _ in range(2):
        with pytest.raises(BadData, match="quarantined") as caught:
            admitted()
        assert caught.value.evidence is not None
        assert lake.exists(caught.value.evidence)
    with pytest.raises(NotFound, match="2013-01-01 of trips is not admitted"):
        admitted("again")


def test_announcing_again_judges_nothing(lake: Store, book: Ledger) -> None:
    admit("2013-01-01", lake, book)
    land(lake, "2013-01-01", {"part-0.parquet": b"not read here"})
    result = admitted("again")
    assert (result.announces, result.sentence) == (("2013-01-01",), "trips 2013-01-01: 40 rows announced again")
    assert [one.status for one in book.partitions("trips")] == ["admitted"]


# Settling a quarantine


def settled(how: str, actor: str = "ann", reason: str = "the bus was renumbered") -> Result:
    return STEPS["judge-quarantined"].run("trips", {"key": "2013-01-01", "how": how, "reason": reason, "actor": actor})


@pytest.fixture
def quarantine(lake: Store, book: Ledger) -> None:
    land(lake, "2013-01-01", {"part-0.parquet": rows(bus=pa.array([-1, 2, 3, 4]))})
    with pytest.raises(BadData):
        admitted()


def test_accepted_data_is_announced_and_discarded_data_is_not(quarantine: None, lake: Store, book: Ledger) -> None:
    found = settled("accept")
    assert found.announces == ("2013-01-01",)
    assert found.sentence.startswith("trips 2013-01-01 admitted: 4 rows")
    assert "; noted: Accepted as it is by ann: the bus was renumbered. Broken: bus: " in found.sentence
    assert found.evidence is not None
    assert lake.exists(found.evidence)


def test_discarded_data_is_told_and_not_announced(quarantine: None, book: Ledger) -> None:
    found = settled("discard")
    assert (found.announces, found.sentence) == ((), "trips 2013-01-01 discarded by ann: the bus was renumbered")


def test_data_that_is_still_bad_is_bad_data(quarantine: None) -> None:
    with pytest.raises(BadData, match="1 rule is broken: bus"):
        settled("judge again")


@pytest.mark.parametrize(
    ("how", "actor", "reason", "said"),
    [
        ("release", "ann", "because", "Choices: judge again, accept, discard"),
        ("accept", " ", "because", "Say who decides and why"),
        ("discard", "ann", "  ", "Say who decides and why"),
    ],
)
def test_a_decision_needs_a_known_action_a_person_and_a_reason(
    quarantine: None, book: Ledger, how: str, actor: str, reason: str, said: str
) -> None:
    with pytest.raises(NotFound, match=said):
        settled(how, actor, reason)
    assert [one.status for one in book.partitions("trips")] == ["quarantined"]

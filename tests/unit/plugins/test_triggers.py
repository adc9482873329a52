"""Triggers look at what is there, not at what changed, and survive their way into the triggerer."""

import asyncio
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from include.lake import Store, landed_partition
from include.ledger import Ledger, PartitionRecord
from plugins.triggers.landing import LISTED, LandingTrigger, landing_asset
from plugins.triggers.partition import PartitionJudgedTrigger, is_judged
from tests.declared import TRIPS, admit, declare
from tests.landing import contract, land

NOBODY = "postgresql+psycopg2://nobody@127.0.0.1:1/none?connect_timeout=1"


@pytest.fixture
def book(models: Path, lake: Store, ledger: Ledger) -> Ledger:
    declare(models, contract=TRIPS)
    return ledger


def made_again(trigger: Any) -> Any:
    """The trigger as the triggerer makes it."""
    place, arguments = trigger.serialize()
    module, _, name = place.rpartition(".")
    return getattr(import_module(module), name)(**arguments)


async def next_event(trigger: Any) -> Any:
    async with asyncio.timeout(10):
        return (await anext(trigger.run())).payload


async def events(trigger: Any, seconds: float) -> list[Any]:
    """All events within the given time."""
    found: list[Any] = []

    async def collect() -> None:
        async for event in trigger.run():
            found.append(event.payload)  # noqa: PERF401 - what came until the end is kept

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(collect(), seconds)
    return found


def judge(book: Ledger, store: Store, key: str) -> None:
    part = landed_partition(contract(), store, key)
    assert part is not None
    book.record_partition(
        PartitionRecord(dataset="trips", key=key, fingerprint=part.fingerprint, status="quarantined", reason="r")
    )


# Landing


def test_a_landing_trigger_survives_serialization() -> None:
    trigger = LandingTrigger("trips", poke_seconds=0.5, remind_seconds=7.0)
    again = made_again(trigger)
    assert again.serialize() == trigger.serialize()
    assert (again.dataset, again.poke_seconds, again.remind_seconds) == ("trips", 0.5, 7.0)
    assert trigger.serialize() != LandingTrigger("boats").serialize()


def test_what_landed_before_the_trigger_started_is_told(lake: Store, book: Ledger) -> None:
    for key in ("2013-01-02", "2013-01-01"):
        land(lake, key)
    payload = asyncio.run(next_event(LandingTrigger("trips", poke_seconds=0.01)))
    assert payload == {"dataset": "trips", "waiting": 2, "first": ["2013-01-01", "2013-01-02"]}


def test_many_keys_are_counted_and_only_the_first_are_named(lake: Store, book: Ledger) -> None:
    for day in range(1, LISTED + 5):
        land(lake, f"2013-01-{day:02}", {"part-0.parquet": b"not read here"})
    payload = asyncio.run(next_event(LandingTrigger("trips", poke_seconds=0.01)))
    assert (payload["waiting"], len(payload["first"])) == (LISTED + 4, LISTED)


def test_nothing_is_told_while_nothing_waits(lake: Store, book: Ledger) -> None:
    assert asyncio.run(events(LandingTrigger("trips", poke_seconds=0.01), 0.4)) == []
    land(lake, "2013-01-01")
    judge(book, lake, "2013-01-01")
    assert asyncio.run(events(LandingTrigger("trips", poke_seconds=0.01), 0.4)) == []


@pytest.mark.parametrize(("remind", "often"), [(300.0, False), (0.05, True)])
def test_the_same_partitions_are_told_once_and_then_only_as_a_reminder(
    lake: Store, book: Ledger, remind: float, often: bool
) -> None:
    land(lake, "2013-01-01")
    found = asyncio.run(events(LandingTrigger("trips", poke_seconds=0.01, remind_seconds=remind), 1.5))
    assert len(found) >= 1
    assert (len(found) > 1) == often


def test_what_is_left_after_a_verdict_is_not_told_again_by_itself(lake: Store, book: Ledger) -> None:
    async def told() -> list[Any]:
        told_by = LandingTrigger("trips", poke_seconds=0.01).run()
        found = [(await anext(told_by)).payload["first"]]
        judge(book, lake, "2013-01-01")
        following = asyncio.create_task(anext(told_by))
        await asyncio.sleep(0.3)
        land(lake, "2013-01-03")
        return [*found, (await asyncio.wait_for(following, 10)).payload["first"]]

    for key in ("2013-01-01", "2013-01-02"):
        land(lake, key)
    assert asyncio.run(told()) == [["2013-01-01", "2013-01-02"], ["2013-01-02", "2013-01-03"]]


def test_a_partition_without_a_marker_is_told_once_it_rests(models: Path, lake: Store, ledger: Ledger) -> None:
    declare(models, contract={**TRIPS, "landing": {"marker": None, "rest_seconds": 0.3}})
    land(lake, "2013-01-01", marker=None)
    payload = asyncio.run(next_event(LandingTrigger("trips", poke_seconds=0.01)))
    assert payload["first"] == ["2013-01-01"]


def test_a_landing_zone_that_cannot_be_read_is_waited_for(
    lake: Store, book: Ledger, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    land(lake, "2013-01-01")
    monkeypatch.setenv("PERENNIAL_LEDGER_URL", f"sqlite:///{tmp_path}/nowhere.db")
    assert asyncio.run(events(LandingTrigger("trips", poke_seconds=0.01), 0.4)) == []
    assert "Landing zone of trips cannot be watched" in caplog.text
    monkeypatch.setenv("PERENNIAL_LEDGER_URL", f"sqlite:///{tmp_path}/ledger.db")
    assert asyncio.run(next_event(LandingTrigger("trips", poke_seconds=0.01)))["waiting"] == 1


def test_the_landing_asset_is_watched_by_the_dataset_s_trigger() -> None:
    asset = landing_asset(contract())
    assert asset.name == "trips_landing"
    assert [one.trigger.serialize() for one in asset.watchers] == [LandingTrigger("trips").serialize()]


# One partition


def test_a_partition_trigger_survives_serialization() -> None:
    trigger = PartitionJudgedTrigger("trips", "2013-01-01", deadline=123.5, poke_seconds=0.5)
    assert made_again(trigger).serialize() == trigger.serialize()
    assert made_again(trigger).deadline == 123.5


def test_it_fires_when_the_partition_is_judged_and_not_before(lake: Store, book: Ledger) -> None:
    async def judged_meanwhile() -> Any:
        trigger = PartitionJudgedTrigger("trips", "2013-01-02", time.time() + 60, poke_seconds=0.05)
        waiting = asyncio.create_task(next_event(trigger))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        admit("2013-01-02", lake, book)
        return await waiting

    admit("2013-01-01", lake, book)
    assert asyncio.run(judged_meanwhile()) == {"judged": True}


@pytest.mark.parametrize("judged", [True, False])
def test_at_the_deadline_it_says_what_is_so(lake: Store, book: Ledger, judged: bool) -> None:
    if judged:
        admit("2013-01-01", lake, book)
    payload = asyncio.run(next_event(PartitionJudgedTrigger("trips", "2013-01-01", deadline=0.0)))
    assert payload == {"judged": judged}


def test_any_verdict_counts_and_no_other_key_does(lake: Store, book: Ledger) -> None:
    land(lake, "2013-01-01")
    assert not is_judged("trips", "2013-01-01")
    judge(book, lake, "2013-01-01")
    assert is_judged("trips", "2013-01-01")
    assert not is_judged("trips", "2013-01-02")
    assert not is_judged("boats", "2013-01-01")


def test_a_ledger_that_goes_away_for_a_while_does_not_end_the_wait(
    lake: Store, book: Ledger, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def back_again() -> Any:
        trigger = PartitionJudgedTrigger("trips", "2013-01-01", time.time() + 60, poke_seconds=0.05)
        waiting = asyncio.create_task(next_event(trigger))
        await asyncio.sleep(0.5)
        assert not waiting.done()
        monkeypatch.setenv("PERENNIAL_LEDGER_URL", f"sqlite:///{tmp_path}/ledger.db")
        return await waiting

    admit("2013-01-01", lake, book)
    monkeypatch.setenv("PERENNIAL_LEDGER_URL", NOBODY)
    assert asyncio.run(back_again()) == {"judged": True}

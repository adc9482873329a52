"""The dead man's switch: silence is told from the ledger alone, and so is its end."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from include.alerts import silence
from include.alerts.quarantine import review
from include.ledger import Decision, Ledger, PartitionRecord, PredictionRecord
from include.steps import STEPS
from tests.declared import LATE, TRIPS, contract, declare, spec

DAY = "2013-04-01"
ENDED = datetime(2013, 4, 2, tzinfo=UTC)


def admitted(ledger: Ledger, key: str = DAY, **changes: Any) -> None:
    ledger.record_partition(
        PartitionRecord(dataset="trips", key=key, fingerprint=key, status="admitted", content_hash="c", **changes)
    )


def predicted(ledger: Ledger, key: str = DAY) -> None:
    ledger.record_predictions(
        PredictionRecord(model="trip_late", version="1", key=key, content_hash="c", path="p", rows=4)
    )


def promoted(ledger: Ledger) -> datetime:
    deployed = ledger.record_deployment(
        "trip_late", "1", "h", expected=None, action="promote", actor="ann", reason="test"
    )
    return deployed.recorded_at


@pytest.mark.parametrize(
    ("limit", "hours", "tier"),
    [(30, 29.9, "ok"), (30, 30.1, "critical"), (None, 10**6, "ok")],
)
def test_a_dataset_is_silent_when_its_newest_day_is_too_old(
    ledger: Ledger, limit: float | None, hours: float, tier: str
) -> None:
    admitted(ledger)
    admitted(ledger, "2013-03-31")
    declared = contract(freshness={"max_age_hours": limit})
    found = silence.partitions(declared, ledger, ENDED + timedelta(hours=hours))
    assert (found.tier, found.of, found.about, found.cause) == (tier, "dataset", "trips", "no partitions")
    assert ("2013-04-01 ended 30 hours ago, freshness.max_age_hours is 30" in found.sentence) == (limit is not None)
    assert ("Ask the owner of the source (tests)" in found.sentence) == (tier == "critical")


def test_a_dataset_that_never_had_a_day_is_not_silent_but_new(ledger: Ledger) -> None:
    assert silence.partitions(contract(freshness={"max_age_hours": 1}), ledger, ENDED).tier == "ok"


def test_a_quarantined_day_does_not_end_the_silence(ledger: Ledger) -> None:
    admitted(ledger)
    ledger.record_partition(
        PartitionRecord(dataset="trips", key="2013-04-05", fingerprint="f", status="quarantined", reason="null")
    )
    declared = contract(freshness={"max_age_hours": 24})
    assert silence.partitions(declared, ledger, ENDED + timedelta(days=4)).tier == "critical"


@pytest.mark.parametrize(("limit", "tier"), [(24, "critical"), (10**6, "ok"), (None, "ok")])
def test_a_model_is_silent_when_its_newest_predictions_are_too_old(
    ledger: Ledger, limit: float | None, tier: str
) -> None:
    since = promoted(ledger)
    predicted(ledger)
    declared = spec(monitoring={"max_age_hours": limit})
    assert silence.predictions(declared, ledger, since + timedelta(hours=23)).tier == "ok"  # a champion of today
    found = silence.predictions(declared, ledger, since + timedelta(hours=25))
    assert (found.tier, found.cause) == (tier, "no predictions")
    assert ("those of 2013-04-01, 25 hours old; monitoring.max_age_hours is 24" in found.sentence) == (limit == 24)


def test_a_champion_that_never_predicted_is_silent_too(ledger: Ledger) -> None:
    declared = spec(monitoring={"max_age_hours": 24})
    assert silence.predictions(declared, ledger, ENDED).tier == "ok"
    found = silence.predictions(declared, ledger, promoted(ledger) + timedelta(hours=25))
    assert (found.tier, "there are no predictions" in found.sentence) == ("critical", True)


def test_new_predictions_end_the_silence(ledger: Ledger) -> None:
    moment = promoted(ledger) + timedelta(days=3)
    declared = spec(monitoring={"max_age_hours": 24})
    predicted(ledger)
    assert silence.predictions(declared, ledger, moment).tier == "critical"
    predicted(ledger, moment.date().isoformat())
    assert silence.predictions(declared, ledger, moment).tier == "ok"


@pytest.mark.parametrize(("limit", "hours", "tier"), [(26, 25.9, "ok"), (26, 26.1, "critical"), (None, 10**6, "ok")])
def test_a_service_that_answered_before_and_does_no_more_is_silent(
    ledger: Ledger, limit: float | None, hours: float, tier: str
) -> None:
    declared = spec(monitoring={"max_age_hours": limit})
    assert silence.served(declared, ledger, ENDED + timedelta(days=50)).tier == "ok"  # nobody ever asked
    for day in ("2013-03-26", "2013-03-28", "2013-03-29", "2013-03-31", DAY):
        decided(ledger, "served_quality", day)
    found = silence.served(declared, ledger, ENDED + timedelta(hours=hours))
    assert (found.tier, found.of, found.cause) == (tier, "model", "no served predictions")
    assert ("answered on, 2013-04-01, ended 26 hours ago" in found.sentence) == (limit is not None)
    assert ("is watch_served_trip_late unpaused?" in found.sentence) == (tier == "critical")


@pytest.mark.parametrize(
    ("first", "days", "tier"),
    [(26, 3, "critical"), (25, 3, "ok"), (None, 3, "ok"), (26, 90, "critical"), (26, 91, "ok")],
)
def test_who_was_tried_out_is_not_missed_nor_who_was_asked_when_the_log_is_forgotten(
    ledger: Ledger, first: int | None, days: int, tier: str
) -> None:
    """Five days of seven are asked for, the first of them at most six days before the newest, the first of April."""
    for day in (first, 29, 30, 31):
        if day is not None:
            decided(ledger, "served_quality", f"2013-03-{day}")
    decided(ledger, "served_quality")
    declared = spec(monitoring={"max_age_hours": 26})
    assert silence.served(declared, ledger, ENDED + timedelta(days=days)).tier == tier


def decided(ledger: Ledger, kind: Any, subject: str = DAY) -> datetime:
    made = Decision(model="trip_late", kind=kind, subject=subject, outcome="o", reason="drift", actor="watch")
    return ledger.record_decision(made).recorded_at


@pytest.mark.parametrize(("hours", "tier"), [(29, "ok"), (31, "alert")])
def test_a_requested_training_that_never_came_is_told_after_a_day_and_its_wait(
    ledger: Ledger, hours: int, tier: str
) -> None:
    """Twenty-four hours, and the six that a training may wait for its data."""
    assert silence.training(spec(), ledger, ENDED).tier == "ok"
    moment = decided(ledger, "training_request") + timedelta(hours=hours)
    found = silence.training(spec(), ledger, moment)
    assert (found.tier, found.cause) == (tier, "training without an end")
    assert ("trigger it with the key 2013-04-01" in found.sentence) == (tier == "alert")
    decided(ledger, "fit", "run-1")
    assert silence.training(spec(), ledger, moment + timedelta(days=9)).tier == "ok"
    decided(ledger, "training_request")
    assert silence.training(spec(), ledger, moment + timedelta(days=9)).tier == "alert"


@pytest.fixture
def declared(models: Path, ledger: Ledger) -> Ledger:
    fresh = {"max_age_hours": 24}
    declare(models, model={**LATE, "monitoring": fresh}, contract={**TRIPS, "freshness": fresh})
    return ledger


def alerts(ledger: Ledger, about: str) -> list[tuple[str, str]]:
    return [(one.subject, one.outcome) for one in ledger.decisions(about, kind="alert")]


def test_the_switch_needs_the_ledger_alone_tells_once_and_tells_the_end(declared: Ledger) -> None:
    """No landing zone, no lake, no MLflow is there."""
    admitted(declared)
    for _ in range(3):
        result = STEPS["listen-for-partitions"].run("trips", {})
    assert result.facts == {"no partitions": "critical"}
    assert alerts(declared, "trips") == [("no partitions", "critical")]
    admitted(declared, datetime.now(UTC).date().isoformat())
    assert STEPS["listen-for-partitions"].run("trips", {}).facts == {"no partitions": "ok"}
    assert alerts(declared, "trips") == [("no partitions", "critical"), ("no partitions", "ok")]


def test_the_switch_of_a_model_listens_for_predictions_and_trainings(declared: Ledger) -> None:
    result = STEPS["listen-for-predictions"].run("trip_late", {})
    assert result.facts == {"no predictions": "ok", "no served predictions": "ok", "training without an end": "ok"}
    assert alerts(declared, "trip_late") == []


def test_the_switch_sees_a_quarantined_day_that_a_command_settled(declared: Ledger) -> None:
    bad = PartitionRecord(
        dataset="trips", key=datetime.now(UTC).date().isoformat(), fingerprint="f", status="quarantined"
    )
    declared.record_partition(bad)
    review("trips", bad.key, declared)
    STEPS["listen-for-partitions"].run("trips", {})
    assert [tier for _, tier in alerts(declared, "trips")] == ["alert"]
    declared.record_partition(bad.model_copy(update={"fingerprint": "discarded f", "status": "discarded"}))
    STEPS["listen-for-partitions"].run("trips", {})
    assert alerts(declared, "trips") == [(f"quarantine of {bad.key}", "alert"), (f"quarantine of {bad.key}", "ok")]

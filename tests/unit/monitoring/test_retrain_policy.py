"""The policy on the ledger: what it reads, records and tells, once."""

from pathlib import Path

import pytest

from include.alerts.notice import standing
from include.drift import Tier
from include.errors import NothingToDo
from include.lake import Store
from include.ledger import Decision, Ledger, PredictionRecord
from include.monitoring.following import apply_policy
from include.monitoring.watch import scored
from include.steps import STEPS
from tests.declared import TRIPS, admit, declare, spec, trips

CODE: dict[str, Tier] = {"o": "ok", "w": "warn", "a": "alert", "c": "critical"}


def watched(book: Ledger, day: str, tier: Tier) -> None:
    book.record_decision(
        Decision(model="trip_late", kind="watch", subject=day, outcome=tier, reason=tier, actor="watch")
    )


def requested(book: Ledger, day: str, actor: str = "watch") -> None:
    book.record_decision(
        Decision(
            model="trip_late", kind="training_request", subject=day, outcome="requested", reason="r", actor=actor
        )
    )  # fmt: skip


def test_the_newest_verdict_of_each_day_counts_in_the_order_of_the_days(ledger: Ledger) -> None:
    """Days are judged out of order by hand, and once more after a correction."""
    for day, tier in [("03", "alert"), ("01", "alert"), ("02", "ok"), ("02", "alert")]:
        watched(ledger, f"2013-04-{day}", CODE[tier[0]])
    assert apply_policy(spec(), "2013-04-03", ledger).action == "request_training"
    watched(ledger, "2013-04-04", "ok")
    assert apply_policy(spec(), "2013-04-04", ledger).action == "notify"
    recorded = ledger.decisions("trip_late", kind="retrain_policy")
    assert [(one.subject, one.outcome) for one in recorded] == [
        ("2013-04-03", "request_training"),
        ("2013-04-04", "notify"),
    ]


def test_requests_for_later_days_do_not_count(ledger: Ledger) -> None:
    for day in ("01", "02", "03"):
        watched(ledger, f"2013-04-{day}", "alert")
    requested(ledger, "2013-04-09")
    assert apply_policy(spec(), "2013-04-03", ledger).action == "request_training"
    requested(ledger, "2013-04-02")
    assert apply_policy(spec(), "2013-04-03", ledger).action == "notify"


def test_a_day_of_the_past_asks_for_no_training(ledger: Ledger) -> None:
    """Or a range of days that is watched once more would ask for a training at each end of the cool-down."""
    for day in ("01", "02", "03", "04"):
        watched(ledger, f"2013-04-{day}", "alert")
    found = apply_policy(spec(), "2013-04-03", ledger)
    assert found.action == "nothing"
    assert found.reason == "there is a verdict of 2013-04-04 already: a day of the past asks for no training"
    assert apply_policy(spec(), "2013-04-04", ledger).action == "request_training"


def test_only_drift_s_own_requests_make_it_rest(ledger: Ledger) -> None:
    """A weekly schedule would keep drift from ever asking, with a rest of two weeks."""
    for day in ("01", "02", "03"):
        watched(ledger, f"2013-04-{day}", "alert")
    requested(ledger, "2013-04-01", actor="schedule")
    requested(ledger, "2013-04-02", actor="ann")
    assert apply_policy(spec(), "2013-04-03", ledger).action == "request_training"
    requested(ledger, "2013-04-01")
    assert apply_policy(spec(), "2013-04-03", ledger).action == "notify"


def test_a_repeated_step_announces_nothing_a_second_time(models: Path, ledger: Ledger) -> None:
    declare(models, contract=TRIPS)
    for day in ("01", "02", "03"):
        watched(ledger, f"2013-04-{day}", "alert")
    first = STEPS["apply-policy"].run("trip_late", {"key": "2013-04-03"})
    assert first.announces == ("2013-04-04",)
    for _ in range(2):
        with pytest.raises(NothingToDo, match="training as of 2013-04-04 was requested before"):
            STEPS["apply-policy"].run("trip_late", {"key": "2013-04-03"})
    requests = ledger.decisions("trip_late", kind="training_request")
    assert [(one.subject, one.actor) for one in requests] == [("2013-04-04", "watch")]
    assert len(ledger.decisions("trip_late", kind="alert")) == 1
    watched(ledger, "2013-04-04", "alert")
    with pytest.raises(NothingToDo, match=r"trip_late 2013-04-04: notify: .* requested 0 days ago"):
        STEPS["apply-policy"].run("trip_late", {"key": "2013-04-04"})


def test_the_window_under_watch_is_what_was_scored(lake: Store, ledger: Ledger) -> None:
    """A partition that landed again, or was never scored, has no predictions to stand beside its rows."""
    first = admit("2013-04-01", lake, ledger, trips(seed=1))
    admit("2013-04-02", lake, ledger, trips(seed=2))
    third = admit("2013-04-03", lake, ledger, trips(seed=3))
    predicted = [
        PredictionRecord(
            model="trip_late", version="4", key=one.key, content_hash=str(one.content_hash), path="p", rows=40
        )
        for one in (first, third)
    ]
    admit("2013-04-01", lake, ledger, trips(seed=9, rows=60))
    ledger.record_partition(third.model_copy(update={"fingerprint": "landed once more"}))
    found = scored(spec(), predicted, ledger)
    assert [(entry.key, entry.content_hash) for entry in found.entries] == [
        (first.key, first.content_hash),
        (third.key, third.content_hash),
    ]


def measured(book: Ledger, day: str, tier: Tier, version: str = "2") -> None:
    book.record_decision(
        Decision(
            model="trip_late", kind="performance", subject=day, outcome=tier, reason=f"auc: {tier}", actor="watch",
            evidence="evidence/auc.json", detail=f'{{"version": "{version}"}}',
        )
    )  # fmt: skip


def promoted(book: Ledger, *versions: str) -> None:
    for version in versions:
        book.record_deployment(
            "trip_late", version, version, expected=book.champion("trip_late"), action="promote", actor="ann",
            reason="test",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("champions", "version", "declared", "action"),
    [
        (("1", "2"), "2", True, "roll_back"),
        (("1", "2"), "2", False, "request_training"),
        (("1", "2"), "1", True, "request_training"),
        (("2",), "2", True, "request_training"),
        ((), "2", True, "request_training"),
    ],
)
def test_a_champion_that_measures_badly_is_sent_away_where_its_owner_says_so_and_another_was_before_it(
    ledger: Ledger, champions: tuple[str, ...], version: str, declared: bool, action: str
) -> None:
    promoted(ledger, *champions)
    for day in ("01", "02", "03"):
        watched(ledger, f"2013-04-{day}", "ok")
        measured(ledger, f"2013-04-{day}", "critical", version)
    found = apply_policy(spec(monitoring={"roll_back": declared}), "2013-04-03", ledger)
    assert found.action == action
    assert [(one.subject, one.outcome) for one in ledger.decisions("trip_late", kind="alert")] == [
        ("performance", "critical")
    ]


def test_an_alarm_is_told_with_what_was_found_and_what_follows_and_so_is_its_end(ledger: Ledger) -> None:
    declared = spec(monitoring={"leave_after": 2})
    watched(ledger, "2013-04-01", "alert")
    for _ in range(2):
        apply_policy(declared, "2013-04-01", ledger)
    [notice] = standing("model", "trip_late", ledger)
    assert notice.sentence.startswith("2013-04-01: alert. What follows: notify, 1 of the last 1 verdicts")
    assert notice.pages == {
        "Report": "/perennial/files/evidence/trip_late/watch/2013-04-01/report.html",
        "Runs": "/dags/watch_trip_late/runs",
    }
    for day in ("02", "03"):
        watched(ledger, f"2013-04-{day}", "ok")
        apply_policy(declared, f"2013-04-{day}", ledger)
    assert [one.outcome for one in ledger.decisions("trip_late", kind="alert")] == ["alert", "ok"]


def test_a_day_of_the_past_tells_nothing(ledger: Ledger) -> None:
    watched(ledger, "2013-04-01", "critical")
    watched(ledger, "2013-04-02", "ok")
    apply_policy(spec(), "2013-04-01", ledger)
    assert ledger.decisions("trip_late", kind="alert") == []

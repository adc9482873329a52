"""The policy: m of the last n verdicts, the newest loud, and a rest after each request."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from include.drift import Tier
from include.errors import NothingToDo
from include.lake import Store
from include.ledger import Decision, Ledger, PredictionRecord
from include.monitoring.policy import Action, follow_up
from include.monitoring.watch import apply_policy, scored
from include.spec import Monitoring
from include.steps import STEPS
from tests.declared import TRIPS, admit, declare, spec, trips

TODAY = date(2013, 4, 20)
LIMITS = Monitoring(violations=3, of_windows=5, cool_down_days=14)
CODE: dict[str, Tier] = {"o": "ok", "w": "warn", "a": "alert", "c": "critical"}


def tiers(letters: str) -> list[Tier]:
    return [CODE[letter] for letter in letters]


@pytest.mark.parametrize(
    ("history", "action", "why"),
    [
        ("", "nothing", "the newest verdict is missing"),
        ("o", "nothing", "the newest verdict is ok"),
        ("a", "nothing", "1 of the last 1 verdicts at alert or above, required 3 of 5"),
        ("aa", "nothing", "2 of the last 2"),
        ("aaa", "request_training", "3 of the last 3"),
        ("ooaaa", "request_training", "3 of the last 5"),
        ("aooaa", "request_training", "3 of the last 5"),
        ("aaoooa", "nothing", "2 of the last 5"),
        ("aaaooooa", "nothing", "1 of the last 5"),
        ("aaaaw", "nothing", "the newest verdict is warn"),
        ("aaaao", "nothing", "the newest verdict is ok"),
        ("wwwwa", "nothing", "1 of the last 5"),
        ("owaca", "request_training", "3 of the last 5"),
        ("ccc", "request_training", "3 of the last 3"),
        ("ooooooooccaaa", "request_training", "5 of the last 5"),
    ],
)
def test_enough_of_the_last_verdicts_must_be_loud_and_the_newest_among_them(
    history: str, action: Action, why: str
) -> None:
    found = follow_up(tiers(history), TODAY, None, LIMITS)
    assert found.action == action
    assert why in found.reason


@pytest.mark.parametrize(
    ("days_ago", "cool_down", "action"),
    [
        (0, 14, "nothing"),
        (13, 14, "nothing"),
        (14, 14, "request_training"),
        (15, 14, "request_training"),
        (0, 0, "request_training"),
        (0, 1, "nothing"),
        (1, 1, "request_training"),
    ],
)
def test_a_request_is_followed_by_a_rest(days_ago: int, cool_down: int, action: Action) -> None:
    limits = LIMITS.model_copy(update={"cool_down_days": cool_down})
    found = follow_up(tiers("aaa"), TODAY, TODAY - timedelta(days=days_ago), limits)
    assert found.action == action
    assert (f"requested {days_ago} days ago: cool-down of {cool_down}" in found.reason) == (action == "nothing")


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
    assert apply_policy(spec(), "2013-04-04", ledger).action == "nothing"
    recorded = ledger.decisions("trip_late", kind="retrain_policy")
    assert [(one.subject, one.outcome) for one in recorded] == [
        ("2013-04-03", "request_training"),
        ("2013-04-04", "nothing"),
    ]


def test_requests_for_later_days_do_not_count(ledger: Ledger) -> None:
    for day in ("01", "02", "03"):
        watched(ledger, f"2013-04-{day}", "alert")
    requested(ledger, "2013-04-09")
    assert apply_policy(spec(), "2013-04-03", ledger).action == "request_training"
    requested(ledger, "2013-04-02")
    assert apply_policy(spec(), "2013-04-03", ledger).action == "nothing"


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
    assert apply_policy(spec(), "2013-04-03", ledger).action == "nothing"


def test_a_repeated_step_asks_for_the_same_training_and_records_it_once(models: Path, ledger: Ledger) -> None:
    declare(models, contract=TRIPS)
    for day in ("01", "02", "03"):
        watched(ledger, f"2013-04-{day}", "alert")
    results = [STEPS["apply-policy"].run("trip_late", {"key": "2013-04-03"}) for _ in range(2)]
    assert results[0] == results[1]
    assert results[0].announces == ("2013-04-04",)
    requests = ledger.decisions("trip_late", kind="training_request")
    assert [(one.subject, one.actor) for one in requests] == [("2013-04-04", "watch")]
    watched(ledger, "2013-04-04", "alert")
    with pytest.raises(NothingToDo, match=r"trip_late 2013-04-04: nothing follows: .* requested 0 days ago"):
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

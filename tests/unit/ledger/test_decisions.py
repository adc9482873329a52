"""Decisions and predictions."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pydantic import ValidationError

from include.ledger import Decision, Ledger, PredictionRecord


def decision(**changes: Any) -> Decision:
    stated = {"model": "flight_delay", "kind": "gate", "subject": "run-1", "outcome": "pass", "reason": "auc 0.71"}
    return Decision.model_validate({**stated, "actor": "perennial", **changes})


def predicted(**changes: Any) -> PredictionRecord:
    stated = {"model": "flight_delay", "version": "1", "key": "2013-02-01", "content_hash": "c", "path": "p", "rows": 3}
    return PredictionRecord.model_validate({**stated, **changes})


def test_a_decision_is_read_back_unchanged(ledger: Ledger) -> None:
    stated = decision(evidence="evidence/x.json", detail=json.dumps({"auc": 0.71, "name": "größer"}))
    ledger.record_decision(stated)
    assert ledger.decisions("flight_delay") == [stated]


def test_decisions_are_filtered_by_kind_and_subject_in_the_order_they_were_taken(ledger: Ledger) -> None:
    for kind, subject in [("gate", "run-1"), ("watch", "2013-02-01"), ("gate", "run-2"), ("gate", "run-1")]:
        ledger.record_decision(decision(kind=kind, subject=subject))
    assert [d.subject for d in ledger.decisions("flight_delay", kind="gate")] == ["run-1", "run-2", "run-1"]
    assert len(ledger.decisions("flight_delay", "gate", "run-1")) == 2
    assert ledger.decisions("arrival_delay") == []


def test_a_decision_is_stored_as_often_as_it_is_taken(ledger: Ledger) -> None:
    ledger.record_decision(decision())
    ledger.record_decision(decision())
    assert len(ledger.decisions("flight_delay")) == 2


def test_once_returns_the_newest_decision_if_a_rerun_says_the_same(ledger: Ledger) -> None:
    ledger.record_decision(decision(reason="oldest"))
    newest = ledger.record_decision(decision(reason="newest"))
    assert ledger.record_decision(decision(reason="newest", actor="rerun"), once=True) == newest
    assert [d.reason for d in ledger.decisions("flight_delay")] == ["oldest", "newest"]


@pytest.mark.parametrize(
    "changes", [{"outcome": "fail"}, {"reason": "auc 0.72"}, {"subject": "run-2"}, {"kind": "watch"}, {"model": "m"}]
)
def test_once_stores_a_decision_that_says_anything_else(ledger: Ledger, changes: dict[str, str]) -> None:
    ledger.record_decision(decision(), once=True)
    stated = ledger.record_decision(decision(**changes), once=True)
    assert stated == decision(**changes, recorded_at=stated.recorded_at)
    assert len(ledger.decisions("flight_delay")) + len(ledger.decisions("m")) == 2


def test_once_keeps_a_decision_that_went_back_and_forth(ledger: Ledger) -> None:
    """What counts is the newest decision: a gate that passes, fails and passes again ends with a pass."""
    for outcome in ("pass", "fail", "fail", "pass", "pass"):
        ledger.record_decision(decision(outcome=outcome), once=True)
    assert [d.outcome for d in ledger.decisions("flight_delay", "gate", "run-1")] == ["pass", "fail", "pass"]


def test_once_is_about_one_subject_whatever_was_decided_on_others_meanwhile(ledger: Ledger) -> None:
    for subject in ("run-1", "run-2", "run-1"):
        ledger.record_decision(decision(subject=subject), once=True)
    assert [d.subject for d in ledger.decisions("flight_delay")] == ["run-1", "run-2"]


def test_once_stores_one_row_when_many_decide_at_once(ledger: Ledger) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: ledger.record_decision(decision(actor=str(n)), once=True), range(6)))
    assert len(ledger.decisions("flight_delay")) == 1


def test_the_newest_decision_on_each_of_the_last_subjects_is_found_without_reading_them_all(ledger: Ledger) -> None:
    for subject, outcome in [("03", "ok"), ("01", "ok"), ("02", "ok"), ("02", "alert"), ("04", "warn")]:
        ledger.record_decision(decision(kind="watch", subject=f"2013-04-{subject}", outcome=outcome))
    ledger.record_decision(decision(kind="gate", subject="2013-04-05"))
    ledger.record_decision(decision(kind="watch", subject="2013-04-09", model="arrival_delay"))

    def found(most: int, last: str | None = None) -> list[tuple[str, str]]:
        newest = ledger.newest_decisions("flight_delay", "watch", most=most, last=last)
        return [(one.subject[-2:], one.outcome) for one in newest]

    assert found(1) == [("04", "warn")]
    assert found(2, "2013-04-03") == [("02", "alert"), ("03", "ok")]
    assert found(9) == [("01", "ok"), ("02", "alert"), ("03", "ok"), ("04", "warn")]
    assert found(3, "2013-03-31") == []


def test_the_last_scored_key_is_found(ledger: Ledger) -> None:
    assert ledger.newest_scored("flight_delay") is None
    for key in ("2013-02-02", "2013-02-03", "2013-02-01"):
        ledger.record_predictions(predicted(key=key))
    assert ledger.newest_scored("flight_delay") == "2013-02-03"
    assert ledger.newest_scored("arrival_delay") is None


def test_an_unknown_kind_of_decision_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"kind"):
        decision(kind="mood")


def test_predictions_of_the_same_file_are_recorded_once(ledger: Ledger) -> None:
    first = ledger.record_predictions(predicted())
    assert ledger.record_predictions(predicted(rows=99)) == first
    assert ledger.predictions("flight_delay") == [first]


def test_what_a_version_said_first_stays_what_it_said(ledger: Ledger) -> None:
    first = ledger.record_predictions(predicted(version="1", content_hash="a", key="2013-02-02"))
    ledger.record_predictions(predicted(version="1", content_hash="b", key="2013-02-02"))
    ledger.record_predictions(predicted(version="2", content_hash="b", key="2013-02-02"))
    earlier = ledger.record_predictions(predicted(version="1", content_hash="c", key="2013-02-01"))
    ledger.record_predictions(predicted(version="1", content_hash="d", key="2013-02-03"))
    assert ledger.first_predictions("flight_delay", "1", "2013-02-01", "2013-02-02") == [earlier, first]
    assert ledger.first_predictions("arrival_delay", "1", "2013-02-01", "2013-02-02") == []


def test_what_a_version_scored_before_is_the_newest_again_when_it_scores_again(ledger: Ledger) -> None:
    """After a rollback the former champion scores what its successor had scored meanwhile."""
    for version in ("1", "2", "1", "1"):
        ledger.record_predictions(predicted(version=version))
        assert [one.version for one in ledger.predictions("flight_delay")] == [version]
    first, again = ledger.predictions("flight_delay")[0], ledger.record_predictions(predicted(version="1"))
    assert again == first


def test_the_newest_predictions_of_each_partition_are_given_in_key_order(ledger: Ledger) -> None:
    for version, key in [("1", "2013-02-02"), ("1", "2013-02-01"), ("2", "2013-02-02"), ("1", "2013-02-03")]:
        ledger.record_predictions(predicted(version=version, key=key))
    newest = ledger.predictions("flight_delay", first="2013-02-01", last="2013-02-02")
    assert [(p.key, p.version) for p in newest] == [("2013-02-01", "1"), ("2013-02-02", "2")]


def test_a_decision_follows_the_one_it_was_made_on_and_no_other(ledger: Ledger) -> None:
    first, second = decision(outcome="fail"), decision(outcome="pass")
    assert ledger.record_next(first, None)
    assert not ledger.record_next(second, None)
    assert ledger.record_next(second, first)
    assert not ledger.record_next(second, first)
    assert ledger.record_next(decision(subject="run-2"), None)
    assert ledger.decisions("flight_delay", subject="run-1") == [first, second]


def test_of_several_that_follow_the_same_decision_one_is_stored(ledger: Ledger) -> None:
    before = ledger.record_decision(decision())
    with ThreadPoolExecutor(6) as pool:
        stored = list(pool.map(lambda number: ledger.record_next(decision(reason=f"{number}"), before), range(12)))
    assert stored.count(True) == 1
    assert len(ledger.decisions("flight_delay")) == 2

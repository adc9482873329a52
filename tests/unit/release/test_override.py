"""A gate is overridden by name and with a reason, for one run and for what it said: never silently, never for good."""

import pytest

from include.card.rulings import Ruling, accepted_because, ruling, rulings
from include.errors import BadData, NotFound
from include.gates.result import Status
from include.ledger import Ledger
from include.release.override import override
from tests.declared import spec
from tests.verdicts import GATES, decide, decide_all

GATE = "champion_comparison"
REASON = "the fleet was renewed last week"


def overridden(ledger: Ledger, gate: str = GATE, run: str = "run-1", reason: str = REASON, actor: str = "ann") -> None:
    override(spec(), run, gate, actor, reason, ledger)


@pytest.mark.parametrize("status", ["fail", "inconclusive", "error"])
def test_what_is_not_a_pass_can_be_overridden(ledger: Ledger, status: Status) -> None:
    decide_all(ledger, champion_comparison=status)
    assert not ruling("trip_late", "run-1", GATE, ledger).accepted
    overridden(ledger)
    found = ruling("trip_late", "run-1", GATE, ledger)
    assert found.accepted
    assert found.outcome == "overridden"
    assert found.override is not None
    assert (found.override.actor, found.override.reason) == ("ann", REASON)
    assert (found.override.outcome, found.override.sentence) == (status, f"{GATE} says {status}")


def test_it_is_on_record_with_who_why_and_where_the_gate_s_numbers_are(ledger: Ledger) -> None:
    decide_all(ledger, champion_comparison="fail")
    overridden(ledger)
    [kept] = ledger.decisions("trip_late", kind="override")
    assert (kept.subject, kept.outcome, kept.actor, kept.reason) == (f"run-1/{GATE}", "overridden", "ann", REASON)
    assert kept.evidence == f"evidence/trip_late/run-1/gate-{GATE}.json"


def test_a_gate_that_passed_cannot_be_overridden(ledger: Ledger) -> None:
    decide_all(ledger)
    with pytest.raises(BadData, match=f"Gate '{GATE}' of trip_late passed on run run-1, so there is nothing"):
        overridden(ledger)
    assert ledger.decisions("trip_late", kind="override") == []


@pytest.mark.parametrize(
    ("gate", "run", "problem"),
    [
        (GATE, "run-2", f"Gate '{GATE}' of trip_late was never decided on run 'run-2'"),
        (GATE, "run", "was never decided on run 'run'"),
        ("no_gate", "run-1", "trip_late has no gate 'no_gate'. Gates: absolute_floor, champion_comparison"),
    ],
)
def test_what_was_never_decided_cannot_be_overridden(ledger: Ledger, gate: str, run: str, problem: str) -> None:
    decide_all(ledger, champion_comparison="fail")
    with pytest.raises(NotFound, match=problem):
        overridden(ledger, gate, run)
    assert ledger.decisions("trip_late", kind="override") == []


@pytest.mark.parametrize("reason", ["", "because", "looks good", "   a    b  "])
def test_a_reason_that_says_nothing_is_refused(ledger: Ledger, reason: str) -> None:
    decide_all(ledger, champion_comparison="fail")
    with pytest.raises(BadData, match="at least 3 words"):
        overridden(ledger, reason=reason)
    assert not ruling("trip_late", "run-1", GATE, ledger).accepted


def test_three_words_are_a_reason(ledger: Ledger) -> None:
    decide_all(ledger, champion_comparison="fail")
    overridden(ledger, reason="rain all week")
    assert ruling("trip_late", "run-1", GATE, ledger).accepted


def test_it_holds_for_that_run_and_that_gate_alone(ledger: Ledger) -> None:
    for run in ("run-1", "run-2"):
        decide_all(ledger, run, champion_comparison="fail", absolute_floor="fail")
    overridden(ledger)
    assert [one.gate for one in rulings(spec(), "run-1", ledger) if one.accepted] == [
        gate for gate in GATES if gate != "absolute_floor"
    ]
    assert not ruling("trip_late", "run-2", GATE, ledger).accepted


def test_a_gate_that_says_something_else_when_decided_anew_has_to_be_overridden_anew(ledger: Ledger) -> None:
    decide(ledger, GATE, "fail", "auc is worse by 0.02")
    overridden(ledger)
    decide(ledger, GATE, "fail", "auc is worse by 0.09")
    assert not ruling("trip_late", "run-1", GATE, ledger).accepted
    overridden(ledger)
    found = ruling("trip_late", "run-1", GATE, ledger)
    assert found.override is not None
    assert found.override.sentence == "auc is worse by 0.09"


def test_a_gate_that_passes_when_decided_anew_needs_no_override_any_more(ledger: Ledger) -> None:
    decide(ledger, GATE, "inconclusive")
    overridden(ledger)
    decide(ledger, GATE, "pass")
    found = ruling("trip_late", "run-1", GATE, ledger)
    assert found.override is None
    assert found.outcome == "pass"


def test_the_same_again_changes_nothing_and_another_person_is_on_record_too(ledger: Ledger) -> None:
    decide_all(ledger, champion_comparison="fail")
    overridden(ledger)
    overridden(ledger)
    assert len(ledger.decisions("trip_late", kind="override")) == 1
    overridden(ledger, actor="bob")
    assert [one.actor for one in ledger.decisions("trip_late", kind="override")] == ["ann", "bob"]


def test_an_accepted_run_says_what_passed_and_who_overrode_what(ledger: Ledger) -> None:
    decide_all(ledger, champion_comparison="inconclusive")
    overridden(ledger)
    said = accepted_because(rulings(spec(), "run-1", ledger))
    passed = ", ".join(gate for gate in GATES if gate != GATE)
    assert said == f"passed {passed}; overridden {GATE} (inconclusive) by ann: {REASON}"
    assert accepted_because([one for one in rulings(spec(), "run-1", ledger) if not one.override]) == f"passed {passed}"


def test_a_gate_says_in_words_what_it_decided(ledger: Ledger) -> None:
    decide(ledger, GATE, "fail", "auc 0.5")
    assert ruling("trip_late", "run-1", GATE, ledger).words == f"{GATE}: fail, auc 0.5"
    assert Ruling(GATE, None).words == f"{GATE}: not decided"
    assert Ruling(GATE, None).outcome == "not decided"
    assert not Ruling(GATE, None).accepted

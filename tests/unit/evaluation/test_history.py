"""The history of comparisons: what the ledger says of other runs, as it stood when this run was first decided."""

import pytest

from include.evaluation.history import Comparison, earlier_comparisons
from include.gates.result import Check, GateResult
from include.ledger import Decision, Ledger


def comparison(run: str, alpha: float = 0.05) -> Comparison:
    return Comparison(run_id=run, as_of="2013-03-01", first_day="2013-02-01", last_day="2013-02-14", alpha=alpha)


def record(ledger: Ledger, run: str, made: Comparison | None, gate: str = "champion_comparison") -> None:
    decided = GateResult.of(gate, [Check(name="auc", status="fail", sentence=f"run {run} alpha {made}")])
    ledger.record_decision(
        Decision(
            model="trip_late", kind="gate", subject=f"{run}/{gate}", outcome="fail", reason=decided.sentence,
            actor="gate", detail=decided.model_copy(update={"comparison": made}).model_dump_json(),
        ),
        once=True,
    )  # fmt: skip


def test_it_holds_the_comparisons_of_other_runs_oldest_first(ledger: Ledger) -> None:
    for run in ("c", "a", "b"):
        record(ledger, run, comparison(run))
    assert [one.run_id for one in earlier_comparisons("trip_late", "d", ledger)] == ["c", "a", "b"]
    assert earlier_comparisons("trip_late", "d", ledger)[1] == comparison("a")
    assert earlier_comparisons("other", "d", ledger) == ()


def test_what_was_not_tested_has_spent_nothing(ledger: Ledger) -> None:
    """Without a champion, with an error, or with days that were worn out there is no comparison in the decision."""
    record(ledger, "a", None)
    record(ledger, "b", comparison("b"))
    record(ledger, "c", comparison("c"), gate="absolute_floor")
    assert [one.run_id for one in earlier_comparisons("trip_late", "d", ledger)] == ["b"]


def test_a_decision_that_knows_no_comparison_has_spent_nothing(ledger: Ledger) -> None:
    ledger.record_decision(
        Decision(
            model="trip_late", kind="gate", subject="a/champion_comparison", outcome="pass", reason="r", actor="gate"
        )
    )
    record(ledger, "b", comparison("b"))
    assert [one.run_id for one in earlier_comparisons("trip_late", "d", ledger)] == ["b"]


@pytest.mark.parametrize("second", [comparison("a", 0.02), None])
def test_a_run_that_is_decided_again_counts_once(ledger: Ledger, second: Comparison | None) -> None:
    record(ledger, "a", comparison("a", 0.05))
    record(ledger, "b", comparison("b"))
    record(ledger, "a", second)
    found = earlier_comparisons("trip_late", "d", ledger)
    assert [one.run_id for one in found] == ["a", "b"]
    assert found[0].alpha == (0.02 if second else 0.05)


def test_a_run_sees_the_same_history_when_it_is_evaluated_again(ledger: Ledger) -> None:
    record(ledger, "a", comparison("a"))
    before = earlier_comparisons("trip_late", "b", ledger)
    record(ledger, "b", comparison("b"))
    record(ledger, "c", comparison("c"))
    assert earlier_comparisons("trip_late", "b", ledger) == before == (comparison("a"),)
    assert len(earlier_comparisons("trip_late", "d", ledger)) == 3

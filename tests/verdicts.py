"""What gates decided, put on record as the gate step does."""

from include.gates.result import Check, GateResult, Status
from include.ledger import Decision, Ledger
from tests.declared import spec

GATES = spec().gates.names


def decide(ledger: Ledger, gate: str, status: Status = "pass", sentence: str = "", run: str = "run-1") -> GateResult:
    """Records one gate's decision on a run of `trip_late`; by default it says its name and its status."""
    said = sentence or f"{gate} says {status}"
    result = GateResult.of(gate, [Check(name="auc", status=status, observed=0.61, threshold=0.6, sentence=said)])
    ledger.record_decision(
        Decision(
            model="trip_late", kind="gate", subject=f"{run}/{gate}", outcome=result.status, reason=result.sentence,
            actor="gate", detail=result.model_dump_json(),
        ),
        once=True,
    )  # fmt: skip
    return result


def decide_all(ledger: Ledger, run: str = "run-1", **statuses: Status) -> None:
    """Records every gate of `trip_late`: those named with their status, all others as passed."""
    for gate in GATES:
        decide(ledger, gate, statuses.get(gate, "pass"), run=run)

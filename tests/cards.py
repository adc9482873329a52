"""The sources of a model card, small enough to be written down."""

from datetime import UTC, datetime
from typing import Any

from include.card.rulings import Ruling
from include.card.sources import Sources
from include.evaluation.evidence import Evidence
from include.gates.result import Check, GateResult, Status
from include.ledger import Override, Promotion
from include.registry.manifest import spec_hash
from tests.declared import spec
from tests.evaluations import GOOD, POOR, TARGET, held_out
from tests.manifests import manifest

MOMENT = datetime(2013, 4, 1, 12, 30, tzinfo=UTC)
SMALL = {"gates": {"slices": {"min_rows": 20, "margin": 0.05}}}


def ruling(gate: str, status: Status = "pass", sentence: str = "", override: Override | None = None) -> Ruling:
    """One gate with one check, by default saying its name and its status."""
    said = sentence or f"{gate} says {status}"
    check = Check(name="auc", status=status, observed=0.61, threshold=0.6, lower=0.5, upper=0.7, sentence=said)
    return Ruling(gate, GateResult.of(gate, [check]), override)


def overridden(gate: str, reason: str = "the fleet was renewed") -> Ruling:
    """A gate that failed and was overridden by ann."""
    said = ruling(gate, "fail")
    assert said.result is not None
    answer = Override(
        run_id="run-1", gate=gate, outcome="fail", sentence=said.result.sentence, actor="ann", reason=reason,
        recorded_at=MOMENT,
    )  # fmt: skip
    return Ruling(gate, said.result, answer)


def promotion(**changes: Any) -> Promotion:
    """Version 5 replaced version 4, by ann."""
    stated = {
        "model": "trip_late", "version": "5", "run_id": "run-1", "model_hash": "a" * 64,
        "evidence": "evidence/trip_late/run-1/evidence.json", "evidence_sha256": "b" * 64,
        "gates": {"absolute_floor": "pass"}, "overrides": (), "replaces": "4", "actor": "ann",
        "reason": "looks right", "approval": "person", "recorded_at": MOMENT,
    }  # fmt: skip
    return Promotion.model_validate({**stated, **changes})


def sources(
    evidence: Evidence | None = None,
    *rulings: Ruling,
    declared: dict[str, Any] | None = None,
    made: dict[str, Any] | None = None,
    **changes: Any,
) -> Sources:
    """A challenger that is better than champion v4 and passed one gate, as version 5."""
    model = spec(**{**SMALL, **(declared or {})})
    return Sources(
        spec=model,
        made=manifest(**{"spec_hash": spec_hash(model), "model_hash": "c" * 64, **(made or {})}),
        evidence=evidence or held_out(TARGET, GOOD, POOR),
        rulings=rulings or (ruling("absolute_floor"),),
        **{"version": "5", **changes},
    )

"""Gates: pure decisions `(evidence, rule) -> pass | fail | inconclusive | error`, one module each."""

from collections.abc import Callable
from typing import Any

from include.evaluation.evidence import Evidence
from include.gates import (
    absolute_floor,
    calibration,
    champion_comparison,
    fairness,
    leakage,
    not_degenerate,
    reference_sanity,
    resources,
    robustness,
    round_trip,
    slices,
    training_data,
)
from include.gates.result import Check, GateResult
from include.spec import Gates

DECIDE: dict[str, Callable[[Evidence, Any], GateResult]] = {
    "absolute_floor": absolute_floor.decide,
    "champion_comparison": champion_comparison.decide,
    "slices": slices.decide,
    "fairness": fairness.decide,
    "calibration": calibration.decide,
    "robustness": robustness.decide,
    "leakage": leakage.decide,
    "not_degenerate": not_degenerate.decide,
    "reference_sanity": reference_sanity.decide,
    "round_trip": round_trip.decide,
    "resources": resources.decide,
    "training_data": training_data.decide,
}


def decide(name: str, evidence: Evidence, gates: Gates) -> GateResult:
    """What one gate says, by the rule its owner declared."""
    return DECIDE[name](evidence, getattr(gates, name))


__all__ = ["DECIDE", "Check", "GateResult", "decide"]

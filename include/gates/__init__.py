"""Gates: pure decisions `(evidence, thresholds) -> pass | fail | inconclusive | error`, one module each."""

from collections.abc import Callable

from include.evaluation.evidence import Evidence
from include.gates import absolute_floor, non_inferior, not_degenerate, reference_sanity
from include.gates.result import GateResult
from include.spec import Gates

DECIDE: dict[str, Callable[[Evidence, Gates], GateResult]] = {
    "absolute_floor": absolute_floor.decide,
    "non_inferior": non_inferior.decide,
    "not_degenerate": not_degenerate.decide,
    "reference_sanity": reference_sanity.decide,
}

__all__ = ["DECIDE", "GateResult"]

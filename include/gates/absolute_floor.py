"""Absolute floor: good enough to be used at all, whatever the champion does."""

import math

from include.evaluation.evidence import Evidence
from include.evaluation.metrics import reaches
from include.gates.result import GateResult
from include.spec import Gates
from include.spec.model import GREATER_IS_BETTER


def decide(evidence: Evidence, gates: Gates) -> GateResult:
    """Passes where the challenger's metric on the held-out rows is as good as the threshold or better."""
    metric, threshold = gates.absolute_floor.metric, gates.absolute_floor.threshold
    value = evidence.summary.challenger_metrics.get(metric, math.nan)
    sign = ">=" if GREATER_IS_BETTER[metric] else "<="
    if not math.isfinite(value):
        sentence = (
            f"{metric} could not be measured on {evidence.summary.rows} held-out rows; required {sign} {threshold:g}"
        )
        return GateResult(gate="absolute_floor", status="error", observed=None, threshold=threshold, sentence=sentence)
    passed = reaches(metric, value, threshold)
    return GateResult(
        gate="absolute_floor",
        status="pass" if passed else "fail",
        observed=value,
        threshold=threshold,
        sentence=f"{metric} {value:.4f}, required {sign} {threshold:g}, on {evidence.summary.rows} held-out rows",
    )

"""Absolute floor: good enough to be used at all, whatever the champion does."""

import math

from include.evaluation.estimate import Estimate
from include.evaluation.evidence import Evidence
from include.evaluation.metrics import reaches
from include.gates.result import Check, GateResult
from include.spec.metrics import GREATER_IS_BETTER, Metric


def decide(evidence: Evidence, rule: dict[Metric, float]) -> GateResult:
    """Passes where each metric on the held-out rows is as good as its threshold or better."""
    return GateResult.of("absolute_floor", [_check(evidence, metric, limit) for metric, limit in rule.items()])


def _check(evidence: Evidence, metric: Metric, threshold: float) -> Check:
    found = evidence.summary.challenger_metrics.get(metric)
    sign, rows = ">=" if GREATER_IS_BETTER[metric] else "<=", evidence.summary.rows
    if found is None or not math.isfinite(found.value):
        sentence = f"{metric} could not be measured on {rows} held-out rows; required {sign} {threshold:g}"
        return Check(name=metric, status="error", threshold=threshold, sentence=sentence)
    return Check(
        name=metric,
        status="pass" if reaches(metric, found.value, threshold) else "fail",
        observed=found.value,
        threshold=threshold,
        lower=found.lower,
        upper=found.upper,
        sentence=f"{metric} {_shown(found)}, required {sign} {threshold:g}, on {rows} held-out rows",
    )


def _shown(found: Estimate) -> str:
    """The value with its bounds, for the reader: the floor is set by its owner for the value itself."""
    if math.isnan(found.lower):
        return f"{found.value:.4f}"
    return f"{found.value:.4f} ({found.lower:.4f} to {found.upper:.4f})"

"""The verdict on performance as one sentence."""

import math
from collections.abc import Iterator

from include.evaluation.estimate import Estimate
from include.monitoring.performance import (
    Estimated,
    Finding,
    Measurements,
    Realised,
    is_below,
    is_miscalibrated,
    surely_below,
)
from include.spec.gates import Gates
from include.spec.metrics import GREATER_IS_BETTER, Metric


def told(found: Measurements, verdict: Finding, gates: Gates) -> str:
    """What was measured, why that is bad if it is, what is estimated, and what is waited for."""
    return f"{verdict.tier}: {'; '.join(_parts(found, verdict, gates))}"


def _parts(found: Measurements, verdict: Finding, gates: Gates) -> Iterator[str]:
    if found.realised is None:
        yield f"nothing measured yet, {found.missing}"
    else:
        yield from _measured(found, found.realised)
        yield from _reasons(found.metric, found.realised, verdict)
        yield from _limits(found.metric, found.realised, gates)
    if found.estimated:
        yield _estimated(found, found.estimated, verdict)
    yield f"labels are in up to {found.labels.watermark}" if found.labels.watermark else "no labels are in"
    if found.labels.waiting:
        yield f"still awaited: those of {', '.join(found.labels.waiting)}"


def _measured(found: Measurements, realised: Realised) -> Iterator[str]:
    yield (
        f"{found.metric} {_shown(realised.metrics[found.metric])} on {realised.rows} labelled rows from "
        f"{realised.first} to {realised.last}, {found.promoted.value:.3g} at promotion"
    )


def _reasons(metric: Metric, realised: Realised, verdict: Finding) -> Iterator[str]:
    if verdict.lost and verdict.lost.lower > 0:
        yield f"surely {verdict.lost.lower:.0%} of its skill lost"
    if verdict.lost_lately and verdict.lost_lately.lower > max(verdict.lost.lower if verdict.lost else 0, 0):
        yield f"surely {verdict.lost_lately.lower:.0%} of it in the newest week of them"
    if verdict.change == "concept" and realised.expected:
        yield f"concept drift: of these inputs {metric} {_shown(realised.expected)} was to be expected"
    if verdict.change == "covariate":
        yield "covariate drift: the inputs explain it"


def _limits(metric: Metric, realised: Realised, gates: Gates) -> Iterator[str]:
    for name, floor in gates.absolute_floor.items():
        measured = realised.metrics[name]
        if is_below(name, measured, floor):
            surely = "surely " if surely_below(name, measured, floor) else ""
            beyond = "below" if GREATER_IS_BETTER[name] else "above"
            subject = "" if name == metric else f"{name} {measured.value:.3g} is "
            yield f"{subject}{surely}{beyond} the floor of {floor:g}"
    if is_miscalibrated(realised, gates) and realised.calibration and gates.calibration:
        yield f"calibration error {_shown(realised.calibration)}, required <= {gates.calibration.max_error:g}"


def _estimated(found: Measurements, estimated: Estimated, verdict: Finding) -> str:
    outside = f", outside its band in {found.check.outside} of {found.check.weeks} weeks"
    why = outside if verdict.trust == "not to be trusted" else ""
    return f"estimated {_shown(estimated.value)} from {estimated.first} to {estimated.last}, {verdict.trust}{why}"


def _shown(value: Estimate) -> str:
    if math.isnan(value.lower):
        return f"{value.value:.3g}"
    return f"{value.value:.3g} ({value.lower:.3g} to {value.upper:.3g})"

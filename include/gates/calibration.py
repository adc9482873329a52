"""Calibration: what is given 30 % comes true in 30 of 100 cases, about, and no worse than with the champion.

The limits are for the measured error itself, as a floor is, and the bounds say what a miss is worth: `fail` where even
the lower bound is beyond the limit, `inconclusive` where it may be chance. To ask the other way round, that the upper
bound be within the limit, would refuse almost everything: two weeks of days that move together leave an error of zero
open by a tenth. Source of the estimator: Kumar, Liang & Ma, Verified Uncertainty Calibration (2019).
"""

import math
from collections.abc import Iterator

from include.evaluation.calibration import CalibrationView, ModelCalibration, ViewName
from include.evaluation.estimate import Estimate
from include.evaluation.evidence import Evidence
from include.gates.champion_evidence import lacking
from include.gates.result import Check, GateResult, Status
from include.spec.gates import Calibration

NAME = "calibration"
MIN_DAYS = 5  # with fewer, an error of the days cannot be told from one of the model
NO_ONE = "no champion yet: there is nothing to compare with"
WORDS: dict[ViewName, str] = {
    "probability": "the probability",
    "top_label": "the likeliest class",
    "classwise": "the classes, each against the rest,",
}


def decide(evidence: Evidence, rule: Calibration) -> GateResult:
    """Passes where each error is at most `max_error` and exceeds the champion's by at most `max_increase`.

    Inconclusive where there are too few rows or days, and where an error is beyond its limit but may not really be.
    """
    views = evidence.summary.calibration
    if not views:
        why = "the evidence has no calibration, or a prediction is not a finite number"
        return GateResult.unmeasured(NAME, f"calibration could not be measured: {why}", rule.max_error)
    if any(view.confidence != rule.confidence for view in views):
        why = f"the evidence has bounds at {views[0].confidence:.0%}, required {rule.confidence:.0%}: evaluate again"
        return GateResult.unmeasured(NAME, why, rule.max_error)
    return GateResult.of(NAME, [check for view in views for check in _checks(view, evidence, rule)])


def _checks(view: CalibrationView, evidence: Evidence, rule: Calibration) -> Iterator[Check]:
    found, version = view.challenger, evidence.summary.champion_version
    what = f"calibration error of {WORDS[view.view]}"
    yield _check(view.view, f"{what} is", found.error, rule.max_error, view, rule, f" ({_details(found)})")
    name = f"{view.view}, increase"
    if version is None:
        yield Check(name=name, status="pass", threshold=rule.max_increase, sentence=NO_ONE)
    elif view.increase is None:
        why = lacking(evidence) or f"a prediction of champion v{version} is not a finite number"
        sentence = f"{what} could not be compared, required <= {rule.max_increase:g} more: {why}"
        yield Check(name=name, status="error", threshold=rule.max_increase, sentence=sentence)
    else:
        more = f"{what} exceeds that of champion v{version} by"
        yield _check(name, more, view.increase, rule.max_increase, view, rule, "")


def _check(
    name: str, what: str, found: Estimate, limit: float, view: CalibrationView, rule: Calibration, details: str
) -> Check:
    status, why = _verdict(found, limit, view, rule)
    return Check(
        name=name,
        status=status,
        observed=found.value,
        threshold=limit,
        lower=found.lower,
        upper=found.upper,
        sentence=(
            f"{what} {found.value:.4f} ({found.lower:.4f} to {found.upper:.4f} at {view.confidence:.0%} each side), "
            f"required <= {limit:g}: {why}{details}"
        ),
    )


def _verdict(found: Estimate, limit: float, view: CalibrationView, rule: Calibration) -> tuple[Status, str]:
    if view.days < MIN_DAYS or view.rows < rule.min_rows:
        needed = f"{rule.min_rows} rows of {MIN_DAYS} days are needed"
        return "inconclusive", f"{view.rows} rows of {view.days} days are too few to tell, {needed}"
    if not math.isfinite(found.value):
        return "error", "no part of the forecasts has rows of two days"
    if found.value <= limit:
        return "pass", "within the limit"
    if found.lower > limit:
        return "fail", "even the lower bound is beyond the limit"
    return "inconclusive", "beyond the limit, but it may be chance"


def _details(found: ModelCalibration) -> str:
    """What a reader knows from elsewhere: Brier score and its parts, and the error as others report it."""
    brier = found.brier
    worst = max(found.by_class, key=lambda name: found.by_class[name], default=None)
    return (
        f"Brier {brier.score:.4f}: reliability {brier.reliability:.4f}, resolution {brier.resolution:.4f}, "
        f"uncertainty {brier.uncertainty:.4f}; plain error {found.plain_error:.4f}"
    ) + (f"; worst class {worst} {found.by_class[worst]:.4f}" if worst is not None else "")

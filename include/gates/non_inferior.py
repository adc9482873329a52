"""Non-inferior: the challenger loses no more than a margin to the champion, and we are sure of it."""

import math

import numpy as np

from include.evaluation.bootstrap import paired_difference
from include.evaluation.evidence import Evidence
from include.gates.result import GateResult
from include.spec import Gates

MIN_DAYS = 5  # with fewer blocks a bootstrap interval means nothing
SEED = 20130401


def decide(evidence: Evidence, gates: Gates) -> GateResult:
    """Passes where the lower bound of the improvement is at least -margin; fails where the upper bound is below it.

    In between the rows cannot tell, which is `inconclusive` and does not pass.
    """
    rule, champion = gates.non_inferior, evidence.champion
    version = evidence.summary.champion_version
    if version is None:
        return GateResult(
            gate="non_inferior", status="pass", observed=None, threshold=-rule.margin,
            sentence="no champion yet: there is nothing to be inferior to",
        )  # fmt: skip
    if champion is None:
        return _unmeasured(rule.margin, f"the evidence lacks the predictions of champion v{version}", rule.metric)
    if not np.isfinite(evidence.challenger).all() or not np.isfinite(champion).all():
        return _unmeasured(rule.margin, "a prediction is not a finite number", rule.metric)
    difference = paired_difference(
        rule.metric, evidence.target, evidence.challenger, champion, evidence.day_blocks, rule.confidence, SEED
    )
    if not math.isfinite(difference.observed):
        return _unmeasured(
            rule.margin, f"{rule.metric} is not defined on these {len(evidence.target)} rows", rule.metric
        )
    if difference.blocks < MIN_DAYS:
        status, why = "inconclusive", f"{difference.blocks} days of rows are too few to tell, {MIN_DAYS} are needed"
    elif difference.lower >= -rule.margin:
        status, why = "pass", "the loss is within the margin"
    elif difference.upper < -rule.margin:
        status, why = "fail", "the loss is larger than the margin"
    else:
        status, why = "inconclusive", "a loss larger than the margin cannot be ruled out"
    return GateResult.model_validate(
        {
            "gate": "non_inferior",
            "status": status,
            "observed": difference.observed,
            "threshold": -rule.margin,
            "lower": difference.lower,
            "upper": difference.upper,
            "sentence": (
                f"{rule.metric} improves by {difference.observed:+.4f} over champion v{version} "
                f"({difference.lower:+.4f} to {difference.upper:+.4f} at {rule.confidence:.0%} each side), "
                f"required >= {-rule.margin:g}: {why}"
            ),
        }
    )


def _unmeasured(margin: float, why: str, metric: str) -> GateResult:
    sentence = f"the improvement of {metric} could not be measured, required >= {-margin:g}: {why}"
    return GateResult(gate="non_inferior", status="error", observed=None, threshold=-margin, sentence=sentence)

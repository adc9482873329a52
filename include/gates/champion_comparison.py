"""Champion comparison: the challenger against the champion on the same rows, as the model's owner asks for it."""

import math

import numpy as np

from include.evaluation.estimate import Difference
from include.evaluation.evidence import Evidence
from include.evaluation.intervals import paired_difference
from include.gates.result import Check, GateResult, Status
from include.spec.gates import ChampionComparison

MIN_DAYS = 5  # with fewer blocks a bootstrap interval means nothing
SEED = 20130401
NAME = "champion_comparison"


def decide(evidence: Evidence, rule: ChampionComparison) -> GateResult:
    """Passes where the lower bound of the improvement reaches what the policy requires, fails where the upper does not.

    In between the rows cannot tell, which is `inconclusive` and does not pass.
    """
    champion, version = evidence.champion, evidence.summary.champion_version
    if version is None:
        return GateResult.of(NAME, [Check(name=rule.metric, status="pass", threshold=rule.required, sentence=NO_ONE)])
    if evidence.summary.champion_problem is not None:
        return _unmeasured(rule, evidence.summary.champion_problem)
    if champion is None:
        return _unmeasured(rule, f"the evidence lacks the predictions of champion v{version}")
    if not np.isfinite(evidence.challenger).all() or not np.isfinite(champion).all():
        return _unmeasured(rule, "a prediction is not a finite number")
    found = paired_difference(
        rule.metric, evidence.target, evidence.challenger, champion, evidence.days.codes, rule.confidence, SEED
    )
    if not math.isfinite(found.observed):
        return _unmeasured(rule, f"{rule.metric} is not defined on these {len(evidence.target)} rows")
    return GateResult.of(NAME, [_check(found, rule, version)])


NO_ONE = "no champion yet: there is nothing to compare with"


def _check(found: Difference, rule: ChampionComparison, version: str) -> Check:
    status, why = _verdict(found, rule)
    return Check(
        name=rule.metric,
        status=status,
        observed=found.observed,
        threshold=rule.required,
        lower=found.lower,
        upper=found.upper,
        sentence=(
            f"{rule.metric} improves by {found.observed:+.4f} over champion v{version} "
            f"({found.lower:+.4f} to {found.upper:+.4f} at {rule.confidence:.0%} each side), "
            f"required >= {rule.required:g}: {why}"
        ),
    )


def _verdict(found: Difference, rule: ChampionComparison) -> tuple[Status, str]:
    if found.blocks < MIN_DAYS:
        return "inconclusive", f"{found.blocks} days of rows are too few to tell, {MIN_DAYS} are needed"
    if rule.reached(found.lower):
        return "pass", "even the lower bound is enough"
    if not rule.reached(found.upper):
        return "fail", "even the upper bound is not enough"
    return "inconclusive", "the rows cannot tell"


def _unmeasured(rule: ChampionComparison, why: str) -> GateResult:
    sentence = f"the improvement of {rule.metric} could not be measured, required >= {rule.required:g}: {why}"
    return GateResult.unmeasured(NAME, sentence, rule.required)

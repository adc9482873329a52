"""Champion comparison: the challenger against the champion on the same rows, as the model's owner asks for it."""

import math

import numpy as np

from include.evaluation.blocks import weeks
from include.evaluation.delong import delong
from include.evaluation.estimate import Difference
from include.evaluation.evidence import Evidence
from include.evaluation.history import GATE, Comparison
from include.evaluation.intervals import paired_difference
from include.evaluation.mcnemar import mcnemar
from include.evaluation.paired import paired_t
from include.features.matrix import Floats
from include.gates import error_budget
from include.gates.comparison_verdict import Bounds, verdict
from include.gates.result import Check, GateResult
from include.spec.comparison import ChampionComparison

SEED = 20130401
NO_ONE = "no champion yet: there is nothing to compare with"


def decide(evidence: Evidence, rule: ChampionComparison) -> GateResult:
    """Passes where the lower bound of the improvement reaches what the policy requires, fails where the upper does not.

    In between the rows cannot tell, which is `inconclusive` and does not pass. How sure the bounds are follows from the
    rule's confidence and from what earlier comparisons have left of the error budget.
    """
    summary, champion = evidence.summary, evidence.champion
    if summary.champion_version is None:
        return GateResult.of(GATE, [Check(name=rule.metric, status="pass", threshold=rule.required, sentence=NO_ONE)])
    problem = _problem(evidence)
    if champion is None or problem is not None:
        return _unmeasured(
            rule, problem or f"the evidence lacks the predictions of champion v{summary.champion_version}"
        )
    refusal = error_budget.refusal(rule, evidence.days, summary.as_of, summary.history)
    if refusal is not None:
        check = Check(name=rule.metric, status="inconclusive", threshold=rule.required, sentence=refusal)
        return GateResult.of(GATE, [check])
    alpha = error_budget.alpha(rule, summary.as_of, summary.history)
    found = _compare(evidence, champion, rule, 1 - alpha)
    if not math.isfinite(found.observed):
        return _unmeasured(rule, f"{rule.metric} is not defined on these {len(evidence.target)} rows")
    return _decided(evidence, rule, found, alpha)


def _problem(evidence: Evidence) -> str | None:
    if evidence.summary.champion_problem is not None:
        return evidence.summary.champion_problem
    said = [evidence.challenger, *([] if evidence.champion is None else [evidence.champion])]
    return None if all(np.isfinite(one).all() for one in said) else "a prediction is not a finite number"


def _compare(evidence: Evidence, champion: Floats, rule: ChampionComparison, confidence: float) -> Difference:
    rows = (evidence.target, evidence.challenger, champion)
    if rule.method == "delong":
        return delong(*rows, confidence)
    if rule.method == "mcnemar":
        return mcnemar(*rows, confidence)
    if rule.method == "paired_t":
        return paired_t(rule.metric, *rows, confidence)
    blocks = weeks(evidence.days.codes) if rule.block == "week" else evidence.days.codes
    return paired_difference(rule.metric, *rows, blocks, confidence, SEED)


def _decided(evidence: Evidence, rule: ChampionComparison, found: Difference, alpha: float) -> GateResult:
    summary, days = evidence.summary, evidence.days.names
    bounds = Bounds(found, 1 - alpha, rows=len(evidence.target), days=len(np.unique(evidence.days.codes)))
    status, why = verdict(bounds, rule)
    check = Check(
        name=rule.metric,
        status=status,
        observed=found.observed,
        threshold=rule.required,
        lower=found.lower,
        upper=found.upper,
        sentence=(
            f"{rule.metric} improves by {found.observed:+.4f} over champion v{summary.champion_version} "
            f"({found.lower:+.4f} to {found.upper:+.4f} at {1 - alpha:.1%} each side, {bounds.counted(rule)}), "
            f"{_required(rule)}: {why}"
        ),
    )
    decided = GateResult.of(GATE, [check])
    if bounds.too_few(rule):
        return decided  # it could not have passed, and spends nothing
    made = Comparison(run_id=summary.run_id, as_of=summary.as_of, first_day=min(days), last_day=max(days), alpha=alpha)
    return decided.model_copy(update={"comparison": made})


def _required(rule: ChampionComparison) -> str:
    return f"required {'>' if rule.policy == 'significantly_better' else '>='} {rule.required:g}"


def _unmeasured(rule: ChampionComparison, why: str) -> GateResult:
    sentence = f"the improvement of {rule.metric} could not be measured, {_required(rule)}: {why}"
    return GateResult.unmeasured(GATE, sentence, rule.required)

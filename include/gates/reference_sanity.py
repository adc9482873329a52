"""Reference-set sanity: on fixed rows of the past, a new version does not suddenly say something else."""

import numpy as np

from include.evaluation.evidence import Evidence
from include.features.matrix import Floats
from include.gates.result import Check, GateResult
from include.spec.gates import ReferenceSanity

NAME = "reference_sanity"


def decide(evidence: Evidence, rule: ReferenceSanity) -> GateResult:
    """Passes where challenger and champion differ at most this much on average over the reference set.

    Units: probability for a classifier (of several classes, half the sum over them: total variation), the held-out
    target's standard deviation for a regression.
    """
    threshold, champion = rule.max_mean_abs_difference, evidence.reference_champion
    challenger, rows = evidence.reference_challenger, len(evidence.reference_challenger)
    version = evidence.summary.champion_version
    if not rows or not np.isfinite(challenger).all():
        why = f"the challenger's predictions on the {rows} reference rows are missing or not finite"
        return GateResult.unmeasured(NAME, why, threshold)
    if version is None:
        sentence = f"no champion yet: predictions on the {rows} reference rows are finite"
        return GateResult.of(NAME, [Check(name="difference", status="pass", threshold=threshold, sentence=sentence)])
    if champion is None or len(champion) != rows:
        count = 0 if champion is None else len(champion)
        why = f"the evidence has {count} of {rows} reference predictions of champion v{version}"
        return GateResult.unmeasured(NAME, evidence.summary.champion_problem or why, threshold)
    observed = _mean_difference(evidence, challenger, champion)
    if not np.isfinite(observed):
        why = f"the difference on the {rows} reference rows could not be measured"
        return GateResult.unmeasured(NAME, why, threshold)
    sentence = (
        f"predictions on {rows} reference rows differ from champion v{version} "
        f"by {observed:.4f} on average, required <= {threshold:g}"
    )
    status = "pass" if observed <= threshold else "fail"
    return GateResult.of(
        NAME, [Check(name="difference", status=status, observed=observed, threshold=threshold, sentence=sentence)]
    )


def _mean_difference(evidence: Evidence, challenger: Floats, champion: Floats) -> float:
    apart = np.abs(challenger - champion)
    if evidence.summary.task == "multiclass":
        return float(np.mean(apart.sum(axis=1))) / 2
    unit = float(np.std(evidence.target)) if evidence.summary.task == "regression" else 1.0
    return float(np.mean(apart)) / unit if unit > 0 else float("nan")

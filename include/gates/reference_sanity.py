"""Reference-set sanity: on fixed rows of the past, a new version does not suddenly say something else."""

import numpy as np

from include.evaluation.evidence import Evidence
from include.gates.result import GateResult
from include.spec import Gates


def decide(evidence: Evidence, gates: Gates) -> GateResult:
    """Passes where challenger and champion differ at most this much on average over the reference set.

    Units: probability for a binary model, the held-out target's standard deviation for a regression.
    """
    threshold, champion = gates.reference_sanity.max_mean_abs_difference, evidence.reference_champion
    challenger, rows = evidence.reference_challenger, len(evidence.reference_challenger)
    if not rows or not np.isfinite(challenger).all():
        return _unmeasured(
            threshold, f"the challenger's predictions on the {rows} reference rows are missing or not finite"
        )
    if evidence.summary.champion_version is None:
        sentence = f"no champion yet: predictions on the {rows} reference rows are finite"
        return GateResult(gate="reference_sanity", status="pass", observed=None, threshold=threshold, sentence=sentence)
    if champion is None or len(champion) != rows:
        version, count = evidence.summary.champion_version, 0 if champion is None else len(champion)
        return _unmeasured(
            threshold, f"the evidence has {count} of {rows} reference predictions of champion v{version}"
        )
    unit = float(np.std(evidence.target)) if evidence.summary.task == "regression" else 1.0
    observed = float(np.mean(np.abs(challenger - champion))) / unit if unit > 0 else float("nan")
    if not np.isfinite(observed):
        return _unmeasured(threshold, f"the difference on the {rows} reference rows could not be measured")
    return GateResult(
        gate="reference_sanity",
        status="pass" if observed <= threshold else "fail",
        observed=observed,
        threshold=threshold,
        sentence=(
            f"predictions on {rows} reference rows differ from champion v{evidence.summary.champion_version} "
            f"by {observed:.4f} on average, required <= {threshold:g}"
        ),
    )


def _unmeasured(threshold: float, why: str) -> GateResult:
    return GateResult(gate="reference_sanity", status="error", observed=None, threshold=threshold, sentence=why)

"""Not degenerate: a model that says the same of every row has learnt nothing, however good its average looks."""

import numpy as np

from include.evaluation.evidence import Evidence
from include.gates.result import GateResult
from include.spec import Gates


def decide(evidence: Evidence, gates: Gates) -> GateResult:
    """Passes where all predictions are finite and spread at least this share of the target's standard deviation."""
    threshold = gates.not_degenerate.min_relative_spread
    finite = np.isfinite(evidence.challenger)
    if not len(finite):
        return _unmeasured(threshold, "there are no held-out rows")
    if not finite.all():
        count = int((~finite).sum())
        return _unmeasured(threshold, f"{count} of {len(finite)} held-out predictions are not finite numbers")
    spread = float(np.std(evidence.target))
    if spread == 0:
        return _unmeasured(threshold, f"all {len(finite)} held-out targets are equal")
    observed = float(np.std(evidence.challenger)) / spread
    return GateResult(
        gate="not_degenerate",
        status="pass" if observed >= threshold else "fail",
        observed=observed,
        threshold=threshold,
        sentence=f"predictions spread {observed:.3f} of the target's standard deviation, required >= {threshold:g}",
    )


def _unmeasured(threshold: float, why: str) -> GateResult:
    sentence = f"the spread of predictions could not be measured: {why}"
    return GateResult(gate="not_degenerate", status="error", observed=None, threshold=threshold, sentence=sentence)

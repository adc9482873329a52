"""Not degenerate: a model that says the same of every row has learnt nothing, however good its average looks."""

import numpy as np

from include.evaluation.evidence import Evidence
from include.gates.result import GateResult
from include.spec import Gates


def decide(evidence: Evidence, gates: Gates) -> GateResult:
    """Passes where all predictions are finite and spread at least this share of the target's standard deviation."""
    threshold = gates.not_degenerate.min_relative_spread
    finite = np.isfinite(evidence.challenger)
    if not finite.all() or not len(finite):
        count = int((~finite).sum())
        sentence = f"{count} of {len(finite)} held-out predictions are not finite numbers"
        return GateResult(gate="not_degenerate", status="error", observed=None, threshold=threshold, sentence=sentence)
    spread = float(np.std(evidence.target))
    if spread == 0:
        sentence = f"all {len(finite)} held-out targets are equal: the spread of predictions cannot be judged"
        return GateResult(gate="not_degenerate", status="error", observed=None, threshold=threshold, sentence=sentence)
    observed = float(np.std(evidence.challenger)) / spread
    return GateResult(
        gate="not_degenerate",
        status="pass" if observed >= threshold else "fail",
        observed=observed,
        threshold=threshold,
        sentence=f"predictions spread {observed:.3f} of the target's standard deviation, required >= {threshold:g}",
    )

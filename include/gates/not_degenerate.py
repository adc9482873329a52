"""Not degenerate: a model that says the same of every row has learnt nothing, however good its average looks."""

import numpy as np

from include.evaluation.evidence import Evidence
from include.gates.result import Check, GateResult
from include.spec.gates import NotDegenerate

NAME = "not_degenerate"


def decide(evidence: Evidence, rule: NotDegenerate) -> GateResult:
    """Passes where all predictions are finite and spread at least this share of the target's standard deviation."""
    threshold, said = rule.min_relative_spread, evidence.challenger
    if not len(said):
        return _unmeasured(threshold, "there are no held-out rows")
    finite = np.isfinite(said) if said.ndim == 1 else np.isfinite(said).all(axis=1)
    broken = int((~finite).sum())
    if broken:
        return _unmeasured(threshold, f"{broken} of {len(said)} held-out predictions are not finite numbers")
    spread = _target_spread(evidence)
    if spread == 0:
        return _unmeasured(threshold, f"all {len(said)} held-out targets are equal")
    observed = float(np.sqrt(np.var(said, axis=0).sum())) / spread
    sentence = f"predictions spread {observed:.3f} of the target's standard deviation, required >= {threshold:g}"
    status = "pass" if observed >= threshold else "fail"
    return GateResult.of(
        NAME, [Check(name="spread", status=status, observed=observed, threshold=threshold, sentence=sentence)]
    )


def _target_spread(evidence: Evidence) -> float:
    """Of several classes: that of their indicators together, as of the probabilities."""
    if evidence.summary.task != "multiclass":
        return float(np.std(evidence.target))
    shares = np.bincount(evidence.target.astype(np.int64)) / len(evidence.target)
    return float(np.sqrt((shares * (1 - shares)).sum()))


def _unmeasured(threshold: float, why: str) -> GateResult:
    return GateResult.unmeasured(NAME, f"the spread of predictions could not be measured: {why}", threshold)

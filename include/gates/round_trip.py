"""Round trip: the model in the file is the model that was fitted.

Storing and loading may change a model: a type that is stored with less precision, state outside the file, another
library. The fit writes the hash of its answers on the held-out rows into the manifest before the model is stored; the
evaluation asks the loaded file the same. Not a bit may differ, so there is no limit to set.
"""

from include.evaluation.evidence import Evidence
from include.gates.result import Check, GateResult
from include.spec.gates import RoundTrip

NAME = "round_trip"


def decide(evidence: Evidence, rule: RoundTrip) -> GateResult:
    """Passes where the loaded model gave the same answers as the fitted one, bit for bit."""
    del rule  # it has nothing to set
    found = evidence.summary.probes.round_trip
    if found is None:
        return GateResult.unmeasured(NAME, "the evidence has no round trip: evaluate again")
    if not found.rows:
        return GateResult.unmeasured(NAME, "there are no held-out rows to ask about")
    same = found.fitted == found.stored
    words = "are the same before and after" if same else "differ before and after"
    sentence = f"answers on {found.rows} held-out rows {words} storing the model, required: equal bit for bit"
    return GateResult.of(NAME, [Check(name="answers", status="pass" if same else "fail", sentence=sentence)])

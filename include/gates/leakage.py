"""Leakage: the model does not learn from what it cannot know when it is asked.

Columns that are only known after the event are named in the contract and refused as features when the model is loaded.
What nobody named shows itself: a feature that orders the rows suspiciously well by itself, a fit on shuffled labels
that still knows the answers, a fit that is far better where it saw rows of the same days. The last is common in honest
data (weather, shared causes), so its limit is wide: the held-out window is later than the training window, and the
number says how much a random split would have flattered the model.

On the flights the strongest honest feature reaches 0.30; the departure delay, which nobody has before departure, 0.80
for late or not and 0.62 for the minutes. Raise `max_strength` where a feature is known to be that good and known in
time: a forecast from its own past is strong by nature.
"""

from collections.abc import Iterator

from include.evaluation.evidence import Evidence
from include.evaluation.leakage import Leakage as Found
from include.gates.result import Check, GateResult
from include.spec.gates import Leakage

NAME = "leakage"


def decide(evidence: Evidence, rule: Leakage) -> GateResult:
    """Passes where no probe of the training window looks too good to be true."""
    found = evidence.summary.probes.leakage
    if found is None:
        return GateResult.unmeasured(NAME, "the evidence has no leakage probe: evaluate again")
    return GateResult.of(NAME, [_known(found), *_alone(found, rule), *_fits(found, rule)])


def _known(found: Found) -> Check:
    after = ", ".join(found.known_after)
    used = [name for name in found.strengths if name in found.known_after]
    if used:
        sentence = f"known only after the event and yet a feature: {', '.join(used)}"
        return Check(name="known_after", status="fail", observed=len(used), threshold=0.0, sentence=sentence)
    sentence = f"no feature is among the columns known only after the event: {after}"
    return Check(name="known_after", status="pass", observed=0.0, threshold=0.0, sentence=sentence)


def _alone(found: Found, rule: Leakage) -> Iterator[Check]:
    """The strongest feature, and every other one that is too strong."""
    ranked = sorted(found.strengths.items(), key=lambda pair: (pair[1] == pair[1], -pair[1]))
    for place, (name, strength) in enumerate(ranked):
        check = Check.at_most(f"alone:{name}", strength, rule.max_strength, f"strength of {name} alone")
        if place == 0 or check.status != "pass":
            yield check


def _fits(found: Found, rule: Leakage) -> Iterator[Check]:
    if found.error is not None:
        yield Check(
            name="fits", status="error", sentence=f"the pipeline could not be fitted on a sample: {found.error}"
        )
        return
    what = f"order gained where rows of the same days are learnt from ({found.mixed:.3f} over {found.ordered:.3f})"
    yield Check.at_most("optimism", found.optimism, rule.max_optimism, what)
    yield Check.at_most("shuffled", found.shuffled, rule.max_shuffled, "order known by fits on shuffled labels")

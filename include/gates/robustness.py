"""Robustness: when one input goes wrong, the model still answers, and not much worse than it should.

Inputs do go wrong: a feed falls silent, a new category appears, somebody changes the unit. What the contract stops
never reaches the model and is not judged; what slips through may cost a bounded share of the model's skill (its
improvement over a constant prediction, so that one limit fits every metric). The defaults say that no single feature
may make the model worse than no model. Raise a limit where a feature is worth more than that and its failure would be
noticed; bounding the column in the contract is the better answer.
"""

from collections.abc import Sequence

from include.evaluation.disturbances import KINDS, Kind
from include.evaluation.evidence import Evidence
from include.evaluation.robustness import Response
from include.gates.result import Check, GateResult
from include.spec.gates import Robustness

NAME = "robustness"
LIMITED: tuple[Kind, ...] = ("missing_feature", "missing_cells", "unseen_category", "unit_error", "noise")


def decide(evidence: Evidence, rule: Robustness) -> GateResult:
    """Passes where no mishap makes the model fail, and none costs more of its skill than its kind may.

    Columns in another order and numbers of another type must give exactly the same answers, or be refused by the
    pipeline: a wrong answer that looks right is what must not happen.
    """
    found = evidence.summary.probes.robustness
    if found is None:
        return GateResult.unmeasured(NAME, "the evidence has no robustness probe: evaluate again")
    by_kind = {kind: [one for one in found.responses if one.kind == kind and not one.stopped] for kind in KINDS}
    return GateResult.of(
        NAME,
        [
            _bounded(kind, responses, getattr(rule, kind)) if kind in LIMITED else _exact(kind, responses)
            for kind, responses in by_kind.items()
            if responses
        ],
    )


def _bounded(kind: Kind, responses: Sequence[Response], limit: float) -> Check:
    """The worst of one kind; a crash or an answer that is no number is worse than any loss."""
    broken = next((one for one in responses if one.error is not None or one.not_finite), None)
    if broken is not None:
        why = broken.error or f"{broken.not_finite} predictions are not finite"
        return Check(name=kind, status="fail", threshold=limit, sentence=f"{broken.sentence}: {why}")
    worst = max(responses, key=lambda one: (one.skill_lost != one.skill_lost, one.skill_lost))
    return Check.at_most(kind, worst.skill_lost, limit, f"share of skill lost with {worst.sentence}")


def _exact(kind: Kind, responses: Sequence[Response]) -> Check:
    answered = [one for one in responses if one.error is None]
    wrong = next((one for one in answered if one.mean_change != 0), None)
    if wrong is not None:
        sentence = f"{wrong.sentence}: predictions change by {wrong.mean_change:.3g} on average, required: not at all"
        return Check(name=kind, status="fail", observed=wrong.mean_change, threshold=0.0, sentence=sentence)
    refused = f" ({len(responses) - len(answered)} refused by the pipeline)" if len(answered) < len(responses) else ""
    words = ", ".join(one.sentence for one in responses)
    return Check(name=kind, status="pass", observed=0.0, threshold=0.0, sentence=f"{words}: the same{refused}")

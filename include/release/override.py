"""Overriding a gate: a person lets one challenger on against what a gate said, by name and with a reason."""

import logging

from include.card.rulings import Ruling, ruling
from include.errors import BadData, NotFound
from include.evaluation import evidence
from include.gates.result import GateResult
from include.ledger import Decision, Ledger, Override
from include.ledger.records import now
from include.spec import ModelSpec

log = logging.getLogger(__name__)
FEWEST_WORDS = 3


def override(spec: ModelSpec, run_id: str, gate: str, actor: str, reason: str, ledger: Ledger) -> Override:
    """Records that this run may go on although the gate did not pass; gives the record.

    Raises NotFound where the gate does not exist or was never decided on this run, BadData where it passed or the
    reason says nothing. It holds for this run and for what the gate said: a gate that is decided anew and says
    something else has to be overridden anew. The same again changes nothing.
    """
    found = ruling(spec.name, run_id, gate, ledger)
    result = _refused(spec, run_id, found)
    if len(reason.split()) < FEWEST_WORDS:
        raise BadData(
            f"'{reason}' does not say why gate '{gate}' of {spec.name} may be overridden: give a reason of at least "
            f"{FEWEST_WORDS} words. It stays on the card."
        )
    if found.override and (found.override.actor, found.override.reason) == (actor, reason):
        return found.override
    given = Override(
        run_id=run_id, gate=gate, outcome=result.status, sentence=result.sentence,
        actor=actor, reason=reason, recorded_at=now(),
    )  # fmt: skip
    ledger.record_decision(
        Decision(
            model=spec.name, kind="override", subject=f"{run_id}/{gate}", outcome="overridden", reason=given.reason,
            actor=actor, evidence=evidence.gate_file(spec.name, run_id, gate), detail=given.model_dump_json(),
            recorded_at=given.recorded_at,
        )
    )  # fmt: skip
    log.warning("Gate '%s' of %s run %s overridden by %s: %s", gate, spec.name, run_id, actor, given.reason)
    return given


def _refused(spec: ModelSpec, run_id: str, found: Ruling) -> GateResult:
    """What the gate said, where there is something to override."""
    if found.gate not in spec.gates.names:
        raise NotFound(f"{spec.name} has no gate '{found.gate}'. Gates: {', '.join(spec.gates.names)}.")
    if found.result is None:
        raise NotFound(
            f"Gate '{found.gate}' of {spec.name} was never decided on run '{run_id}', so there is nothing to override. "
            "Name a run that was judged (its register task names it), or run the gate first."
        )
    if found.result.passed:
        raise BadData(
            f"Gate '{found.gate}' of {spec.name} passed on run {run_id}, so there is nothing to override: "
            f"{found.result.sentence}."
        )
    return found.result

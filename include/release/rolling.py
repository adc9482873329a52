"""Rollouts in the ledger: each change is read, decided and recorded by compare-and-set. Done twice, it is done once."""

import logging
import secrets
from collections.abc import Callable
from datetime import datetime

from include.errors import Conflict, NotFound, NothingToDo, SpecError
from include.ledger import Ledger, Rollout
from include.ledger.records import RolloutAction
from include.registry.registry import Version
from include.release import rollout as machine
from include.release.rollout import By, Step
from include.spec import ModelSpec, RolloutRules

log = logging.getLogger(__name__)


def rules(spec: ModelSpec) -> RolloutRules:
    """What model.yaml says of rollouts. SpecError where it says nothing."""
    if spec.release.rollout is None:
        raise SpecError(f"{spec.name} has no release.rollout in model.yaml: it is promoted at once, without steps.")
    return spec.release.rollout


def stage(spec: ModelSpec, wanted: Version, by: By, ledger: Ledger) -> Rollout:
    """The version's rollout, begun now or before. Conflict where another version's is not over."""
    rules(spec)
    state = ledger.rollout(spec.name)
    if state is not None and machine.is_active(state) and state.version == wanted.version:
        return state
    salt = f"{wanted.version}-{secrets.token_hex(4)}"
    return _recorded(machine.begin(state, spec.name, wanted.version, wanted.model_hash, salt, by), state, ledger)


def prepare(spec: ModelSpec, version: str, action: RolloutAction, by: By, ledger: Ledger) -> Rollout:
    """Notes that the version was tested, loaded or approved, unless that is noted."""
    state = on_its_way(spec, version, ledger)
    before, _ = machine.PREPARED[action]
    return _recorded(machine.prepare(state, action, by), state, ledger) if state.stage == before else state


def enter(spec: ModelSpec, version: str, wanted: Step, by: By, ledger: Ledger) -> Rollout:
    """Brings the version to this step, if it stands right before it; what is past it, or has no steps, stays there.

    NothingToDo where its rollout was ended, Conflict where it is held or a step in between is missing.
    """
    state, declared = on_its_way(spec, version, ledger), rules(spec)
    first = is_first(spec, ledger)
    if first or is_past(state, wanted) or (state.stage, state.share) == wanted:
        return state
    if machine.next_step(state, declared, first) != wanted:
        raise Conflict(
            f"{spec.name} v{version} is at {state.stage} {state.share:.0%}, which is not right before {wanted.stage} "
            f"{wanted.share:.0%}: look at its rollout (python -m include status {spec.name})."
        )
    return _recorded(machine.advance(state, declared, first, by), state, ledger)


def is_past(state: Rollout, wanted: Step) -> bool:
    """Whether the version has this step behind it: somebody let it on."""
    if state.stage in ("passed", "promoted"):
        return True
    return state.stage in ("canary", "ab") and (wanted.stage == "shadow" or state.share > wanted.share)


def pass_on(spec: ModelSpec, version: str, by: By, ledger: Ledger) -> None:
    """Notes that the last step is passed, where the version stands at it: only its promotion is left."""
    state, declared, first = on_its_way(spec, version, ledger), rules(spec), is_first(spec, ledger)
    following = machine.next_step(state, declared, first)
    if following is not None and following.stage == "passed":
        _recorded(machine.advance(state, declared, first, by), state, ledger)


def promoted(spec: ModelSpec, version: str, by: By, ledger: Ledger) -> Rollout:
    """How the rollout ends as its version becomes champion, to be recorded together with that.

    Conflict where it may not be promoted yet: a step is left, it is held, or the glass is broken.
    """
    state = on_its_way(spec, version, ledger)
    return machine.promote(state, rules(spec), is_first(spec, ledger), by)


def steer(
    spec: ModelSpec, how: str, share: float | None, by: By, ledger: Ledger, *, since: datetime | None = None
) -> Rollout:
    """What a person does to the rollout: `hold`, `resume`, `advance`, `abort`, or `compare` at a share.

    What the same person did `since` it was asked for is not done again: whoever dies after it is simply run again.
    """
    state = ledger.rollout(spec.name)
    if state is None:
        raise NotFound(f"{spec.name} has no rollout: no version is on its way.")
    if since and state.recorded_at >= since and (state.action, state.actor) == (how, by.actor):
        return state
    declared, first = rules(spec), is_first(spec, ledger)
    ways: dict[str, Callable[[], Rollout]] = {
        "hold": lambda: machine.hold(state, by),
        "resume": lambda: machine.resume(state, by),
        "advance": lambda: machine.advance(state, declared, first, by),
        "abort": lambda: machine.end(state, "abort", by),
        "compare": lambda: machine.compare(state, 0.5 if share is None else share, by),
    }
    if how not in ways:
        raise NotFound(f"A rollout cannot '{how}'. It can: {', '.join(ways)}.")
    return _recorded(ways[how](), state, ledger)


def stop(spec: ModelSpec, version: str, by: By, ledger: Ledger) -> Rollout | None:
    """Takes the version away from users, if it is on its way; None where it is not."""
    while True:
        state = ledger.rollout(spec.name)
        if state is None or state.version != version or not machine.is_active(state):
            return None
        try:
            return _recorded(machine.end(state, "stop", by), state, ledger)
        except Conflict:  # somebody held it, or broke the glass, in between: it is to stop all the same
            continue


def rolled_back(model: str, by: By, ledger: Ledger) -> Rollout | None:
    """How a rollback ends what is on its way, or marks what was promoted last, to be recorded together with it."""
    state = ledger.rollout(model)
    if state is None or not (machine.is_active(state) or state.stage == "promoted"):
        return None
    return machine.end(state, "roll_back", by)


def break_glass(spec: ModelSpec, answer: str | None, by: By, ledger: Ledger) -> Rollout:
    """The service answers this instead of the model from now on; with None the model answers again."""
    state = ledger.rollout(spec.name)
    if answer is None:
        return _recorded(machine.mend_glass(state, spec.name, by), state, ledger)
    return _recorded(machine.break_glass(state, spec.name, answer, by), state, ledger)


def on_its_way(spec: ModelSpec, version: str, ledger: Ledger) -> Rollout:
    """The rollout of this version. NothingToDo where it has ended, NotFound where it never began."""
    state = ledger.rollout(spec.name)
    if state is None or state.version != version:
        raise NotFound(f"{spec.name} v{version} is not on its way to its users. Begin: python -m include stage")
    if not machine.is_active(state) and state.stage != "promoted":
        raise NothingToDo(f"The rollout of {spec.name} v{version} is {state.stage} (by {state.actor}): {state.reason}")
    return state


def is_first(spec: ModelSpec, ledger: Ledger) -> bool:
    """Whether the model has no champion to compare with."""
    return ledger.champion(spec.name) is None


def _recorded(change: Rollout, state: Rollout | None, ledger: Ledger) -> Rollout:
    made = ledger.record_rollout(change, expected=state)
    log.info("Rollout of %s: v%s %s %s by %s", made.model, made.version, made.stage, made.share, made.actor)
    return made

"""The state machine of a rollout: which change may follow which state. Pure: it gives the next record, or refuses.

    staged → tested → loaded → approved → shadow → canary 5 % → 20 % → 50 % → 100 % → passed → promoted
    any of them but the last → stopped, rolled_back; shadow and canary ⇄ ab

A rollout can be held: then it goes no step further, and everything else stays possible. While the glass is broken no
version goes a step further either. The first version of a model has nobody to compare with and skips shadow and canary.
"""

from typing import NamedTuple

from include.errors import Conflict
from include.ledger import Rollout
from include.ledger.records import ENDED, RolloutAction, Stage, now
from include.spec import RolloutRules as Rules

PREPARED: dict[RolloutAction, tuple[Stage, Stage]] = {
    "test": ("staged", "tested"),
    "load": ("tested", "loaded"),
    "approve": ("loaded", "approved"),
}
IN_SIGHT: tuple[Stage, ...] = ("approved", "shadow", "canary", "ab", "passed")
ENDS: dict[RolloutAction, Stage] = {"stop": "stopped", "abort": "stopped", "roll_back": "rolled_back"}


class Step(NamedTuple):
    """One step in sight of users: the stage, and the part of the entities the version answers."""

    stage: Stage
    share: float = 0.0


class By(NamedTuple):
    """Who changes it and why; `detail` is JSON with what it stands on."""

    actor: str
    reason: str
    detail: str = "{}"


def steps(rules: Rules) -> tuple[Step, ...]:
    """The steps between approval and promotion."""
    shadow = (Step("shadow"),) if rules.shadow_requests else ()
    return (*shadow, *(Step("canary", share) for share in rules.shares))


def is_active(state: Rollout | None) -> bool:
    """Whether a version is on its way."""
    return state is not None and state.stage not in ENDED


def begin(state: Rollout | None, model: str, version: str, model_hash: str, salt: str, by: By) -> Rollout:
    """A new rollout. Conflict where another version is on its way, or the glass is broken."""
    if state is not None and (is_active(state) or state.answer is not None):
        raise _refused(state, "start", "one rollout at a time, and none while the glass is broken")
    return Rollout(
        model=model, sequence=state.sequence + 1 if state else 1, version=version, model_hash=model_hash,
        stage="staged", salt=salt, action="start", **by._asdict(),
    )  # fmt: skip


def prepare(state: Rollout, action: RolloutAction, by: By) -> Rollout:
    """The next state before users see anything: `test`, `load` and `approve`, in this order."""
    before, after = PREPARED[action]
    if state.stage != before:
        raise _refused(state, action, f"it follows the stage {before}")
    return _next(state, action, by, stage=after)


def advance(state: Rollout, rules: Rules, first: bool, by: By) -> Rollout:
    """One step further towards all users. Conflict where it is held, or only promotion is left."""
    _check_may_move(state, "advance")
    following = next_step(state, rules, first)
    if following is None:
        raise _refused(state, "advance", "only its promotion is left")
    return _next(state, "advance", by, **following._asdict())


def next_step(state: Rollout, rules: Rules, first: bool) -> Step | None:
    """What follows where the version stands now; None where that is its promotion. The first has no steps."""
    if state.stage == "passed" or (state.stage == "approved" and first):
        return None
    if state.stage == "approved":
        return steps(rules)[0]
    larger = (Step("canary", share) for share in rules.shares if share > state.share)
    return next(larger, Step("passed", state.share))


def compare(state: Rollout, share: float, by: By) -> Rollout:
    """An A/B comparison at a share of its own, until somebody advances or aborts it."""
    _check_may_move(state, "compare")
    return _next(state, "compare", by, stage="ab", share=share)


def promote(state: Rollout, rules: Rules, first: bool, by: By) -> Rollout:
    """The end of a rollout whose version is champion now. Conflict where a step is left."""
    _check_may_move(state, "promote")
    if next_step(state, rules, first) is not None:
        raise _refused(state, "promote", "a step is left")
    return _next(state, "promote", by, stage="promoted", share=0.0)


def hold(state: Rollout, by: By) -> Rollout:
    """It stays where it is."""
    if not is_active(state) or state.held:
        raise _refused(state, "hold", "only what is on its way can be held, and once")
    return _next(state, "hold", by, held=True)


def resume(state: Rollout, by: By) -> Rollout:
    """It may go on."""
    if not is_active(state) or not state.held:
        raise _refused(state, "resume", "it is not held")
    return _next(state, "resume", by, held=False)


def end(state: Rollout, action: RolloutAction, by: By) -> Rollout:
    """No request reaches the version any more: `stop` by a verdict, `abort` by a person, or `roll_back`."""
    gone = action == "roll_back" and state.stage == "promoted"
    if not is_active(state) and not gone:
        raise _refused(state, action, "nothing is on its way")
    return _next(state, action, by, stage=ENDS[action], share=0.0, held=False)


def break_glass(state: Rollout | None, model: str, answer: str, by: By) -> Rollout:
    """From now on the service answers without a model: a constant, or `fallback` for the rule in pipeline.py."""
    if state is None:
        return Rollout(model=model, sequence=1, answer=answer, action="break_glass", **by._asdict())
    return _next(state, "break_glass", by, answer=answer)


def mend_glass(state: Rollout | None, model: str, by: By) -> Rollout:
    """The model answers again."""
    if state is None or state.answer is None:
        raise Conflict(f"The glass of {model} is not broken: its model answers.")
    return _next(state, "mend_glass", by, answer=None)


def _check_may_move(state: Rollout, action: RolloutAction) -> None:
    if state.stage not in IN_SIGHT:
        raise _refused(state, action, f"it needs one of the stages {', '.join(IN_SIGHT)}")
    if state.held:
        raise _refused(state, action, "it is held: resume it first")
    if state.answer is not None:
        raise _refused(state, action, "the glass is broken: mend it first")


def _next(state: Rollout, action: RolloutAction, by: By, **changes: object) -> Rollout:
    made = {"sequence": state.sequence + 1, "action": action, "recorded_at": now(), **by._asdict(), **changes}
    return Rollout.model_validate({**state.model_dump(), **made})


def _refused(state: Rollout, action: RolloutAction, why: str) -> Conflict:
    share = f" {state.share:.0%}" if state.share else ""
    held = ", held" if state.held else ""
    return Conflict(
        f"The rollout of {state.model} cannot {action.replace('_', ' ')}: {why}. It is v{state.version} at "
        f"{state.stage}{share}{held}, by {state.actor}: {state.reason}"
    )

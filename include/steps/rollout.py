"""The steps of a rollout, and what people do to it."""

from include.errors import NotFound
from include.ledger import Rollout
from include.registry import registry
from include.release import rolling
from include.release.rollout import By
from include.spec import load_model
from include.steps.place import ledger
from include.steps.step import Result


def stage(model: str, version: str) -> Result:
    """Begins the version's rollout: every replica of the service loads it; nobody gets its answers yet."""
    spec = load_model(model)
    wanted = registry.version(model, version)
    return _told(rolling.stage(spec, wanted, By("release", "registered and smoke-tested"), ledger()))


def steer(model: str, how: str, share: str | None, reason: str, actor: str) -> Result:
    """Holds, resumes, advances, aborts or compares."""
    return _told(rolling.steer(load_model(model), how, _share(share), By(actor, reason), ledger()))


def break_glass(model: str, answer: str, reason: str, actor: str) -> Result:
    """The service answers without the model, or with it again."""
    given = None if answer == "mend" else answer
    return _told(rolling.break_glass(load_model(model), given, By(actor, reason), ledger()))


def _share(text: str | None) -> float | None:
    try:
        share = None if text is None else float(text)
    except ValueError:
        raise NotFound(f"'{text}' is no share. Write it as a number, such as 0.5.") from None
    if share is not None and not 0 < share <= 1:
        raise NotFound(f"A share is above 0 and at most 1, got {share:g}.")
    return share


def _told(state: Rollout) -> Result:
    where = f"{state.stage} {state.share:.0%}" if state.share else state.stage
    held = ", held" if state.held else ""
    glass = f"; the service answers {state.answer}" if state.answer is not None else ""
    version = f"v{state.version} " if state.version else ""
    return Result(
        sentence=f"Rollout of {state.model}: {version}{where}{held}{glass}, by {state.actor}: {state.reason}",
        facts={"version": state.version, "stage": state.stage, "share": state.share, "sequence": state.sequence},
    )

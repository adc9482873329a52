"""The steps of a rollout, and what people do to it."""

from collections.abc import Iterator
from contextlib import contextmanager

from include.errors import BadData, NotFound
from include.lake import layout
from include.ledger import Ledger, Rollout
from include.ledger.records import RolloutAction
from include.registry import registry
from include.release import load, looking, rolling, trial
from include.release.promotion import approved_by, check_approved
from include.release.rollout import By, Step
from include.settings import settings
from include.spec import ModelSpec, load_model
from include.steps.place import lake, ledger, moment
from include.steps.step import Result


def stage(model: str, version: str) -> Result:
    """Begins the version's rollout: every replica of the service loads it; nobody gets its answers yet."""
    spec = load_model(model)
    wanted = registry.version(model, version)
    return _told(rolling.stage(spec, wanted, By("release", "registered and smoke-tested"), ledger()))


def check_service(model: str, version: str) -> Result:
    """The integration test. A version that fails it goes no further."""
    spec, book = load_model(model), ledger()
    rolling.on_its_way(spec, version, book)
    if rolling.is_first(spec, book):
        return _first(spec, version, "test", book)
    with _stopping(spec, version, "integration test"):
        rows = trial.check_service(spec, version, lake())
    told = f"the service answers {rows} held-out rows as {model} v{version} was judged"
    rolling.prepare(spec, version, "test", By("integration test", told), book)
    return Result(sentence=told, facts={"version": version, "rows": rows})


def load_test(model: str, version: str) -> Result:
    """The load test: recorded traffic where there is enough, else held-out rows."""
    spec, book = load_model(model), ledger()
    rolling.on_its_way(spec, version, book)
    if rolling.is_first(spec, book):
        return _first(spec, version, "load", book)
    declared = rolling.rules(spec)
    with _stopping(spec, version, "load test"):
        found = load.measure(spec, version, declared, lake(), settings().serving_home)
        load.check(spec, version, found, declared.slo)
    rolling.prepare(spec, version, "load", By("load test", found.sentence), book)
    return Result(
        sentence=f"{model} v{version}: {found.sentence}",
        facts={"version": version, "p99_ms": found.p99_ms, "memory_mb": round(found.memory_mb)},
    )


def enter(model: str, version: str, stage: str, share: str, reason: str, actor: str, approval: str) -> Result:
    """Brings the version to one step in sight of users. Running it is the approval where there is none yet."""
    spec, book = load_model(model), ledger()
    wanted = _step(stage, share)
    check_approved(spec, version, approved_by(approval), book)
    rolling.prepare(spec, version, "approve", By(actor, reason), book)
    state = rolling.enter(spec, version, wanted, By("release", "nothing spoke against it so far"), book)
    told = _told(state)
    return told.model_copy(update={"evidence": looking.place(state, wanted)})


def look(model: str, version: str, stage: str, share: str) -> Result:
    """One look at the step: go, wait, or stopped, which is NothingToDo."""
    spec, book = load_model(model), ledger()
    wanted = _step(stage, share)
    found = looking.look(spec, version, wanted, lake(), book, settings().serving_home)
    return Result(
        sentence=f"{model} v{version} at {stage} {wanted.share:.0%}: {found.decision}, {found.sentence}",
        facts={"decision": found.decision, "requests": found.requests, "minutes": round(found.minutes, 1)},
        evidence=looking.place(rolling.on_its_way(spec, version, book), wanted),
    )


def settle(model: str, version: str) -> Result:
    """Stops a rollout whose release ended without a decision, so that nothing stays with users unwatched."""
    spec = load_model(model)
    by = By("release", "the release ended without a decision: nobody watches it any more")
    looking.stopped(spec, version, by, layout.evidence(model), ledger())
    state = ledger().rollout(model)
    return _told(state) if state else Result(sentence=f"{model} has no rollout")


def steer(model: str, how: str, share: str | None, reason: str, actor: str, since: str | None = None) -> Result:
    """Holds, resumes, advances, aborts or compares."""
    spec = load_model(model)
    wanted = None if share is None else _share(share)
    return _told(rolling.steer(spec, how, wanted, By(actor, reason), ledger(), since=moment(since) if since else None))


def break_glass(model: str, answer: str, reason: str, actor: str) -> Result:
    """The service answers without the model, or with it again."""
    given = None if answer == "mend" else answer
    return _told(rolling.break_glass(load_model(model), given, By(actor, reason), ledger()))


def _first(spec: ModelSpec, version: str, action: RolloutAction, book: Ledger) -> Result:
    """The first version of a model: the service has nothing to say for the model until there is a champion."""
    told = f"{spec.name} v{version} is the first: the service answers for the model once it is champion"
    rolling.prepare(spec, version, action, By("release", told), book)
    return Result(sentence=told, facts={"version": version})


@contextmanager
def _stopping(spec: ModelSpec, version: str, by: str) -> Iterator[None]:
    """What is found wrong ends the rollout; an outage does not, it is tried again."""
    try:
        yield
    except BadData as problem:
        looking.stopped(spec, version, By(by, str(problem)), layout.evidence(spec.name), ledger())
        raise


def _step(stage: str, share: str) -> Step:
    return Step("shadow") if stage == "shadow" else Step("canary", _share(share))


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        raise NotFound(f"'{text}' is no share. Write it as a number, such as 0.5.") from None
    if not 0 < share <= 1:
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

"""What happens to a served model: a version goes to its users step by step, is promoted, and is sent away again."""

from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.changing.world import MODEL
from include.incident.following import follow
from include.incident.roll_back import roll_back
from include.ledger import Ledger
from include.ledger.records import RolloutAction
from include.registry import registry
from include.release import rolling
from include.release.rollout import By, steps
from include.serving.routed import routing
from include.spec import load_model

BY = By("benchmark", "measured")
PATIENCE_SECONDS = 120.0  # a version is prepared before it is loaded for the first time


class Change(NamedTuple):
    """A change that every replica follows now, and the seconds from the decision to the last of them."""

    kind: str
    seconds: float


def changes(ledger: Ledger) -> Iterator[Change]:
    """One change after the other, without end: version 2 goes to all users of version 1, and is rolled back."""
    spec, wanted = load_model(MODEL), registry.version(MODEL, "2")
    actions: tuple[RolloutAction, ...] = ("test", "load", "approve")
    while True:
        rolling.stage(spec, wanted, BY, ledger)
        yield followed("load beside", ledger)
        for action in actions:
            rolling.prepare(spec, "2", action, BY, ledger)
        for step in steps(rolling.rules(spec)):
            rolling.enter(spec, "2", step, BY, ledger)
            yield followed(f"{step.stage} {step.share:.0%}" if step.share else step.stage, ledger)
        rolling.pass_on(spec, "2", BY, ledger)
        ledger.record_deployment(
            MODEL, "2", wanted.model_hash, expected=ledger.champion(MODEL), action="promote", actor=BY.actor,
            reason=BY.reason, ends=rolling.promoted(spec, "2", BY, ledger),
        )  # fmt: skip
        yield followed("promote", ledger)
        roll_back(spec, "1", BY, ledger)
        yield followed("roll back", ledger)


def followed(kind: str, ledger: Ledger) -> Change:
    """The newest change of the ledger, once every replica follows it."""
    decided = [one.recorded_at for one in (*ledger.deployments(MODEL), *ledger.rollouts(MODEL))]
    found = follow(MODEL, routing(MODEL, ledger).sequence, max(decided), ledger, PATIENCE_SECONDS)
    assert not found.missing, found.sentence
    return Change(kind, max(found.seconds.values()))

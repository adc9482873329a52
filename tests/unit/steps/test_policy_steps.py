"""What the watch does by itself to what is on its way: on a real ledger and lake, without a service."""

from pathlib import Path

import pytest

from include.drift import Tier
from include.errors import NothingToDo
from include.ledger import Decision, Ledger
from include.ledger.records import DecisionKind
from include.registry.registry import Version
from include.release import rolling
from include.release.rollout import By, Step
from include.serving.routed import routing
from include.spec import load_model
from include.steps import STEPS, Result
from tests.declared import LATE, TRIPS, declare

NAME, BY = "trip_late", By("ann", "test")
DECLARED = {**LATE, "release": {"rollout": {"shares": [0.2, 0.5, 1.0]}}, "monitoring": {"violations": 1}}
FIFTH = Step("canary", 0.2)


@pytest.fixture
def canary(models: Path, lake: object, ledger: Ledger) -> Ledger:
    """v1 serves, v2 answers a fifth."""
    declare(models, model=DECLARED, contract=TRIPS)
    spec = load_model(NAME)
    ledger.record_deployment(NAME, "1", "h1", expected=None, action="promote", actor="ann", reason="test")
    rolling.stage(spec, Version(model=NAME, version="2", run_id="run-2", model_hash="h2"), BY, ledger)
    for action in ("test", "load", "approve"):
        rolling.prepare(spec, "2", action, BY, ledger)
    for step in (Step("shadow"), FIFTH):
        rolling.enter(spec, "2", step, BY, ledger)
    return ledger


def verdict(ledger: Ledger, kind: DecisionKind, day: str, tier: Tier) -> None:
    ledger.record_decision(
        Decision(
            model=NAME, kind=kind, subject=f"2013-04-{day}", outcome=tier, reason=f"seen: {tier}", actor="watch",
            detail='{"version": "1"}',
        )
    )  # fmt: skip


def applied(day: str) -> Result:
    return STEPS["apply-policy"].run(NAME, {"key": f"2013-04-{day}"})


@pytest.mark.parametrize("kind", ["watch", "performance"])
@pytest.mark.parametrize("tier", ["alert", "critical"])
def test_a_version_before_users_goes_no_further_while_the_watch_is_alarmed(
    canary: Ledger, kind: DecisionKind, tier: Tier
) -> None:
    verdict(canary, kind, "01", tier)
    assert applied("01").sentence.startswith(f"trip_late 2013-04-01: v2 is held: the newest verdict is {tier}")
    state = canary.rollout(NAME)
    assert state is not None
    assert (state.held, state.actor, state.stage, state.share) == (True, "watch", *FIFTH)
    assert routing(NAME, canary).share == 0.2  # its users keep it


@pytest.mark.parametrize("kind", ["watch", "performance"])
@pytest.mark.parametrize("tier", ["ok", "warn"])
def test_a_quiet_watch_holds_nothing(canary: Ledger, kind: DecisionKind, tier: Tier) -> None:
    before = canary.rollout(NAME)
    verdict(canary, kind, "01", tier)
    with pytest.raises(NothingToDo, match="the newest verdict is"):
        applied("01")
    assert canary.rollout(NAME) == before


def test_what_is_held_is_not_held_again_and_the_alarm_goes_its_way(canary: Ledger) -> None:
    verdict(canary, "watch", "01", "alert")
    applied("01")
    assert applied("01").announces == ("2013-04-02",)  # a training is asked for instead
    assert [one.action for one in canary.rollouts(NAME)].count("hold") == 1


def test_a_version_nobody_sees_yet_is_not_held(models: Path, lake: object, ledger: Ledger) -> None:
    declare(models, model=DECLARED, contract=TRIPS)
    ledger.record_deployment(NAME, "1", "h1", expected=None, action="promote", actor="ann", reason="test")
    spec = load_model(NAME)
    state = rolling.stage(spec, Version(model=NAME, version="2", run_id="run-2", model_hash="h2"), BY, ledger)
    verdict(ledger, "watch", "01", "critical")
    assert applied("01").announces == ("2013-04-02",)
    assert ledger.rollout(NAME) == state

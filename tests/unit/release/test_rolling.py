"""Rollouts in the ledger: what is done twice is done once, and what was cut off goes on."""

from pathlib import Path

import pytest

from include.errors import Conflict, NotFound, NothingToDo, SpecError
from include.ledger import Ledger, Rollout
from include.registry.registry import Version
from include.release import rolling
from include.release.rollout import By, Step
from include.serving.routed import routing
from include.steps import STEPS
from tests.declared import LATE, TRIPS, declare, spec

BY = By("ann", "test")
SERVED = spec(release={"rollout": {"shares": [0.2, 1.0]}})
SHADOW, FIFTH, ALL = Step("shadow"), Step("canary", 0.2), Step("canary", 1.0)


def version(number: str) -> Version:
    return Version(model="trip_late", version=number, run_id=f"run-{number}", model_hash=f"h{number}")


def champion(ledger: Ledger, number: str = "1", ends: Rollout | None = None) -> None:
    before = ledger.champion("trip_late")
    ledger.record_deployment(
        "trip_late", number, f"h{number}", expected=before, action="promote", actor="ann", reason="test", ends=ends
    )


def approved(ledger: Ledger, number: str = "2") -> None:
    rolling.stage(SERVED, version(number), BY, ledger)
    for action in ("test", "load", "approve"):
        rolling.prepare(SERVED, number, action, BY, ledger)


def test_a_model_without_steps_has_no_rollout(ledger: Ledger) -> None:
    with pytest.raises(SpecError, match=r"no release.rollout in model.yaml"):
        rolling.stage(spec(), version("2"), BY, ledger)


def test_each_step_done_again_changes_nothing(ledger: Ledger) -> None:
    champion(ledger)
    for _ in range(2):
        approved(ledger)
    for wanted in (SHADOW, SHADOW, FIFTH, FIFTH, SHADOW, ALL, FIFTH):
        rolling.enter(SERVED, "2", wanted, BY, ledger)
    assert [(one.stage, one.share) for one in ledger.rollouts("trip_late")] == [
        ("staged", 0), ("tested", 0), ("loaded", 0), ("approved", 0), ("shadow", 0), ("canary", 0.2), ("canary", 1.0),
    ]  # fmt: skip


def test_no_step_is_left_out(ledger: Ledger) -> None:
    champion(ledger)
    approved(ledger)
    with pytest.raises(Conflict, match="v2 is at approved 0%, which is not right before canary 20%"):
        rolling.enter(SERVED, "2", FIFTH, BY, ledger)
    with pytest.raises(Conflict, match="cannot promote: a step is left"):
        rolling.promoted(SERVED, "2", BY, ledger)


def test_the_first_version_has_no_steps(ledger: Ledger) -> None:
    approved(ledger)
    champion(ledger, "2", ends=rolling.promoted(SERVED, "2", BY, ledger))
    assert [one.stage for one in ledger.rollouts("trip_late")][-2:] == ["approved", "promoted"]


def test_one_rollout_at_a_time(ledger: Ledger) -> None:
    champion(ledger)
    approved(ledger, "2")
    with pytest.raises(Conflict, match="one rollout at a time"):
        rolling.stage(SERVED, version("3"), BY, ledger)
    rolling.steer(SERVED, "abort", None, BY, ledger)
    assert rolling.stage(SERVED, version("3"), BY, ledger).version == "3"
    with pytest.raises(NotFound, match="v2 is not on its way"):
        rolling.enter(SERVED, "2", SHADOW, BY, ledger)


def test_each_rollout_draws_its_groups_anew(ledger: Ledger) -> None:
    first = rolling.stage(SERVED, version("2"), BY, ledger)
    rolling.steer(SERVED, "abort", None, BY, ledger)
    second = rolling.stage(SERVED, version("2"), BY, ledger)
    assert first.salt != second.salt


def test_people_let_it_on_and_the_steps_they_skipped_are_past(ledger: Ledger) -> None:
    champion(ledger)
    approved(ledger)
    for _ in range(4):
        state = rolling.steer(SERVED, "advance", None, BY, ledger)
    assert (state.stage, state.share) == ("passed", 1.0)
    assert rolling.is_past(state, ALL)
    assert routing("trip_late", ledger).share == 1.0
    with pytest.raises(Conflict, match="only its promotion is left"):
        rolling.steer(SERVED, "advance", None, BY, ledger)


def test_what_people_held_waits_and_what_they_aborted_ends(ledger: Ledger) -> None:
    champion(ledger)
    approved(ledger)
    rolling.steer(SERVED, "hold", None, By("ben", "lunch"), ledger)
    with pytest.raises(Conflict, match=r"it is held: resume it first.*by ben: lunch"):
        rolling.enter(SERVED, "2", SHADOW, BY, ledger)
    rolling.steer(SERVED, "resume", None, BY, ledger)
    rolling.enter(SERVED, "2", SHADOW, BY, ledger)
    rolling.steer(SERVED, "abort", None, By("ben", "too slow"), ledger)
    with pytest.raises(NothingToDo, match=r"v2 is stopped \(by ben\): too slow"):
        rolling.enter(SERVED, "2", FIFTH, BY, ledger)


def test_what_cannot_be_done_to_a_rollout_is_refused(ledger: Ledger) -> None:
    with pytest.raises(NotFound, match="no version is on its way"):
        rolling.steer(SERVED, "hold", None, BY, ledger)
    rolling.stage(SERVED, version("2"), BY, ledger)
    with pytest.raises(NotFound, match=r"cannot 'dance'. It can: hold, resume"):
        rolling.steer(SERVED, "dance", None, BY, ledger)


def test_an_a_b_comparison_has_a_share_of_its_own(ledger: Ledger) -> None:
    champion(ledger)
    approved(ledger)
    rolling.steer(SERVED, "compare", 0.4, BY, ledger)
    found = routing("trip_late", ledger)
    assert (found.mode, found.share) == ("ab", 0.4)
    assert rolling.steer(SERVED, "advance", None, BY, ledger).share == 1.0


def test_a_stop_wins_against_what_others_do_meanwhile(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    champion(ledger)
    approved(ledger)
    record, held = ledger.record_rollout, []

    def overtaken(change: object, *, expected: object) -> object:
        if not held:
            held.append(True)
            rolling.steer(SERVED, "hold", None, BY, Ledger.open())
        return record(change, expected=expected)  # type: ignore[arg-type]

    monkeypatch.setattr(ledger, "record_rollout", overtaken)
    stopped = rolling.stop(SERVED, "2", BY, ledger)
    assert stopped is not None
    assert [one.action for one in ledger.rollouts("trip_late")][-2:] == ["hold", "stop"]
    assert rolling.stop(SERVED, "2", BY, ledger) is None
    assert rolling.stop(SERVED, "9", BY, ledger) is None


@pytest.mark.parametrize("how", ["hold", "abort"])
def test_who_holds_or_aborts_it_before_it_is_promoted_keeps_it_from_users(ledger: Ledger, how: str) -> None:
    """Neither row is written: between a look at the rollout and the promotion nobody's word is lost."""
    champion(ledger)
    approved(ledger)
    for _ in range(4):
        rolling.steer(SERVED, "advance", None, BY, ledger)
    decided = rolling.promoted(SERVED, "2", BY, ledger)
    state = rolling.steer(SERVED, how, None, By("ben", "wait"), ledger)
    with pytest.raises(Conflict, match=rf"was not changed \(promote\).*by {how} of ben"):
        champion(ledger, "2", ends=decided)
    assert [one.version for one in ledger.deployments("trip_late")] == ["1"]
    assert ledger.rollout("trip_late") == state


def test_a_champion_that_was_moved_meanwhile_ends_no_rollout(ledger: Ledger) -> None:
    champion(ledger)
    approved(ledger)
    before, state = ledger.champion("trip_late"), ledger.rollout("trip_late")
    champion(ledger, "5")
    with pytest.raises(Conflict, match=r"Version 1 .* did not become champion.*the champion is version 5"):
        ledger.record_deployment(
            "trip_late", "1", "h1", expected=before, action="roll_back", actor="ann", reason="test",
            ends=rolling.rolled_back("trip_late", BY, ledger),
        )  # fmt: skip
    assert ledger.rollout("trip_late") == state


def test_a_rollback_ends_what_is_on_its_way_and_marks_what_was_promoted(ledger: Ledger) -> None:
    assert rolling.rolled_back("trip_late", BY, ledger) is None
    champion(ledger)
    approved(ledger)
    ended = rolling.rolled_back("trip_late", BY, ledger)
    assert ended is not None
    champion(ledger, "3", ends=ended)
    state = ledger.rollout("trip_late")
    assert state is not None
    assert state.stage == "rolled_back"
    assert rolling.rolled_back("trip_late", BY, ledger) is None


def test_the_glass_is_broken_and_mended(ledger: Ledger) -> None:
    rolling.break_glass(SERVED, "0.2", BY, ledger)
    assert routing("trip_late", ledger).answer == "0.2"
    rolling.break_glass(SERVED, None, BY, ledger)
    assert routing("trip_late", ledger).mode == "champion"
    with pytest.raises(Conflict, match="is not broken"):
        rolling.break_glass(SERVED, None, BY, ledger)


def test_the_first_version_needs_no_service(ledger: Ledger, models: Path) -> None:
    declare(models, model={**LATE, "release": {"rollout": {}}}, contract=TRIPS)
    rolling.stage(SERVED, version("1"), BY, ledger)
    for step in ("check-service", "load-test"):
        assert "is the first" in STEPS[step].run("trip_late", {"version": "1"}).sentence
    state = ledger.rollout("trip_late")
    assert state is not None
    assert state.stage == "loaded"

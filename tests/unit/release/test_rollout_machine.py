"""Whatever people, verdicts and crashes do in whatever order: what a rollout never does."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from include.errors import Conflict
from include.ledger import Deployment, Rollout
from include.ledger.records import ENDED, RolloutAction
from include.release import rollout as machine
from include.release.rollout import By, Step
from include.serving.routed import routed
from include.serving.routing import Routing
from include.spec import RolloutRules as Rules

BY = By("ann", "because")
RULES = Rules()


def deployment(version: str, sequence: int) -> Deployment:
    return Deployment(
        model="trip_late", sequence=sequence, version=version, model_hash=f"h{version}", action="promote",
        actor="ann", reason="test",
    )  # fmt: skip


class Rolling(RuleBasedStateMachine):
    """Every change there is, tried in every order. What is refused changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.state: Rollout | None = None
        self.deployments: list[Deployment] = []
        self.changes: list[Rollout] = []
        self.seen: list[Routing] = [routed("trip_late", [], None)]
        self.version = 1

    @initialize(champion=st.booleans(), shadow=st.booleans(), shares=st.sampled_from([(1.0,), (0.05, 0.2, 1.0)]))
    def declare(self, champion: bool, shadow: bool, shares: tuple[float, ...]) -> None:
        self.rules = Rules(shadow_requests=10 if shadow else 0, shares=shares)
        if champion:
            self.deployments.append(deployment("1", 1))

    @property
    def first(self) -> bool:
        return not self.deployments

    def became(self, state: Rollout) -> None:
        self.state = state
        self.changes.append(state)

    @rule()
    def begin(self) -> None:
        before = self.state
        self.version += 1
        try:
            self.became(machine.begin(before, "trip_late", str(self.version), f"h{self.version}", "s", BY))
        except Conflict:
            assert before is not None
            assert before.stage not in ENDED or before.answer is not None
        else:
            assert before is None or (before.stage in ENDED and before.answer is None)

    @precondition(lambda self: self.state)
    @rule(action=st.sampled_from(["test", "load", "approve"]))
    def prepare(self, action: RolloutAction) -> None:
        assert self.state is not None
        try:
            self.became(machine.prepare(self.state, action, BY))
        except Conflict:
            assert self.state.stage != machine.PREPARED[action][0]

    @precondition(lambda self: self.state)
    @rule()
    def advance(self) -> None:
        assert self.state is not None
        before = self.state
        try:
            self.became(machine.advance(before, self.rules, self.first, BY))
        except Conflict:
            return
        assert not before.held
        assert before.answer is None
        assert self.state.share > before.share or before.stage == "approved" or self.state.stage == "passed"
        assert self.state.stage == "passed" or Step(self.state.stage, self.state.share) in machine.steps(self.rules)

    @precondition(lambda self: self.state)
    @rule(share=st.sampled_from([0.1, 0.5]))
    def compare(self, share: float) -> None:
        assert self.state is not None
        try:
            self.became(machine.compare(self.state, share, BY))
        except Conflict:
            return
        assert (self.state.stage, self.state.share) == ("ab", share)

    @precondition(lambda self: self.state)
    @rule()
    def promote(self) -> None:
        """The new champion and the rollout's end are one write."""
        assert self.state is not None
        try:
            ended = machine.promote(self.state, self.rules, self.first, BY)
        except Conflict:
            return
        assert self.state.stage in machine.IN_SIGHT
        self.deployments.append(deployment(str(self.state.version), len(self.deployments) + 1))
        self.became(ended)

    @precondition(lambda self: self.state)
    @rule(change=st.sampled_from([machine.hold, machine.resume]))
    def stay_or_go_on(self, change: object) -> None:
        assert self.state is not None
        before = self.state
        try:
            self.became(change(before, BY))  # type: ignore[operator]
        except Conflict:
            return
        assert before.held != self.state.held
        assert (before.stage, before.share, before.answer) == (self.state.stage, self.state.share, self.state.answer)

    @precondition(lambda self: self.state)
    @rule(action=st.sampled_from(["stop", "abort", "roll_back"]))
    def end(self, action: RolloutAction) -> None:
        assert self.state is not None
        was_active = machine.is_active(self.state)
        try:
            self.became(machine.end(self.state, action, BY))
        except Conflict:
            assert not was_active
        else:
            assert self.state.stage in ENDED

    @rule(answer=st.sampled_from(["0.2", "fallback"]))
    def break_glass(self, answer: str) -> None:
        self.became(machine.break_glass(self.state, "trip_late", answer, BY))
        assert self.routing.mode == "break_glass"

    @rule()
    def mend_glass(self) -> None:
        broken = self.state is not None and self.state.answer is not None
        try:
            self.became(machine.mend_glass(self.state, "trip_late", BY))
        except Conflict:
            assert not broken
        else:
            assert broken

    @property
    def routing(self) -> Routing:
        return routed("trip_late", self.deployments, self.state)

    @invariant()
    def changes_are_counted(self) -> None:
        assert [one.sequence for one in self.changes] == list(range(1, len(self.changes) + 1))

    @invariant()
    def the_routing_changes_only_with_its_sequence(self) -> None:
        found = self.routing
        assert found.sequence >= self.seen[-1].sequence
        if found.sequence == self.seen[-1].sequence:
            assert found == self.seen[-1]
        self.seen.append(found)

    @invariant()
    def nobody_gets_answers_of_a_version_that_was_not_approved(self) -> None:
        if self.routing.mode in ("canary", "ab", "shadow"):
            assert self.state is not None
            since = [one for one in self.changes if one.version == self.state.version]
            assert {"test", "load", "approve"} <= {one.action for one in since}

    @invariant()
    def what_ended_is_not_routed(self) -> None:
        if self.state is not None and self.state.stage in ENDED:
            assert self.routing.challenger is None
            assert self.state.share == 0
            assert not self.state.held

    @invariant()
    def the_champion_is_the_one_deployed_last(self) -> None:
        champion = self.routing.champion
        assert (champion.version if champion else None) == (self.deployments[-1].version if self.deployments else None)


TestRolling = Rolling.TestCase
TestRolling.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def staged(stages: int = 0) -> Rollout:
    """A rollout after so many of: tested, loaded, approved, shadow, 5 %, 20 %, 50 %, 100 %, passed."""
    state = machine.begin(None, "trip_late", "2", "h2", "s", BY)
    actions: list[RolloutAction] = ["test", "load", "approve"]
    for action in actions[:stages]:
        state = machine.prepare(state, action, BY)
    for _ in range(stages - 3):
        state = machine.advance(state, RULES, False, BY)
    return state


def test_a_rollout_goes_by_all_its_steps_to_its_promotion() -> None:
    reached = [staged(stages) for stages in range(10)]
    assert [(one.stage, one.share) for one in reached] == [
        ("staged", 0), ("tested", 0), ("loaded", 0), ("approved", 0), ("shadow", 0),
        ("canary", 0.05), ("canary", 0.2), ("canary", 0.5), ("canary", 1.0), ("passed", 1.0),
    ]  # fmt: skip
    assert machine.promote(reached[-1], RULES, False, BY).stage == "promoted"


def test_the_first_version_is_promoted_once_it_is_approved() -> None:
    assert machine.promote(staged(3), RULES, True, BY).stage == "promoted"
    with pytest.raises(Conflict, match=r"cannot promote: a step is left. It is v2 at approved"):
        machine.promote(staged(3), RULES, False, BY)


def test_one_switch_is_a_rollout_too() -> None:
    rules = Rules(shadow_requests=0, shares=(1.0,))
    at_once = machine.advance(staged(3), rules, False, BY)
    assert (at_once.stage, at_once.share) == ("canary", 1.0)
    passed = machine.advance(at_once, rules, False, BY)
    assert machine.promote(passed, rules, False, BY).stage == "promoted"


def test_what_is_held_goes_no_step_further_but_can_be_ended() -> None:
    held = machine.hold(staged(5), By("ben", "lunch"))
    with pytest.raises(Conflict, match=r"cannot advance: it is held: resume it first. It is v2 at canary 5%, held"):
        machine.advance(held, RULES, False, BY)
    assert machine.end(held, "stop", BY).stage == "stopped"
    assert machine.advance(machine.resume(held, BY), RULES, False, BY).share == 0.2


def test_a_comparison_ends_at_the_next_larger_share_or_at_promotion() -> None:
    beside = machine.compare(staged(5), 0.5, BY)
    assert machine.advance(beside, RULES, False, BY).share == 1.0
    passed = machine.advance(machine.compare(staged(5), 1.0, BY), RULES, False, BY)
    assert machine.promote(passed, RULES, False, BY).stage == "promoted"


def test_a_promoted_version_can_be_rolled_back_but_not_stopped() -> None:
    promoted = machine.promote(staged(9), RULES, False, BY)
    assert machine.end(promoted, "roll_back", BY).stage == "rolled_back"
    with pytest.raises(Conflict, match="cannot stop: nothing is on its way"):
        machine.end(promoted, "stop", BY)


def test_no_version_starts_while_the_glass_is_broken() -> None:
    broken = machine.break_glass(None, "trip_late", "0.2", BY)
    with pytest.raises(Conflict, match="cannot start"):
        machine.begin(broken, "trip_late", "2", "h2", "s", BY)
    assert machine.begin(machine.mend_glass(broken, "trip_late", BY), "trip_late", "2", "h2", "s", BY).sequence == 3

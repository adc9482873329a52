"""Releases, verdicts and people on one real ledger, in whatever order: what never happens, and what always can.

The machine alone is in `test_rollout_machine.py`. Here each actor reads, decides on what it read, and may write late.
"""

import shutil
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from include.errors import Conflict, NotFound, NothingToDo
from include.ledger import Ledger, Rollout
from include.ledger.records import ENDED
from include.registry.registry import Version
from include.release import rolling
from include.release import rollout as machine
from include.release.rollout import By
from tests.declared import spec

BY = By("ann", "because")
NAME = "trip_late"
SPEC = spec(release={"rollout": {"shares": [0.2, 1.0]}})
STEPS = machine.steps(rolling.rules(SPEC))
REFUSED = (Conflict, NotFound, NothingToDo)
MIGRATED: list[Path] = []


@pytest.fixture(autouse=True, scope="module")
def _template(migrated: Path) -> None:
    MIGRATED.append(migrated)


class Releases(RuleBasedStateMachine):
    """One ledger, and everybody who writes to it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        file = shutil.copy(MIGRATED[-1], Path(self.folder.name) / "ledger.db")
        self.ledger = Ledger.open(f"sqlite:///{file}")
        self.version = 1
        self.late: list[tuple[Rollout, Rollout]] = []

    def teardown(self) -> None:
        """Whatever happened: what is on its way can be ended, the glass mended, and another version promoted."""
        rolling.stop(SPEC, str(self.version), BY, self.ledger)
        state = self.ledger.rollout(NAME)
        if state is not None and state.answer is not None:
            rolling.break_glass(SPEC, None, BY, self.ledger)
        self.stage()
        self.prepare(3)
        for step in STEPS:
            rolling.enter(SPEC, str(self.version), step, BY, self.ledger)
        rolling.pass_on(SPEC, str(self.version), BY, self.ledger)
        self.promote()
        champion = self.ledger.champion(NAME)
        assert champion is not None
        assert champion.version == str(self.version)
        self.folder.cleanup()

    def tried(self, change: Callable[[], object]) -> None:
        """What is refused changes nothing."""
        before = (self.ledger.deployments(NAME), self.ledger.rollouts(NAME))
        try:
            change()
        except REFUSED:
            assert (self.ledger.deployments(NAME), self.ledger.rollouts(NAME)) == before

    @initialize(champion=st.booleans())
    def begin(self, champion: bool) -> None:
        if champion:
            self.deploy("1", None)

    def deploy(self, version: str, ends: Rollout | None) -> None:
        self.ledger.record_deployment(
            NAME, version, f"h{version}", expected=self.ledger.champion(NAME), action="promote", actor="ann",
            reason="test", ends=ends,
        )  # fmt: skip

    @rule()
    def stage(self) -> None:
        self.version += 1
        wanted = Version(model=NAME, version=str(self.version), run_id="r", model_hash=f"h{self.version}")
        try:
            rolling.stage(SPEC, wanted, BY, self.ledger)
        except Conflict:
            self.version -= 1
            assert machine.is_active(self.ledger.rollout(NAME)) or self.ledger.rollout(NAME).answer  # type: ignore[union-attr]

    @rule(times=st.integers(1, 3))
    def prepare(self, times: int) -> None:
        for action in ("test", "load", "approve")[:times]:
            self.tried(lambda action=action: rolling.prepare(SPEC, str(self.version), action, BY, self.ledger))

    @rule(step=st.sampled_from(STEPS))
    def enter(self, step: machine.Step) -> None:
        self.tried(lambda: rolling.enter(SPEC, str(self.version), step, BY, self.ledger))

    @rule()
    def pass_on(self) -> None:
        self.tried(lambda: rolling.pass_on(SPEC, str(self.version), BY, self.ledger))

    @rule(how=st.sampled_from(["hold", "resume", "advance", "abort", "compare"]), share=st.sampled_from([None, 0.3]))
    def steer(self, how: str, share: float | None) -> None:
        self.tried(lambda: rolling.steer(SPEC, how, share, BY, self.ledger))

    @rule(how=st.sampled_from(["hold", "resume", "advance", "abort", "compare"]))
    def steer_by_a_task_that_runs_twice(self, how: str) -> None:
        """The second run of one and the same request changes nothing, whatever the first one did."""
        asked = By(f"person {len(self.ledger.rollouts(NAME))}", "once")
        since = machine.now()
        try:
            made = rolling.steer(SPEC, how, None, asked, self.ledger, since=since)
        except REFUSED:
            return
        assert rolling.steer(SPEC, how, None, asked, self.ledger, since=since) == made

    @rule()
    def stop(self) -> None:
        ended = rolling.stop(SPEC, str(self.version), BY, self.ledger)
        assert not machine.is_active(self.ledger.rollout(NAME))
        assert ended is None or ended.stage == "stopped"

    @rule(answer=st.sampled_from(["0.2", None]))
    def break_or_mend_the_glass(self, answer: str | None) -> None:
        self.tried(lambda: rolling.break_glass(SPEC, answer, BY, self.ledger))

    @rule()
    def promote(self) -> None:
        version = str(self.version)
        before = self.ledger.rollout(NAME)
        try:
            self.deploy(version, rolling.promoted(SPEC, version, BY, self.ledger))
        except REFUSED:
            return
        assert before is not None
        assert before.stage in machine.IN_SIGHT
        assert not before.held
        assert before.answer is None

    @precondition(lambda self: self.ledger.champion(NAME))
    @rule()
    def roll_back(self) -> None:
        """By the ledger's part alone: whatever is on its way ends with it."""
        former = self.ledger.deployments(NAME)[0].version
        self.ledger.record_deployment(
            NAME, former, f"h{former}", expected=self.ledger.champion(NAME), action="roll_back", actor="ann",
            reason="test", ends=rolling.rolled_back(NAME, BY, self.ledger),
        )  # fmt: skip
        assert not machine.is_active(self.ledger.rollout(NAME))

    @precondition(lambda self: self.ledger.rollout(NAME))
    @rule()
    def decide_and_wait(self) -> None:
        """Somebody decides on what is there now, and does not write yet."""
        state = self.ledger.rollout(NAME)
        assert state is not None
        self.late.append((state, machine.break_glass(state, NAME, "late", BY)))

    @precondition(lambda self: self.late)
    @rule()
    def write_late(self) -> None:
        state, change = self.late.pop()
        current = self.ledger.rollout(NAME)
        try:
            self.ledger.record_rollout(change, expected=state)
        except Conflict:
            assert current != state
        else:
            assert current == state

    @invariant()
    def both_tables_are_counted_without_a_gap(self) -> None:
        for changes in (self.ledger.rollouts(NAME), self.ledger.deployments(NAME)):
            assert [one.sequence for one in changes] == list(range(1, len(changes) + 1))

    @invariant()
    def one_version_at_a_time_is_on_its_way(self) -> None:
        """A rollout begins only where the one before it has ended."""
        changes = self.ledger.rollouts(NAME)
        for before, after in pairwise(changes):
            assert after.action != "start" or (before.stage in ENDED and before.answer is None)
            assert after.action == "start" or after.version == before.version

    @invariant()
    def a_version_is_champion_exactly_if_its_rollout_says_promoted(self) -> None:
        ends = [one.version for one in self.ledger.rollouts(NAME) if one.action == "promote"]
        deployed = [one.version for one in self.ledger.deployments(NAME) if one.action == "promote"]
        assert deployed in (ends, ["1", *ends])

    @invariant()
    def what_was_stopped_is_not_promoted(self) -> None:
        """Between its stop and its promotion a version has begun anew."""
        stopped: set[str | None] = set()
        for one in self.ledger.rollouts(NAME):
            stopped = stopped | {one.version} if one.stage in ("stopped", "rolled_back") else stopped
            stopped = stopped - {one.version} if one.action == "start" else stopped
            assert one.action != "promote" or one.version not in stopped


TestReleases = Releases.TestCase
TestReleases.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)

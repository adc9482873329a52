"""How a rollout stands, decided by compare-and-set, and which replica follows since when."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from include.errors import Conflict
from include.ledger import Ledger, Replica, Rollout
from include.ledger.records import now
from include.serving.routed import routing
from include.serving.routing import Slot


def started(ledger: Ledger, version: str = "2", expected: Rollout | None = None) -> Rollout:
    change = Rollout(
        model="trip_late", sequence=1, version=version, model_hash=f"hash-{version}", stage="staged", salt="s1",
        action="start", actor="release", reason="registered",
    )  # fmt: skip
    return ledger.record_rollout(change, expected=expected)


def moved(ledger: Ledger, state: Rollout, **changes: object) -> Rollout:
    return ledger.record_rollout(state.model_copy(update={"recorded_at": now(), **changes}), expected=state)


def test_before_the_first_rollout_there_is_none(ledger: Ledger) -> None:
    assert ledger.rollout("trip_late") is None
    assert ledger.rollouts("trip_late") == []


def test_each_change_is_a_row_and_the_newest_is_the_state(ledger: Ledger) -> None:
    first = started(ledger)
    second = moved(ledger, first, stage="canary", share=0.05, action="advance")
    assert ledger.rollout("trip_late") == second
    assert (second.sequence, second.share, second.held, second.answer) == (2, 0.05, False, None)
    assert ledger.rollouts("trip_late") == [first, second]


def test_a_change_of_a_state_that_is_gone_is_a_conflict(ledger: Ledger) -> None:
    first = started(ledger)
    stopped = moved(ledger, first, stage="stopped", action="abort", actor="ann")
    with pytest.raises(Conflict, match=r"trip_late was not changed \(advance\).* now stopped by abort of ann"):
        moved(ledger, first, stage="shadow", action="advance")
    with pytest.raises(Conflict, match=r"was not changed \(start\)"):
        started(ledger, "3")
    assert ledger.rollout("trip_late") == stopped


def test_of_changes_at_once_exactly_one_wins(ledger: Ledger) -> None:
    first = started(ledger)
    together = threading.Barrier(6)

    def attempt(actor: str) -> str:
        together.wait()
        try:
            return moved(ledger, first, actor=actor, action="advance", stage="tested").actor
        except Conflict:
            return "conflict"

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(attempt, "abcdef"))
    state = ledger.rollout("trip_late")
    assert state is not None
    assert sorted(outcomes) == sorted([state.actor, *["conflict"] * 5])
    assert [one.sequence for one in ledger.rollouts("trip_late")] == [1, 2]


def test_models_have_rollouts_of_their_own(ledger: Ledger) -> None:
    started(ledger)
    assert ledger.rollout("other") is None
    assert ledger.routed("other") == ([], None)


def test_the_routing_follows_promotion_and_rollout_with_a_growing_sequence(ledger: Ledger) -> None:
    deployed = ledger.record_deployment(
        "trip_late", "1", "hash-1", expected=None, action="promote", actor="ann", reason="first"
    )
    state = started(ledger)
    seen = [routing("trip_late", ledger)]
    state = moved(ledger, state, stage="canary", share=0.2, action="advance")
    seen.append(routing("trip_late", ledger))
    ledger.record_deployment(
        "trip_late", "2", "hash-2", expected=deployed, action="promote", actor="ann", reason="better"
    )
    seen.append(routing("trip_late", ledger))
    moved(ledger, state, stage="promoted", share=0.0, action="promote")
    seen.append(routing("trip_late", ledger))
    assert [one.sequence for one in seen] == [2, 3, 4, 5]
    assert [one.mode for one in seen] == ["champion", "canary", "champion", "champion"]
    assert [one.champion.version if one.champion else None for one in seen] == ["1", "1", "2", "2"]
    assert seen[1].challenger == Slot(version="2", model_hash="hash-2")
    assert seen[2].challenger is None
    assert seen[2].fallback == Slot(version="1", model_hash="hash-1")


def test_what_is_routed_is_read_as_of_one_moment(ledger: Ledger) -> None:
    """While one writes both tables in turn, no reader sees the later change without the earlier one."""
    ended = threading.Event()
    torn: list[tuple[int, int]] = []

    def read() -> None:
        while not ended.is_set():
            deployments, rollout = ledger.routed("trip_late")
            promoted, rolled = len(deployments), rollout.sequence if rollout else 0
            if not promoted - 1 <= rolled <= promoted:
                torn.append((promoted, rolled))

    reader = threading.Thread(target=read)
    reader.start()
    champion, state = None, None
    for number in range(1, 25):
        champion = ledger.record_deployment(
            "trip_late", str(number), "h", expected=champion, action="promote", actor="ann", reason="next"
        )
        state = started(ledger, str(number), state)
    ended.set()
    reader.join()
    assert torn == []


def test_a_replica_says_only_what_is_new(ledger: Ledger) -> None:
    def says(replica: str, sequence: int, version: str | None) -> Replica:
        return ledger.record_replica(Replica(replica=replica, model="trip_late", sequence=sequence, version=version))

    first = says("a", 1, "1")
    again = says("a", 1, "1")
    other = says("b", 1, "1")
    later = says("a", 2, "2")
    left = says("b", 1, None)
    assert again == first
    assert ledger.replicas("trip_late") == [later, left]
    assert ledger.followed("trip_late", 1) == [first, other, later, left]
    assert ledger.followed("trip_late", 2) == [later]
    assert ledger.replicas("other") == []
    assert later.recorded_at - first.recorded_at >= timedelta(0)

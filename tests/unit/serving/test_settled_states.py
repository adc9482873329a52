"""A replica moves forward only, waits for what takes part in answers, and never for a rollback."""

from typing import Any

from include.serving.routing import Routing, Slot
from include.serving.state import State, settled
from include.serving.version import Version

ONE, TWO, THREE = (Slot(version=number, model_hash=number * 64) for number in "123")


def loaded(*slots: Slot) -> dict[Slot, Version]:
    return {slot: VERSIONS[slot] for slot in slots}


def version(slot: Slot) -> Version:
    nothing: Any = None
    return Version(nothing, slot, nothing, None, None, None)


VERSIONS = {slot: version(slot) for slot in (ONE, TWO, THREE)}


def to(sequence: int, **changes: Any) -> Routing:
    return Routing(model="trip_late", sequence=sequence, **{"champion": ONE, **changes})


def after(*steps: tuple[Routing, dict[Slot, Version]]) -> State | None:
    state: State | None = None
    for routing, there in steps:
        state = settled(state, routing, there)
    return state


def test_nothing_is_served_before_the_champion_is_loaded() -> None:
    assert after((to(1), {})) is None
    state = after((to(1), loaded(ONE)))
    assert state is not None
    assert (state.ready, state.follows, state.champion) == (True, True, VERSIONS[ONE])


def test_an_older_routing_changes_nothing() -> None:
    state = after((to(5), loaded(ONE)), (to(4, champion=TWO), loaded(ONE, TWO)))
    assert state is not None
    assert (state.champion, state.routing.sequence) == (VERSIONS[ONE], 5)


def test_a_canary_begins_when_its_challenger_is_loaded() -> None:
    canary = to(2, mode="canary", challenger=TWO, share=0.5)
    waiting = after((to(1), loaded(ONE)), (canary, loaded(ONE)))
    assert waiting is not None
    assert waiting.routing.mode == "champion"
    begun = after((to(1), loaded(ONE)), (canary, loaded(ONE)), (canary, loaded(ONE, TWO)))
    assert begun is not None
    assert (begun.routing.mode, begun.challenger) == ("canary", VERSIONS[TWO])


def test_a_rollback_waits_for_no_challenger() -> None:
    back = to(3, champion=TWO, challenger=THREE, mode="shadow")
    state = after((to(1), loaded(ONE)), (back, loaded(ONE, TWO)))
    assert state is not None
    assert (state.champion, state.ready, state.follows) == (VERSIONS[TWO], True, False)


def test_a_champion_that_does_not_load_leaves_the_one_before() -> None:
    state = after((to(1), loaded(ONE)), (to(2, champion=TWO), loaded(ONE)))
    assert state is not None
    assert state.champion is VERSIONS[ONE]


def test_a_broken_glass_needs_no_model() -> None:
    state = after((to(1, mode="break_glass", answer="0.2"), {}))
    assert state is not None
    assert state.ready

"""Whose turn a request is: sticky, nested, and as large a part as declared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.ledger import Deployment, Rollout
from include.ledger.records import DeploymentAction, Stage
from include.serving.routed import routed
from include.serving.routing import Mode, Routing, Slot, assign, bucket

ENTITIES = [f"N{number}" for number in range(4000)]


def canary(share: float, mode: Mode = "canary", salt: str = "s1") -> Routing:
    return Routing(
        model="trip_late", sequence=3, mode=mode, share=share, salt=salt,
        champion=Slot(version="1", model_hash="h1"), challenger=Slot(version="2", model_hash="h2"),
    )  # fmt: skip


def test_buckets_stay_the_same_for_ever() -> None:
    """A changed hash would move entities of a running canary: these values may never change."""
    assert bucket("salt", "N14228") == 0.027407297988015444
    assert bucket("salt", "") != bucket("", "salt")
    assert 0 <= bucket("salt", "\ud800") < 1  # JSON can spell what UTF-8 cannot


@given(salt=st.text(), entity=st.text())
def test_a_bucket_is_never_one(salt: str, entity: str) -> None:
    assert 0 <= bucket(salt, entity) < 1


@given(small=st.floats(0, 1), large=st.floats(0, 1), entity=st.text())
def test_who_is_in_the_small_group_is_in_the_large_one(small: float, large: float, entity: str) -> None:
    small, large = sorted((small, large))
    if assign(canary(small), entity) == "challenger":
        assert assign(canary(large), entity) == "challenger"


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5])
def test_the_group_is_as_large_as_its_share(share: float) -> None:
    chosen = sum(assign(canary(share), one) == "challenger" for one in ENTITIES) / len(ENTITIES)
    assert abs(chosen - share) < 4 * (share * (1 - share) / len(ENTITIES)) ** 0.5


def test_groups_of_two_rollouts_are_independent() -> None:
    first, second = (
        {one for one in ENTITIES if assign(canary(0.2, salt=salt), one) == "challenger"} for salt in ("s1", "s2")
    )
    both = len(first & second) / len(ENTITIES)
    assert abs(both - 0.04) < 0.015


@pytest.mark.parametrize(
    ("mode", "share", "turn"),
    [("canary", 1.0, "challenger"), ("ab", 1.0, "challenger"), ("canary", 0.0, "champion"),
     ("shadow", 1.0, "champion"), ("champion", 1.0, "champion"), ("break_glass", 1.0, "champion")],
)  # fmt: skip
def test_only_a_split_gives_the_challenger_a_turn(mode: Mode, share: float, turn: str) -> None:
    assert {assign(canary(share, mode), one) for one in ENTITIES[:50]} == {turn}


def deployed(*steps: str) -> list[Deployment]:
    """Promotes `3`, rolls back to `<3`."""
    made: list[Deployment] = []
    for number, step in enumerate(steps, 1):
        action: DeploymentAction = "roll_back" if step.startswith("<") else "promote"
        version = step.removeprefix("<")
        made.append(
            Deployment(
                model="trip_late", sequence=number, version=version, model_hash=f"h{version}", action=action,
                actor="ann", reason="test",
            )
        )  # fmt: skip
    return made


def rollout(stage: Stage, version: str | None = "9", answer: str | None = None, share: float = 0.0) -> Rollout:
    return Rollout(
        model="trip_late", sequence=4, version=version, model_hash=f"h{version}", stage=stage, share=share, salt="s1",
        answer=answer, action="advance", actor="ann", reason="test",
    )  # fmt: skip


def test_nothing_is_routed_before_anything_was_promoted_or_tried() -> None:
    assert routed("trip_late", [], None) == Routing(model="trip_late", sequence=0)


@pytest.mark.parametrize(
    ("stage", "mode"),
    [("staged", "champion"), ("tested", "champion"), ("loaded", "champion"), ("approved", "champion"),
     ("shadow", "shadow"), ("canary", "canary"), ("ab", "ab"),
     ("passed", "canary")],
)  # fmt: skip
def test_a_version_on_its_way_is_loaded_and_answers_by_its_stage(stage: Stage, mode: Mode) -> None:
    found = routed("trip_late", deployed("1"), rollout(stage, share=0.5))
    assert (found.mode, found.share, found.salt, found.sequence) == (mode, 0.5, "s1", 5)
    assert found.challenger == Slot(version="9", model_hash="h9")


@pytest.mark.parametrize("stage", ["none", "promoted", "stopped", "rolled_back"])
def test_a_rollout_that_ended_routes_nothing(stage: Stage) -> None:
    found = routed("trip_late", deployed("1"), rollout(stage, share=0.5))
    assert (found.mode, found.share, found.challenger, found.sequence) == ("champion", 0.0, None, 5)


@pytest.mark.parametrize(
    ("steps", "champion", "fallback"),
    [(["1"], "1", None), (["1", "2"], "2", "1"), (["1", "2", "3", "<2"], "2", "1"), (["1", "2", "<1"], "1", None)],
)
def test_the_fallback_is_the_champion_before(steps: list[str], champion: str, fallback: str | None) -> None:
    found = routed("trip_late", deployed(*steps), None)
    assert found.champion == Slot(version=champion, model_hash=f"h{champion}")
    assert found.fallback == (Slot(version=fallback, model_hash=f"h{fallback}") if fallback else None)


def test_a_broken_glass_answers_whatever_the_stage_is() -> None:
    assert routed("trip_late", deployed("1"), rollout("canary", answer="0.2")).mode == "break_glass"
    alone = routed("trip_late", deployed("1"), rollout("none", version=None, answer="fallback"))
    assert (alone.mode, alone.answer, alone.challenger) == ("break_glass", "fallback", None)


def test_the_same_version_of_another_file_is_another_challenger() -> None:
    promoted = deployed("1", "9")
    assert routed("trip_late", promoted, rollout("canary", share=0.5)).mode == "champion"
    other = rollout("canary", share=0.5).model_copy(update={"model_hash": "changed"})
    assert routed("trip_late", promoted, other).mode == "canary"

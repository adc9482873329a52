"""A version whose window features mean something else by now is not served; what serves already goes on."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from include.ledger import Ledger
from include.serving.follower import Follower
from include.serving.plan import Column, Computation, Linear, Plan, Sample, write
from include.serving.prepared import PLAN, folder_of
from include.serving.routing import Slot
from include.spec import ModelSpec
from tests.declared import spec

WEEK = {"late_7d": {"aggregate": "mean", "of": "late", "by": ["line"], "window": "7d", "known_after": "1d"}}
DAY = {"late_7d": {**WEEK["late_7d"], "window": "3d"}}
OTHER = {"trips_2h": {"aggregate": "count", "by": ["line"], "window": "2h"}}


def declared(windows: dict[str, Any]) -> ModelSpec:
    return spec(windows=windows, features={"numeric": ["bus", *windows], "categorical": ["line"]})


def champion(home: Path, ledger: Ledger, number: str, windows: dict[str, Any]) -> None:
    """A version that was prepared when the features were declared so."""
    slot, made = Slot(version=number, model_hash=number * 64), declared(windows)
    names = list(made.features.names)
    plan = Plan(
        model="trip_late", version=number, model_hash=slot.model_hash, task="binary", features=names, words=["line"],
        float32=[], classes=[], refuses_missing=[], known_words={}, reason="", difference=0.0,
        computation=Computation([Column(0)], Linear([0.1], [[0.0]]), "identity"),
        samples=[Sample([1.0] * (len(names) - 1) + ["red"], [0.1])],
        windows={name: one.model_dump_json() for name, one in made.windows.items()},
    )  # fmt: skip
    folder = folder_of(home, "trip_late", slot)
    folder.mkdir(parents=True)
    (folder / PLAN).write_bytes(write(plan))
    ledger.record_deployment(
        "trip_late", number, slot.model_hash, expected=ledger.champion("trip_late"), action="promote", actor="ann",
        reason="test",
    )  # fmt: skip


def followed(follower: Follower) -> str | None:
    """The champion that is served after a look at the ledger, once what it began to load is loaded."""

    async def look() -> None:
        for _ in range(2):
            await follower.follow()
            await asyncio.gather(*follower._loading.values())

    asyncio.run(look())
    state = follower.states.get("trip_late")
    return state.champion.plan.version if state and state.champion else None


@pytest.mark.parametrize(
    ("today", "served"),
    [(WEEK, "1"), ({**WEEK, **OTHER}, "1"), (OTHER, "1"), (DAY, None), ({**DAY, **OTHER}, None)],
)
def test_a_champion_is_served_unless_a_window_of_its_name_means_something_else(
    tmp_path: Path, ledger: Ledger, today: dict[str, Any], served: str | None
) -> None:
    """One that is gone from the declaration may still be sent with the request."""
    champion(tmp_path, ledger, "1", WEEK)
    follower = Follower({"trip_late": declared(today)}, Ledger.open, tmp_path, "me", lambda _: None)
    assert followed(follower) == served
    problems = list(follower.problems["trip_late"].values())
    assert ["learnt from another late_7d than features.yaml declares now" in one for one in problems] == (
        [] if served else [True]
    )


def test_a_promotion_of_what_learnt_from_other_windows_leaves_the_one_before_serving(
    tmp_path: Path, ledger: Ledger
) -> None:
    champion(tmp_path, ledger, "1", DAY)
    follower = Follower({"trip_late": declared(DAY)}, Ledger.open, tmp_path, "me", lambda _: None)
    assert followed(follower) == "1"
    champion(tmp_path, ledger, "2", WEEK)
    assert followed(follower) == "1"
    assert "v2 learnt from another late_7d" in str(follower.problems["trip_late"])

"""A plan that is not whole, or not what its pipeline said, is never answered from."""

import asyncio
import struct
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.errors import BadData
from include.serving.follower import Follower
from include.serving.plan import Column, Computation, Forest, Plan, Sample, Tree, read, write
from include.serving.prepared import PLAN, folder_of, prepared
from include.serving.routing import Routing
from include.serving.version import TOLERANCE, load
from tests.declared import spec
from tests.served import NAME, SLOTS, plan

TREE = Tree([0, -1, -1], [5.0, 0.0, 0.0], [True, False, False], [1, 0, 0], [2, 0, 0], [0.0, -1.0, 2.0])
FOREST = Computation([Column(0)], Forest([0.5], [[TREE]]), "logistic")
SAMPLES = [Sample([1.0, "red"], [0.3775406687981454]), Sample([9.0, "red"], [0.9241418199787566])]
GOOD = plan(computation=FOREST, samples=SAMPLES)
BYTES = write(GOOD)


def said(found: Plan) -> list[list[float]]:
    """What is answered from the plan to the samples of the good one."""
    answer = load(found, SLOTS["1"], Path(), spec().contract).answer
    assert answer is not None
    return [answer(one.row) for one in SAMPLES]


def test_the_good_plan_is_served() -> None:
    for answer, sample in zip(said(read(BYTES)), SAMPLES, strict=True):
        assert answer == pytest.approx(sample.said)


@given(place=st.integers(0, len(BYTES) - 1), byte=st.integers(0, 255))
def test_a_changed_byte_is_refused_or_changes_nothing_that_the_pipeline_said(place: int, byte: int) -> None:
    changed = BYTES[:place] + bytes([byte]) + BYTES[place + 1 :]
    try:
        found = read(changed)
        answers = said(found)
    except Exception:  # whatever it is, the follower notes it and serves on with what it has
        return
    for answer, sample in zip(answers, found.samples, strict=False):
        assert answer == pytest.approx(sample.said, abs=TOLERANCE * max(1.0, *map(abs, sample.said)))


@pytest.mark.parametrize("size", [0, 1, len(BYTES) // 2, len(BYTES) - 1])
def test_a_plan_that_is_cut_off_is_no_plan(size: int) -> None:
    with pytest.raises(msgspec.DecodeError):
        read(BYTES[:size])


def test_a_plan_that_says_something_else_fails_its_self_test() -> None:
    place = BYTES.index(struct.pack(">d", 2.0))
    wrong = BYTES[:place] + struct.pack(">d", 2.5) + BYTES[place + 8 :]
    with pytest.raises(BadData, match="fails its self-test"):
        said(read(wrong))


def test_a_plan_on_disk_that_is_damaged_or_of_another_file_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def prepare(folder: Path, *_: object) -> None:
        made.append(folder.name)
        (folder / PLAN).write_bytes(BYTES)

    monkeypatch.setattr("include.serving.prepared._prepare", prepare)
    folder = folder_of(tmp_path, NAME, SLOTS["1"])
    folder.mkdir(parents=True)
    for content in (BYTES[:-9], write(plan("2")), b""):
        (folder / PLAN).write_bytes(content)
        assert asyncio.run(prepared(tmp_path, NAME, SLOTS["1"])).samples == SAMPLES
    assert len(made) == 3
    assert asyncio.run(prepared(tmp_path, NAME, SLOTS["1"])).samples == SAMPLES
    assert len(made) == 3


def test_a_plan_that_cannot_be_loaded_is_a_problem_and_not_the_end(tmp_path: Path) -> None:
    endless = Tree([0, 0], [5.0, 5.0], [True, True], [1, 0], [1, 0], [0.0, 0.0])
    folder = folder_of(tmp_path, NAME, SLOTS["1"])
    folder.mkdir(parents=True)
    computation = Computation([Column(0)], Forest([0.5], [[endless]]), "logistic")
    (folder / PLAN).write_bytes(write(plan(computation=computation)))
    follower = Follower({NAME: spec()}, lambda: pytest.fail("no ledger"), tmp_path, "me", str)
    follower.routings[NAME] = Routing(model=NAME, sequence=1, champion=SLOTS["1"])
    asyncio.run(follower._load(NAME, SLOTS["1"]))
    assert "recursion" in follower.problems[NAME][SLOTS["1"]]
    assert follower.states == {}
    assert not follower._due((NAME, SLOTS["1"]))

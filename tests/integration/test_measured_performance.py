"""Performance where labels are in, and its estimate where not, in worlds whose truth is known."""

import json

import numpy as np
import pytest

from include.errors import NothingToDo
from include.lake import Store
from include.ledger import Ledger
from include.monitoring.following import apply_policy
from include.monitoring.measure import Performance, measure
from tests.answering import MODEL, World, chance, day, hard, key


@pytest.fixture
def world(lake: Store, ledger: Ledger, tracking: str) -> World:
    found = World(lake, ledger)
    found.promote("1", tracking)
    return found


def watched(world: World, number: int) -> Performance:
    return measure(MODEL, key(number), world.lake, world.ledger)


def test_a_champion_as_good_as_it_was_is_ok(world: World) -> None:
    world.live(range(30))
    found = watched(world, 29)
    assert found.found.realised is not None
    assert (found.found.realised.first, found.found.realised.last) == (key(15), key(28))  # 14 days, labels a day late
    assert found.found.realised.rows == 14 * 60
    assert found.found.labels.watermark == key(28)
    assert (found.verdict.tier, found.verdict.change, found.verdict.trust) == ("ok", "none", "trusted")
    assert found.found.estimated is not None
    assert found.found.estimated.last == key(29)


def test_a_concept_that_flips_is_critical_and_named(world: World) -> None:
    world.live(range(15))
    world.live(range(15, 30), flipped=True)
    found = watched(world, 29)
    assert (found.verdict.tier, found.verdict.change) == ("critical", "concept")
    assert "concept drift" in found.sentence
    assert found.verdict.trust == "not to be trusted"
    assert "outside its band in 2 of 4 weeks" in found.sentence
    assert found.found.estimated is not None
    assert found.found.estimated.value.value == pytest.approx(found.found.promoted.value, abs=0.05)  # it cannot see it


def test_harder_inputs_lose_performance_and_are_not_called_a_concept(world: World) -> None:
    world.live(range(15))
    world.live(range(15, 30), draw=hard)
    found = watched(world, 29)
    assert found.verdict.lost is not None
    assert found.verdict.lost.lower > 0.3
    assert (found.verdict.tier, found.verdict.change, found.verdict.trust) == ("critical", "covariate", "trusted")


def test_an_estimate_warns_before_the_labels_come(world: World) -> None:
    world.live(range(15))
    for number in range(15, 30):
        one = day(number, draw=hard)
        world.answer(one, world.land(one, known=np.zeros(60)))
    found = watched(world, 29)
    assert found.found.realised is not None
    assert found.found.realised.last == key(14)
    assert (found.found.labels.watermark, found.found.labels.waiting) == (
        key(14), tuple(key(number) for number in range(15, 29)),
    )  # fmt: skip
    assert (found.verdict.tier, found.verdict.trust) == ("alert", "trusted")


def test_labels_that_land_later_are_joined_with_what_was_said_first(world: World) -> None:
    """They come in another order, on a version of the partition that was scored again with the answers at hand."""
    days = [day(number) for number in range(20)]
    for number, one in enumerate(days):
        world.answer(one, world.land(one, known=np.zeros(60)))
        if number >= 5:
            late = days[number - 5]
            again = type(late)(late.number, late.bus, late.late, order=list(np.random.default_rng(1).permutation(60)))
            world.answer(again, world.land(again), said=again.table()["late"].to_numpy() / 30)
    found = watched(world, 19)
    assert found.found.labels.age == 5
    assert found.found.labels.shares[:6] == pytest.approx([0, 0, 0, 0, 0, 1])
    assert found.found.realised is not None
    assert (found.found.realised.first, found.found.realised.last) == (key(1), key(14))
    truth = [(chance(one.bus), one.late) for one in days[1:15]]
    expected = float(np.mean([np.mean((said - came) ** 2) for said, came in truth]))
    assert found.found.realised.metrics["brier"].value == pytest.approx(expected)


def test_days_the_version_learnt_from_and_answers_of_another_do_not_count(world: World, tracking: str) -> None:
    world.live(range(-6, 10))
    world.promote("2", tracking)
    assert "0 days of this version have labels, required 5" in watched(world, 9).sentence
    for number in range(-6, 16):
        one = day(number)
        world.answer(one, world.land(one), version="2")
    found = watched(world, 15)
    assert found.version == "2"
    assert found.found.realised is not None
    assert found.found.realised.first == key(1)  # 14 days up to the watermark; all of January's first fourteen are out


def test_a_day_that_runs_again_says_the_same_and_is_on_record_once(world: World) -> None:
    world.live(range(20))
    first = watched(world, 15)
    world.live(range(20, 25), flipped=True)
    assert watched(world, 15) == first
    [only] = world.ledger.decisions(MODEL.name, kind="performance")
    assert (only.subject, only.outcome, only.evidence) == (
        key(15), "ok", f"evidence/trip_late/watch/{key(15)}/performance.json",
    )  # fmt: skip
    assert Performance.model_validate_json(world.lake.read_bytes(str(only.evidence))) == first
    kept = json.loads(only.detail)
    assert kept["version"] == "1"
    assert kept["realised"][1] < kept["realised"][0] < kept["realised"][2]


def test_performance_that_stays_critical_restores_the_former_champion(world: World, tracking: str) -> None:
    world.promote("2", tracking)
    for number in range(23):
        one = day(number, flipped=number >= 5)
        world.answer(one, world.land(one), version="2")
    found = [watched(world, number).verdict.tier for number in range(20, 23)]
    assert found == ["critical"] * 3
    assert apply_policy(MODEL, key(22), world.ledger).action == "roll_back"


def test_without_a_champion_there_is_nothing_to_measure(lake: Store, ledger: Ledger) -> None:
    with pytest.raises(NothingToDo, match="trip_late has no champion yet: there is nothing to measure"):
        measure(MODEL, key(3), lake, ledger)

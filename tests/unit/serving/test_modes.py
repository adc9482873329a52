"""Who answers a row in each mode, and what its record says."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from include.serving.admission import Refused
from include.serving.answering import Failed
from include.serving.desk import Answer, Desk, NotReady
from include.serving.follower import Follower
from include.serving.groups import NotServed
from include.serving.meters import Meters
from include.serving.prediction_log import PredictionLog
from include.serving.routing import Routing, assign
from include.serving.state import State, settled
from include.serving.wire import Question
from include.spec import ModelSpec
from tests.declared import spec
from tests.served import SLOTS, answering, state, version

VERSIONS = {number: version(number, says) for number, says in (("1", 0.1), ("2", 0.2), ("3", 0.3))}


def raising(_: object) -> list[float]:
    raise ArithmeticError("out of sorts")


def asked(buses: list[int]) -> Question:
    return Question({"bus": buses, "line": ["red"] * len(buses)}, len(buses))


class Asking:
    """A desk in a loop, and its records."""

    def __init__(self, folder: Path, served: State | None, **serving: Any) -> None:
        self.folder, self.meters = folder, Meters()
        self.spec: ModelSpec = spec(serving={"entity": ["bus"], **serving})
        self._served = served

    def ask(self, question: Question, number: str | None = None) -> Answer:
        return asyncio.run(self._ask(question, number))

    async def _ask(self, question: Question, number: str | None) -> Answer:
        follower = Follower({"trip_late": self.spec}, lambda: pytest.fail("no ledger"), self.folder, "me", str)
        if self._served is not None:
            follower.states["trip_late"] = self._served
        book = PredictionLog(self.folder, "me", "written", most_bytes=1 << 20, seconds=60)
        desk, now = Desk(self.spec, follower, book, self.meters, "me"), time.perf_counter()
        try:
            answer = await desk.answer(question, "request", number, now, now)
            await desk.shadows.drain()
        finally:
            await book.close()
        return answer

    def records(self) -> list[dict[str, Any]]:
        """The last line of each prediction, in the order they were made."""
        lines = [
            json.loads(line) for file in sorted(self.folder.glob("*.jsonl")) for line in file.read_bytes().splitlines()
        ]
        return list({one["id"]: one for one in lines}.values())


def test_the_champion_alone_answers_and_is_recorded(tmp_path: Path) -> None:
    asking = Asking(tmp_path, state(challenger=VERSIONS["2"]))
    answer = asking.ask(asked([1, 2]))
    assert (answer.said, answer.versions) == ([[0.1], [0.1]], ["1", "1"])
    assert [(one["id"], one["slot"], one["features"], one["said"]) for one in asking.records()] == [
        (answer.ids[0], "champion", {"bus": 1.0, "line": "red"}, [0.1]),
        (answer.ids[1], "champion", {"bus": 2.0, "line": "red"}, [0.1]),
    ]


@pytest.mark.parametrize("mode", ["canary", "ab"])
def test_entities_are_parted_as_the_routing_says_and_answers_stay_in_order(tmp_path: Path, mode: str) -> None:
    served = state(mode, challenger=VERSIONS["2"], share=0.4)
    asking, buses = Asking(tmp_path, served), list(range(1, 60))
    answer = asking.ask(asked(buses))
    wanted = ["2" if assign(served.routing, str(bus)) == "challenger" else "1" for bus in buses]
    assert answer.versions == wanted
    assert {"1", "2"} == set(wanted)
    assert [one["features"]["bus"] for one in asking.records()] == buses
    assert [one["slot"] for one in asking.records()] == ["challenger" if one == "2" else "champion" for one in wanted]


def test_the_shadow_is_in_the_record_of_what_was_answered(tmp_path: Path) -> None:
    asking = Asking(tmp_path, state("shadow", challenger=VERSIONS["2"]))
    assert asking.ask(asked([1])).said == [[0.1]]
    [record] = asking.records()
    assert (record["said"], record["shadow"]["version"], record["shadow"]["said"]) == ([0.1], "2", [0.2])


def test_a_shadow_that_fails_is_counted_and_nobody_notices(tmp_path: Path) -> None:
    asking = Asking(tmp_path, state("shadow", challenger=answering("2", raising)))
    assert asking.ask(asked([1])).said == [[0.1]]
    assert (asking.records()[0]["shadow"]["said"], asking.meters.shadow_failed) == ([], 1)


def test_a_challenger_that_fails_is_stood_in_for_and_the_record_says_so(tmp_path: Path) -> None:
    asking = Asking(tmp_path, state("canary", challenger=answering("2", raising), share=1.0))
    assert asking.ask(asked([1])).versions == ["1"]
    [record] = asking.records()
    assert (record["slot"], record["error"]) == ("champion", "v2 ArithmeticError: out of sorts")


def test_a_champion_that_fails_breaks_the_glass_or_fails_the_request(tmp_path: Path) -> None:
    asking = Asking(tmp_path / "glass", state(champion=answering("1", raising)), break_glass=0.5)
    assert (asking.ask(asked([1])).said, asking.meters.glass_broken) == ([[0.5]], 1)
    assert asking.records()[0]["slot"] == "break_glass"
    with pytest.raises(Failed, match="out of sorts"):
        Asking(tmp_path / "none", state(champion=answering("1", raising))).ask(asked([1]))


def test_a_person_breaks_the_glass_and_rows_are_still_checked(tmp_path: Path) -> None:
    asking = Asking(tmp_path, state("break_glass", answer="0.25"))
    assert (asking.ask(asked([1])).said, asking.ask(asked([2])).versions) == ([[0.25]], [""])
    with pytest.raises(Refused):
        asking.ask(asked([0]))


def test_a_version_that_is_loaded_can_be_named_and_no_other(tmp_path: Path) -> None:
    asking = Asking(tmp_path, state(challenger=VERSIONS["2"]))
    assert asking.ask(asked([1]), "2").said == [[0.2]]
    assert asking.ask(asked([1]), "3").said == [[0.3]]
    assert {one["slot"] for one in asking.records()} == {"named"}
    with pytest.raises(NotServed):
        asking.ask(asked([1]), "4")


def test_without_a_champion_nothing_is_answered(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="no champion that is loaded"):
        Asking(tmp_path, None).ask(asked([1]))


def test_the_state_of_a_routing_is_the_one_requests_see() -> None:
    routing = Routing(model="trip_late", sequence=3, champion=SLOTS["1"])
    assert settled(None, routing, {SLOTS["1"]: VERSIONS["1"]}) == State(routing, VERSIONS["1"])

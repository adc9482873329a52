"""A request that fails after its rows were admitted is in the log, and whoever reads the log counts it as an error."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

from include.lake import Store
from include.release.counting import Scale, observed
from include.release.served import served
from include.serving.rolling import roll
from include.serving.version import Version
from tests.declared import spec
from tests.served import App, answering, app, state, version

GOOD = {"bus": 7, "line": "red"}
LONG_AGO = datetime(2013, 1, 1, tzinfo=UTC)
NONE = Scale(np.array([]), 1.0)


def raising(_: object) -> list[float]:
    raise ArithmeticError("out of sorts")


@pytest.fixture
def stuck() -> Iterator[Version]:
    """A version whose pipeline does not answer before the test ends."""
    good, end = version("2"), Event()
    with ThreadPoolExecutor(1) as thread:
        yield Version(good.plan, good.slot, good.admission, None, lambda _: end.wait(60) and [], thread)  # type: ignore[func-returns-value]
        end.set()


def failures(asked: App) -> list[tuple[str, str, list[float], str]]:
    return [(one["version"], one["slot"], one["said"], one.get("error", "")) for one in asked.records()]


def test_a_model_that_raises_without_a_glass_is_recorded(tmp_path: Path) -> None:
    with app(tmp_path, state(champion=answering("1", raising))) as asked:
        assert asked.invoke(GOOD, GOOD).status_code == 500
        assert failures(asked) == [("1", "champion", [], "v1 ArithmeticError: out of sorts")] * 2
        assert {one["features"]["bus"] for one in asked.records()} == {7.0}


@pytest.mark.parametrize("said", [float("nan"), float("inf")])
def test_what_is_no_number_is_no_answer(tmp_path: Path, said: float) -> None:
    with app(tmp_path, state(champion=answering("1", lambda _: [said]))) as asked:
        assert asked.invoke(GOOD).status_code == 500
        assert failures(asked) == [("1", "champion", [], "v1 ArithmeticError: it says what is no finite number")]


def test_an_answer_that_takes_too_long_is_recorded_for_the_version_whose_turn_it_was(
    tmp_path: Path, stuck: Version
) -> None:
    slow = spec(serving={"most_seconds": 0.05})
    with app(tmp_path, state("canary", challenger=stuck, share=1.0), slow) as asked:
        assert asked.invoke(GOOD).status_code == 504
        assert failures(asked) == [("2", "challenger", [], "v2 TimeoutError: no answer within 0.05 s")]


def test_where_all_fail_the_record_names_each_and_whose_turn_it_was_first(tmp_path: Path, models: Path) -> None:
    served_now = state("canary", answering("1", raising), answering("2", raising), share=1.0)
    models.joinpath("trip_late").mkdir()
    models.joinpath("trip_late", "pipeline.py").write_text("def fallback(row):\n    return row['nothing']\n")
    with app(tmp_path, served_now, spec(serving={"break_glass": "fallback"})) as asked:
        assert asked.invoke(GOOD).status_code == 500
        [(_, _, said, error)] = failures(asked)
    assert (said, error) == (
        [], "v2 ArithmeticError: out of sorts; v1 ArithmeticError: out of sorts; break_glass KeyError: 'nothing'",
    )  # fmt: skip


def test_a_full_log_changes_nothing_about_a_failure_and_is_counted(tmp_path: Path) -> None:
    with app(tmp_path, state(champion=answering("1", raising))) as asked:
        asked.worker.desks["trip_late"].book._most_bytes = 1
        assert asked.invoke(GOOD).status_code == 500
        assert asked.worker.desks["trip_late"].book.dropped == 1


def test_a_refused_request_is_nobodys_failure(tmp_path: Path) -> None:
    with app(tmp_path) as asked:
        assert asked.invoke({"bus": 0, "line": "red"}).status_code == 422
        assert asked.invoke(GOOD).status_code == 200
        assert [one["said"] for one in asked.records()] == [[0.1]]


@pytest.mark.parametrize("rolled", [False, True])
def test_failures_are_errors_of_their_version_before_and_after_they_are_in_the_lake(
    tmp_path: Path, lake: Store, stuck: Version, rolled: bool
) -> None:
    declared = spec(serving={"most_seconds": 0.05})
    with app(tmp_path, state("canary", answering("1", raising), stuck, share=1.0), declared) as asked:
        asked.invoke(GOOD)
        asked.worker.follower.states["trip_late"] = state(champion=answering("1", raising))
        asked.invoke(GOOD)
        asked.worker.follower.states["trip_late"] = state()
        asked.invoke(GOOD)
        if rolled:
            asyncio.run(asked.worker.desks["trip_late"].book.close())
            assert roll(declared, tmp_path, lake) == 1
        found = served(declared, LONG_AGO, lake, tmp_path)
    counts: Any = observed(declared, ("1", "2"), found, NONE, 1e9, paired=False)
    assert (counts.champion.requests, counts.champion.errors, counts.champion.answers) == (2, 1, 1)
    assert (counts.challenger.requests, counts.challenger.errors) == (1, 1)

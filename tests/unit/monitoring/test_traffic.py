"""A day of live traffic as a profile: whose rows they are, in the kinds admission knows, read once and kept."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from include.errors import BadData
from include.lake import Store
from include.lake.profile import CategoryProfile, NumericProfile
from include.monitoring import traffic as module
from include.monitoring.traffic import Traffic, place, traffic
from include.serving.rolling import forget
from include.spec import ModelSpec
from tests.answering import day
from tests.asking import Clients, when
from tests.declared import spec
from tests.landing import contract

DAY = when(0)


@pytest.fixture
def clients(lake: Store, tmp_path: Path) -> Clients:
    return Clients(tmp_path / "serving", lake)


def seen(clients: Clients, spec: ModelSpec | None = None, on: date = DAY) -> Traffic:
    return traffic(spec or clients.spec, on, 1, clients.lake)[on]


def test_rows_are_counted_for_who_answered_and_for_who_failed(clients: Clients) -> None:
    clients.ask(DAY, day(0, rows=10))
    clients.ask(DAY, day(1, rows=5), version="2", slot="challenger")
    clients.ask(DAY, day(2, rows=4), error="v2 ValueError: no")
    clients.ask(DAY, day(3, rows=3), version="", slot="break_glass", error="v1 ValueError: no")
    clients.ask(DAY, day(4, rows=2), said=[[], []], error="v1 TimeoutError")
    clients.ask(DAY, day(5, rows=7), slot="named")
    clients.ask(DAY, day(6, rows=1), said=[[]], error="v2 ValueError: version 9 is none; v1 TimeoutError: 5 s")
    clients.ask(DAY, day(7, rows=1), version="", slot="break_glass", error="broken by a person")
    found = seen(clients)
    assert (found.rows, found.glass, found.failed) == (26, 4, {"1": 6, "2": 5})
    assert (found.answered("1"), found.answered("2"), found.answered("3")) == (14, 5, 0)


def test_columns_have_the_kinds_that_admission_gives_them(lake: Store, tmp_path: Path) -> None:
    """The model takes the bus as a word and the flag as a number; the lake has a whole number and a flag."""
    model = spec(features={"numeric": ["full"], "categorical": ["bus", "line"]})
    clients = Clients(tmp_path / "serving", lake, model)
    rows = [{"bus": "12", "full": 1.0, "line": "red"}, {"bus": None, "full": 1.0, "line": None}]
    clients.ask(DAY, day(0, rows=3), rows=[*rows, {"bus": None, "full": 0.0, "line": None}])
    found = seen(clients, model).versions["1"].columns
    bus, full, line, said = (found[name] for name in ("bus", "full", "line", "prediction"))
    assert isinstance(bus, NumericProfile)
    assert (bus.count, bus.nulls, bus.mean) == (1, 2, 12)
    assert full == CategoryProfile(count=3, nulls=0, counts={"false": 1, "true": 2})
    assert line == CategoryProfile(count=1, nulls=2, counts={"red": 1})
    assert isinstance(said, NumericProfile)
    assert said.count == 3


def test_a_feature_that_is_called_as_a_column_of_every_record_is_read_all_the_same(lake: Store, tmp_path: Path) -> None:
    columns = {"seconds": {"type": "float"}}
    model = spec(contract=contract(columns=columns), features={"numeric": ["seconds"]})
    clients = Clients(tmp_path / "serving", lake, model)
    clients.ask(DAY, day(0, rows=2), rows=[{"seconds": 40.0}, {"seconds": 60.0}])
    profile = seen(clients, model).versions["1"].columns["seconds"]
    assert isinstance(profile, NumericProfile)
    assert profile.mean == 50


def test_the_answer_of_several_classes_is_the_likeliest(lake: Store, tmp_path: Path) -> None:
    target = {"column": "line", "classes": ["red", "blue"]}
    model = spec(task="multiclass", target=target, features={"numeric": ["bus"]})
    clients = Clients(tmp_path / "serving", lake, model)
    clients.ask(DAY, day(0, rows=3), rows=[{"bus": 1.0}] * 3, said=[[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]])
    assert seen(clients, model).versions["1"].columns["prediction"] == CategoryProfile(
        count=3, nulls=0, counts={"blue": 2, "red": 1}
    )


def test_a_word_where_the_contract_has_a_number_is_named(clients: Clients) -> None:
    clients.ask(DAY, day(0, rows=1), rows=[{"bus": "twelve", "full": 1.0, "line": "red"}])
    with pytest.raises(BadData, match="The prediction log has bus as no int"):
        seen(clients)


@pytest.mark.parametrize("block", [1, 10, 15, 1000])
def test_rows_are_profiled_in_blocks_whatever_their_size(
    clients: Clients, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(module, "BLOCK_ROWS", block)
    for number in range(3):
        clients.ask(DAY, day(number, rows=10))
    found = seen(clients).versions["1"]
    bus = np.concatenate([day(number, rows=10).bus for number in range(3)])
    said = found.columns["bus"]
    assert isinstance(said, NumericProfile)
    assert (found.rows, said.count, said.mean) == (30, 30, pytest.approx(bus.mean()))
    assert (said.min, said.max, said.deviation) == (bus.min(), bus.max(), pytest.approx(bus.std()))


def test_a_day_is_read_again_where_records_came_or_the_features_are_others(clients: Clients) -> None:
    clients.ask(DAY, day(0, rows=10))
    kept = place("trip_late", DAY.isoformat(), "traffic")
    first = seen(clients)
    written = (clients.lake.root, clients.lake.list(kept.rpartition("/")[0]))
    assert seen(clients) == first
    assert (clients.lake.root, clients.lake.list(kept.rpartition("/")[0])) == written
    clients.ask(DAY, day(1, rows=5))
    assert (len(first.files), seen(clients).rows) == (1, 15)
    assert list(seen(clients, spec(features={"numeric": ["bus"]})).versions["1"].columns) == ["bus", "prediction"]


def test_what_was_kept_of_a_day_outlives_its_log(clients: Clients) -> None:
    clients.ask(DAY, day(0, rows=10))
    before = seen(clients)
    assert forget(clients.spec, clients.lake, datetime(2027, 1, 1, tzinfo=UTC)) == 1
    assert seen(clients) == before


def test_days_come_in_order_and_empty_ones_not_at_all(clients: Clients) -> None:
    for number in (4, 0, 2):
        clients.ask(when(number), day(number, rows=number + 1))
    clients.ask(when(3), day(3, rows=2), slot="named")
    found: dict[date, Any] = traffic(clients.spec, when(4), 4, clients.lake)
    assert [(one, seen.rows) for one, seen in found.items()] == [(when(2), 3), (when(4), 5)]

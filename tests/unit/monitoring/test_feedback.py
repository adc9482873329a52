"""Labels by prediction id: the newest word holds, what is no value of the target is counted, and how labels came."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from include.lake import Store
from include.monitoring import feedback
from include.monitoring.feedback import Answers, Feedback, answers, arrivals, truth
from include.monitoring.maturity import Arrival
from include.monitoring.traffic import traffic
from include.spec import ModelSpec
from tests.answering import chance, day
from tests.asking import Clients, when
from tests.declared import spec

CLASSES = {"column": "bus", "classes": ["1", "2"]}
SAYS: dict[str, dict[str, Any]] = {
    "binary": {},
    "yes": {"target": {"column": "full"}},
    "number": {"task": "regression", "target": {"column": "late"}},
    "classes": {"task": "multiclass", "target": CLASSES, "features": {"numeric": ["full"]}},
}


@pytest.fixture
def clients(lake: Store, tmp_path: Path) -> Clients:
    return Clients(tmp_path / "serving", lake)


def asked(clients: Clients, days: int, version: str = "1") -> Answers:
    last = when(days - 1)
    found = traffic(clients.spec, last, days, clients.lake)
    return answers(clients.spec, version, found, clients.lake)


def came(clients: Clients, days: int, until: int) -> Feedback:
    return feedback.feedback(clients.spec, asked(clients, days), when(0), when(until), clients.lake)


def test_answers_are_those_of_one_version_in_turn_by_day(clients: Clients) -> None:
    ids = clients.ask(when(0), day(0, rows=3)) + clients.ask(when(1), day(1, rows=2))
    clients.ask(when(1), day(2, rows=4), version="2", slot="challenger")
    clients.ask(when(1), day(3, rows=4), slot="named")
    clients.ask(when(1), day(4, rows=1), said=[[]], error="v1 TimeoutError")
    found = asked(clients, 2)
    assert found.ids.to_pylist() == ids
    assert found.rows.days.values == ["2026-03-02"] * 3 + ["2026-03-03"] * 2
    expected = np.concatenate([chance(day(0, rows=3).bus), chance(day(1, rows=2).bus)])
    np.testing.assert_allclose(found.rows.said, expected)


def test_of_many_answers_a_share_of_each_day_is_taken_the_same_each_time(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients.ask(when(0), day(0, rows=1000))
    clients.ask(when(1), day(1, rows=3000))
    monkeypatch.setattr(feedback, "MOST_ROWS", 400)
    found = asked(clients, 2)
    counts = np.bincount(found.rows.days.codes)
    assert 60 < counts[0] < 150
    assert 220 < counts[1] < 390
    assert asked(clients, 2).ids == found.ids


def test_the_newest_word_holds_in_whatever_order_it_comes(clients: Clients) -> None:
    ids = clients.ask(when(0), day(0, rows=5))
    clients.label(when(2), ids[:3], [30.0, 30.0, None], second=50)
    clients.label(when(2), ids[:2], [0.0, 0.0], second=10)
    clients.label(when(1), ids[2:4], [30.0, 0.0])
    clients.label(when(1), ["of-another"], [30.0])
    clients.label(when(3), ids[:1], [0.0])
    np.testing.assert_array_equal(came(clients, 1, 2).target, [1, 1, np.nan, 0, np.nan])
    np.testing.assert_array_equal(came(clients, 1, 3).target, [0, 1, np.nan, 0, np.nan])
    np.testing.assert_array_equal(came(clients, 1, 1).target, [np.nan, np.nan, 1, 0, np.nan])


def test_a_label_that_is_no_value_of_the_target_is_counted_and_left_out(clients: Clients) -> None:
    ids = clients.ask(when(0), day(0, rows=3))
    clients.label(when(1), ids, [30.0, "late", None])
    found = came(clients, 1, 1)
    np.testing.assert_array_equal(found.target, [1, np.nan, np.nan])
    assert found.unusable == 1


@pytest.mark.parametrize(
    ("task", "labels", "expected"),
    [
        ("binary", [15.0, 15.1, None, "x"], [0, 1, None, None]),
        ("yes", [0.0, 1.0, 2.0, "true"], [0, 1, None, None]),
        ("number", [15.5, -3.0, None, "x"], [15.5, -3, None, None]),
        ("classes", [1.0, "2", 1.5, "3"], [0, 1, None, None]),
    ],
)
def test_a_label_stands_for_what_a_column_of_the_lake_would(
    task: str, labels: list[float | str | None], expected: list[Any]
) -> None:
    changes: dict[str, Any] = SAYS[task]
    model: ModelSpec = spec(**{"features": {"numeric": ["bus"]}, **changes})
    table = pa.table(
        {
            "label": pa.array([None if isinstance(one, str) else one for one in labels], pa.float64()),
            "label_class": pa.array([one if isinstance(one, str) else None for one in labels], pa.string()),
        }
    )
    np.testing.assert_array_equal(truth(model, table), [np.nan if one is None else one for one in expected])


def test_how_labels_came_is_counted_by_the_first_word_on_each(clients: Clients) -> None:
    ids = clients.ask(when(0), day(0, rows=4))
    clients.ask(when(1), day(1, rows=2))
    clients.label(when(0), ids[:1], [30.0], second=80_000)
    clients.label(when(2), ids[:3], [0.0, 0.0, 0.0])
    whole, known = asked(clients, 2), came(clients, 2, 3)
    found = arrivals([when(0), when(1)], whole, known, when(3))
    assert found == {
        when(0): [Arrival(when(0), when(0), 4, 1), Arrival(when(0), when(2), 4, 3)],
        when(1): [Arrival(when(1), when(1), 2, 0)],
    }
    assert arrivals([when(0), when(1)], whole, known, when(2)) == found
    assert arrivals([when(0), when(1)], whole, known, when(1))[when(0)] == [Arrival(when(0), when(0), 4, 1)]


def test_a_regression_has_its_features_as_served(lake: Store, tmp_path: Path) -> None:
    model = spec(task="regression", target={"column": "late"})
    clients = Clients(tmp_path / "serving", lake, model)
    clients.ask(
        when(0), day(0, rows=3), rows=[{"bus": 1.0, "full": None, "line": word} for word in ("red", None, "blue")]
    )
    inputs = asked(clients, 1).rows.inputs
    assert inputs is not None
    assert inputs["line"].tolist() == ["red", None, "blue"]
    assert inputs["bus"].tolist() == [1.0, 1.0, 1.0]
    assert inputs["full"].isna().all()


def test_several_classes_have_a_probability_each(lake: Store, tmp_path: Path) -> None:
    model = spec(**SAYS["classes"])  # type: ignore[arg-type]
    clients = Clients(tmp_path / "serving", lake, model)
    clients.ask(when(0), day(0, rows=2), rows=[{"full": 1.0}] * 2, said=[[0.9, 0.1], [0.2, 0.8]])
    np.testing.assert_allclose(asked(clients, 1).rows.said, [[0.9, 0.1], [0.2, 0.8]])


def test_a_version_that_answered_nothing_on_these_days_has_no_rows(clients: Clients) -> None:
    clients.ask(when(0), day(0, rows=3))
    found = asked(clients, 1, version="7")
    assert (len(found.ids), len(found.rows.said)) == (0, 0)
    target = feedback.feedback(clients.spec, found, when(0), when(0) + timedelta(days=3), clients.lake).target
    assert len(target) == 0

"""Window features are point-in-time correct: the same, bit for bit, as the slowest way to make them."""

import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.errors import BadData
from include.features.windows import window_columns
from include.lake import Store
from include.lake.snapshot import Snapshot
from include.spec import WindowFeature
from tests.windows import CALLS, admitted, entry, slowly, table

FIRST = datetime(2013, 1, 1, tzinfo=UTC)
Days = Mapping[str, Sequence[Mapping[str, Any]]]
FEATURES = {
    name: WindowFeature.model_validate(declared)
    for name, declared in {
        "calls_1h": {"aggregate": "count", "by": ["line"], "window": "1h"},
        "late_1d": {"aggregate": "mean", "of": "late", "by": ["line"], "window": "1d", "known_after": "90m"},
        "late_told": {"aggregate": "sum", "of": "late", "by": ["line", "bus"], "window": "2d", "known_at": "told"},
        "stops_12h": {"aggregate": "mean", "of": "stops", "by": ["bus"], "window": "12h", "step": "30m"},
        "many": {"aggregate": "rate", "of": "late", "above": 1.5, "by": ["line"], "window": "2d", "known_after": "1d"},
        "full_1d": {"aggregate": "rate", "of": "full", "by": ["line"], "window": "1d", "step": "1d"},
        "valued": {"aggregate": "count", "of": "stops", "by": ["bus", "line"], "window": "6h", "decimals": 0},
    }.items()
}  # fmt: skip

minutes = st.integers(-60 * 30, 60 * 54).map(lambda minute: minute - minute % 15)  # stray events, many ties
calls = st.fixed_dictionaries(
    {
        "at": st.none() | minutes,
        "told": st.none() | st.integers(-60, 60 * 60),
        "line": st.sampled_from(["red", "blue", None]),
        "bus": st.sampled_from([1, 2, None]),
        "late": st.none() | st.integers(-3_000_000, 3_000_000).map(lambda late: late / 10**6),
        "stops": st.none() | st.integers(-3, 9),
        "full": st.sampled_from([True, False, None]),
    }
)


@st.composite
def days(draw: st.DrawFn) -> Days:
    """Some days in a row, or with gaps between them, and what happened on or near each."""
    found = {}
    for day in sorted(draw(st.sets(st.integers(0, 7), min_size=1, max_size=5))):
        rows = draw(st.lists(calls, max_size=12))
        start = FIRST + timedelta(days=day)
        found[start.date().isoformat()] = [_dated(row, start) for row in rows]
    return found


def _dated(row: Mapping[str, Any], start: datetime) -> dict[str, Any]:
    at = None if row["at"] is None else start + timedelta(minutes=row["at"])
    told = None if row["told"] is None else (at or start) + timedelta(minutes=row["told"])
    return {**row, "at": at, "told": told}


def found(snapshot: Snapshot, store: Store) -> dict[str, list[float | None]]:
    """The features of the snapshot's rows, None where there is none."""
    columns = window_columns(FEATURES, CALLS, snapshot, store)
    return {name: [None if np.isnan(one) else float(one) for one in values] for name, values in columns.items()}


@settings(max_examples=60, deadline=None)
@given(days())
def test_every_feature_is_what_its_definition_says(lived: Days) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(folder)
        made = found(admitted(store, lived), store)
    for name, feature in FEATURES.items():
        assert made[name] == slowly(feature, lived), name


@settings(max_examples=25, deadline=None)
@given(days(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_bit(lived: Days, random: Any) -> None:
    shuffled = {}
    order = {}
    for key, rows in lived.items():
        order[key] = random.sample(range(len(rows)), len(rows))
        shuffled[key] = [rows[place] for place in order[key]]
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(folder)
        made, again = found(admitted(store, lived), store), found(admitted(store, shuffled), store)
    for name in FEATURES:
        first = 0
        for key, rows in lived.items():
            expected = [made[name][first + place] for place in order[key]]
            assert again[name][first : first + len(rows)] == expected
            first += len(rows)


@settings(max_examples=25, deadline=None)
@given(days())
def test_what_is_only_looked_back_at_says_the_same_as_what_is_read(lived: Days) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(folder)
        whole = admitted(store, lived)
        last = found(whole.only(whole.entries[-1:]), store)
        every = found(whole, store)
    rows = whole.entries[-1].rows
    assert last == {name: values[len(values) - rows :] for name, values in every.items()}


@settings(max_examples=25, deadline=None)
@given(days(), st.integers(0, 4))
def test_the_future_changes_nothing(lived: Days, kept: int) -> None:
    past = dict(list(lived.items())[: kept + 1])
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(folder)
        made, before = found(admitted(store, lived), store), found(admitted(store, past), store)
    assert before == {name: values[: len(before[name])] for name, values in made.items()}


def call(hour: float, **more: Any) -> dict[str, Any]:
    return {"at": FIRST + timedelta(hours=hour), "line": "red", "bus": 1, **more}


def test_a_row_sees_neither_itself_nor_rows_of_its_own_step(tmp_path: Path) -> None:
    store = Store.open(str(tmp_path))
    lived = {"2013-01-01": [call(1.0), call(1.0), call(1.5), call(2.0), call(2.9), call(3.0)]}
    assert found(admitted(store, lived), store)["calls_1h"] == [0, 0, 0, 3, 3, 2]


def test_a_label_is_seen_only_after_its_delay(tmp_path: Path) -> None:
    store = Store.open(str(tmp_path))
    lived = {"2013-01-01": [call(1.25, late=2.0), call(2.75), call(3.0), call(24.5), call(25.5), call(26.5)]}
    assert found(admitted(store, lived), store)["late_1d"] == [None, None, 2.0, 2.0, 2.0, None]


def test_sums_of_floats_are_exact_whatever_their_order(tmp_path: Path) -> None:
    store = Store.open(str(tmp_path))
    amounts = [0.1] * 10 + [1e9, -1e9]
    lived = {"2013-01-01": [call(1, late=one, told=FIRST) for one in amounts] + [call(3)]}
    assert found(admitted(store, lived), store)["late_told"][-1] == 1.0


def test_numbers_too_large_for_exact_sums_are_refused(tmp_path: Path) -> None:
    store = Store.open(str(tmp_path))
    for late in (1e13, float("inf")):
        lived = {"2013-01-01": [call(1, late=late)]}
        with pytest.raises(BadData, match=r"late_1d cannot be summed exactly.*Give it fewer decimals"):
            found(admitted(store, lived), store)


def test_a_file_with_other_rows_than_were_admitted_is_refused(tmp_path: Path) -> None:
    store = Store.open(str(tmp_path))
    good = entry(store, "2013-01-01", table([call(1), call(2)]))
    lying = Snapshot(dataset="calls", entries=(good.model_copy(update={"rows": 3}),))
    with pytest.raises(BadData, match="has 2 rows, 3 are on record"):
        found(lying, store)


def test_a_column_that_older_days_lack_is_empty_there(tmp_path: Path) -> None:
    store = Store.open(str(tmp_path))
    old = entry(store, "2013-01-01", table([call(1, stops=4), call(2, stops=4)]).drop_columns(["line", "told", "bus"]))
    new = entry(store, "2013-01-02", table([call(25, stops=4), call(26.5)]))
    made = found(Snapshot(dataset="calls", entries=(old, new)), store)
    assert made["calls_1h"] == [None, None, 0, 1]
    assert made["stops_12h"] == [None, None, None, 4.0]


def test_words_behind_a_dictionary_are_the_same_words(tmp_path: Path) -> None:
    store = Store.open(str(tmp_path))
    plain = table([call(1), call(2)])
    behind = plain.set_column(plain.schema.get_field_index("line"), "line", plain["line"].dictionary_encode())
    one, other = (Snapshot(dataset="calls", entries=(entry(store, "2013-01-01", one),)) for one in (plain, behind))
    assert found(one, store) == found(other, store)
    assert pa.types.is_dictionary(behind["line"].type)


def test_a_row_does_not_see_what_landed_after_it_however_early_it_happened(tmp_path: Path) -> None:
    store = Store.open(str(tmp_path))
    lived = {"2013-01-01": [call(3.2)], "2013-01-02": [call(2.5), call(27.5)]}
    assert found(admitted(store, lived), store)["calls_1h"] == [0, 0, 0] == slowly(FEATURES["calls_1h"], lived)


def test_a_row_does_not_see_days_that_lie_too_far_back_however_late_their_rows_happened(tmp_path: Path) -> None:
    store = Store.open(str(tmp_path))
    lived = {"2013-01-01": [call(95.5)], "2013-01-04": [call(95.7)], "2013-01-05": [call(96.2)]}
    assert found(admitted(store, lived), store)["calls_1h"] == [0, 0, 1] == slowly(FEATURES["calls_1h"], lived)


def test_many_days_in_order_are_as_many_days_one_by_one(tmp_path: Path) -> None:
    """More days than share one timeline."""
    store = Store.open(str(tmp_path))
    lived = {
        (FIRST + timedelta(days=day)).date().isoformat(): [
            call(24 * day + hour, late=float(day * hour), stops=int(hour)) for hour in (1, 2.5, 3, 20)
        ]
        for day in range(20)
    }
    made = found(admitted(store, lived), store)
    for name, feature in FEATURES.items():
        assert made[name] == slowly(feature, lived), name

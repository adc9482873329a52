"""Disturbances: every mishap once per feature it can befall, and which of them the contract stops."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from include.evaluation.disturbances import KINDS, UNITS, Disturbance, count, disturbances
from include.spec import Features, ModelSpec
from tests.declared import contract, spec

COLUMNS: dict[str, Any] = {
    "temp": {"type": "float", "nullable": True, "min": -40, "max": 120},
    "rain": {"type": "float", "nullable": True, "min": 0, "max": 10, "severity": "warn"},
    "minute": {"type": "int", "min": 0, "max": 1439},
    "full": {"type": "bool"},
    "line": {"type": "string", "one_of": ["red", "blue"]},
    "stop": {"type": "string", "nullable": True, "pattern": "^[A-Z]+$"},
}
FEATURES = {"numeric": ["temp", "rain", "minute", "full"], "categorical": ["line", "stop"]}
RANDOM = np.random.default_rng(2)
ROWS = pd.DataFrame(
    {
        "temp": np.where(RANDOM.random(500) < 0.2, np.nan, RANDOM.normal(50, 20, 500).clip(-30, 110)),
        "rain": RANDOM.random(500) * 0.09,
        "minute": RANDOM.integers(0, 1440, 500).astype(float),
        "full": RANDOM.integers(0, 2, 500).astype(float),
        "line": RANDOM.choice(np.array(["red", "blue"], dtype=object), 500),
        "stop": RANDOM.choice(np.array(["A", "B", None], dtype=object), 500),
    }
)


def declared(**columns: Any) -> ModelSpec:
    return spec(contract=contract(columns={**COLUMNS, **columns}), features=FEATURES)


def found(**columns: Any) -> dict[tuple[str, str | None, str], Disturbance]:
    return {(one.kind, one.feature, one.what): one for one in disturbances(declared(**columns), ROWS)}


def stopped(kind: str, feature: str, what: str | None = None, **columns: Any) -> bool:
    chosen = [one for one in found(**columns).values() if (one.kind, one.feature) == (kind, feature)]
    return next(one.stopped for one in chosen if what in {None, one.what})


def test_every_kind_befalls_every_feature_it_can() -> None:
    all_of_them = list(disturbances(declared(), ROWS))
    assert {one.kind for one in all_of_them} == set(KINDS)
    assert [one.feature for one in all_of_them if one.kind == "missing_feature"] == list(declared().features.names)
    assert [one.feature for one in all_of_them if one.kind == "unseen_category"] == ["line", "stop"]
    wrong = [(one.feature, one.what) for one in all_of_them if one.kind == "unit_error"]
    assert wrong == [(name, unit) for name in ("temp", "rain", "minute") for unit in UNITS]
    assert len(all_of_them) <= count(declared())


def test_one_mishap_changes_only_what_it_names_and_never_the_rows_themselves() -> None:
    before = ROWS.copy()
    for one in disturbances(declared(), ROWS):
        changed = [name for name in ROWS if not one.rows[name].equals(before[name])]
        if one.feature is not None:
            assert set(changed) <= {one.feature}, one
    pd.testing.assert_frame_equal(ROWS, before)


def test_missing_is_what_a_feature_frame_has_for_it() -> None:
    everything = found()
    assert everything["missing_feature", "temp", "missing"].rows["temp"].isna().all()
    assert everything["missing_feature", "temp", "missing"].rows["temp"].dtype == np.float64
    assert set(everything["missing_feature", "line", "missing"].rows["line"]) == {None}


def test_every_mishap_but_another_type_leaves_the_types_as_they_are() -> None:
    rows = ROWS.astype({"temp": np.float32, "full": np.float32})
    for one in disturbances(declared(), rows):
        if one.kind not in {"number_type", "column_order"}:
            assert one.rows.dtypes.equals(rows.dtypes), one.what


def test_numbers_declared_as_32_bits_are_handed_over_as_such() -> None:
    narrow = declared().model_copy(update={"features": Features.model_validate({**FEATURES, "float32": ["temp"]})})
    others = [one.rows for one in disturbances(narrow, ROWS) if one.kind == "number_type"]
    assert [str(rows["temp"].dtype) for rows in others] == ["float64"] * 3
    assert [str(rows["full"].dtype) for rows in others] == ["int64", "object", "object"]
    every = declared().model_copy(
        update={"features": Features.model_validate({**FEATURES, "float32": FEATURES["numeric"]})}
    )
    assert "number_type" not in {one.kind for one in disturbances(every, ROWS)}


def test_cells_are_missing_at_random_where_they_may_be() -> None:
    holes = found()["missing_cells", None, "10% of all cells missing"].rows
    assert holes[["minute", "full", "line"]].equals(ROWS[["minute", "full", "line"]])
    for name in ("rain", "temp", "stop"):
        known = ROWS[name].notna()
        assert 0.06 < holes[name][known].isna().mean() < 0.14
        assert holes[name][known & holes[name].notna()].equals(ROWS[name][known & holes[name].notna()])
    assert holes["rain"].isna().ne(holes["temp"].isna()).any()


def test_where_nothing_may_be_missing_no_cell_is() -> None:
    needed = {name: {**COLUMNS[name], "nullable": False, "severity": "fail"} for name in ("temp", "rain", "stop")}
    assert not [one for one in found(**needed).values() if one.kind == "missing_cells"]


@pytest.mark.parametrize(
    ("unit", "before", "after"), [("x 1000", 2, 2000), ("x 0.01", 50, 0.5), ("x 2.54", 100, 254), ("F to C", 212, 100)]
)
def test_units(unit: str, before: float, after: float) -> None:
    assert UNITS[unit](np.array([before])) == pytest.approx(after)


@pytest.mark.parametrize(
    ("kind", "feature", "what", "columns", "expected"),
    [
        ("missing_feature", "minute", None, {}, True),
        ("missing_feature", "temp", None, {}, False),
        ("missing_feature", "minute", None, {"minute": {"type": "int", "severity": "warn"}}, False),
        ("unseen_category", "line", None, {}, True),
        ("unseen_category", "line", None, {"line": {**COLUMNS["line"], "severity": "warn"}}, False),
        ("unseen_category", "line", None, {"line": {"type": "int"}}, True),
        ("unseen_category", "stop", None, {}, False),
        ("unit_error", "temp", "x 1000", {}, True),
        ("unit_error", "temp", "x 0.01", {}, False),
        ("unit_error", "temp", "x 1000", {"temp": {"type": "float", "nullable": True}}, False),
        ("unit_error", "temp", "x 1000", {"temp": {**COLUMNS["temp"], "severity": "warn"}}, False),
        ("unit_error", "temp", "F to C", {"temp": {"type": "float", "min": 0}}, True),
        ("unit_error", "temp", "x 1000", {"temp": {"type": "float", "min": -100_000}}, False),
        ("unit_error", "rain", "x 1000", {}, False),
        ("unit_error", "minute", "x 0.01", {}, True),
        ("unit_error", "minute", "x 1000", {"minute": {"type": "int"}}, False),
        ("unit_error", "minute", "x 0.01", {"minute": {"type": "int", "severity": "warn"}}, True),
        ("unit_error", "minute", "x 0.01", {"minute": {"type": "float"}}, False),
    ],
)
def test_what_the_contract_stops(
    kind: str, feature: str, what: str | None, columns: dict[str, Any], expected: bool
) -> None:
    assert stopped(kind, feature, what, **columns) is expected


@pytest.mark.parametrize(("share", "expected"), [(0.01, True), (0.008, False)])
def test_a_few_impossible_values_may_slip_through(share: float, expected: bool) -> None:
    values = np.full(1000, 1.0)
    values[: int(1000 * share)] = 200
    rows = ROWS.loc[np.arange(1000) % 500].assign(temp=values).reset_index(drop=True)
    units = [one for one in disturbances(declared(), rows) if (one.feature, one.what) == ("temp", "x 0.01")]
    assert [one.stopped for one in units] == [False]
    limited = declared(temp={"type": "float", "max": 1.5})
    units = [one for one in disturbances(limited, rows) if (one.feature, one.what) == ("temp", "x 0.01")]
    assert [one.stopped for one in units] == [expected]


def test_a_column_without_a_known_value_is_not_impossible() -> None:
    rows = ROWS.assign(temp=np.nan)
    assert not any(one.stopped for one in disturbances(declared(), rows) if one.feature == "temp")


def test_noise_is_small_and_of_each_features_own_size() -> None:
    noisy = found()["noise", None, "noise of 1% of the deviation"].rows
    for name in ("temp", "rain", "minute"):
        moved = (noisy[name] - ROWS[name]).std(ddof=0) / ROWS[name].std(ddof=0)
        assert 0.008 < moved < 0.012
    assert noisy["full"].equals(ROWS["full"])


def test_columns_come_in_another_order_with_the_same_values() -> None:
    other = found()["column_order", None, "columns in reverse order"].rows
    assert list(other) == list(ROWS)[::-1]
    assert other[list(ROWS)].equals(ROWS)


def test_numbers_come_as_integers_objects_and_text() -> None:
    everything = found()
    whole = everything["number_type", None, "as integers"].rows
    assert whole.dtypes[["minute", "full", "temp", "rain"]].tolist() == ["int64", "int64", "float64", "float64"]
    objects = everything["number_type", None, "as objects"].rows
    assert objects["temp"].dtype == object
    assert objects["temp"][ROWS["temp"].isna()].map(lambda one: one is None).all()
    assert objects["minute"].tolist() == ROWS["minute"].tolist()
    text = everything["number_type", None, "as text"].rows
    assert text["minute"].tolist() == ROWS["minute"].map(str).tolist()


def test_the_same_rows_meet_the_same_mishaps() -> None:
    again = disturbances(declared(), ROWS)
    for first, second in zip(disturbances(declared(), ROWS), again, strict=True):
        pd.testing.assert_frame_equal(first.rows, second.rows)

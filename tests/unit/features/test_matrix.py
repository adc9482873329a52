"""Features and target: the same numbers and words for training, scoring and every check."""

import numpy as np
import pyarrow as pa
import pytest

from include.errors import BadData
from include.features.matrix import feature_frame, target_vector
from include.spec import Features
from tests.declared import spec

ROWS = pa.table(
    {
        "late": pa.array([20.0, None, 15.0, 15.5, float("nan")]),
        "line": pa.array(["red", None, "blue", "", "red"]),
        "bus": pa.array([7, 7, 1, None, 2], pa.int64()),
        "full": pa.array([True, None, False, True, True]),
    }
)
REGRESSION = {"task": "regression", "target": {"column": "late"}}
LINES = {
    "task": "multiclass",
    "target": {"column": "line", "classes": ["red", "blue"]},
    "features": {"numeric": ["bus"]},
}
BUSES = {"task": "multiclass", "target": {"column": "bus", "classes": [7, -1, 10]}, "features": {"numeric": ["late"]}}


def test_columns_come_in_the_order_of_the_declaration_and_rows_in_their_own() -> None:
    frame = feature_frame(ROWS, spec(features={"numeric": ["full", "bus"], "categorical": ["line"]}))
    assert list(frame.columns) == ["full", "bus", "line"]
    assert frame["bus"].tolist()[:3] == [7.0, 7.0, 1.0]


def test_numbers_are_floats_with_nan_where_they_are_missing() -> None:
    frame = feature_frame(ROWS, spec(features={"numeric": ["bus", "full"]}))
    assert set(frame.dtypes) == {np.dtype("float64")}
    np.testing.assert_array_equal(frame["bus"], [7, 7, 1, np.nan, 2])
    np.testing.assert_array_equal(frame["full"], [1, np.nan, 0, 1, 1])


def test_numbers_are_held_in_32_bits_where_declared_and_keep_their_places() -> None:
    table = ROWS.append_column("temp", pa.array([1.1, None, -0.0, 3.0, 1e-3]))
    declared = Features(numeric=("temp", "bus", "full"), categorical=("line",), float32=("full", "temp"))
    frame = feature_frame(table, spec().model_copy(update={"features": declared}))
    assert [str(kind) for kind in frame.dtypes] == ["float32", "float64", "float32", "object"]
    assert list(frame) == ["temp", "bus", "full", "line"]
    np.testing.assert_array_equal(frame["temp"], np.array([1.1, np.nan, -0.0, 3, 1e-3], dtype=np.float32))
    np.testing.assert_array_equal(frame["bus"], [7, 7, 1, np.nan, 2])
    np.testing.assert_array_equal(frame["full"], [1, np.nan, 0, 1, 1])


def test_categories_are_words_with_none_where_they_are_missing() -> None:
    frame = feature_frame(ROWS, spec(features={"categorical": ["line", "bus", "full"]}))
    assert set(frame.dtypes) == {np.dtype("object")}
    assert list(frame["line"]) == ["red", None, "blue", "", "red"]
    assert list(frame["bus"]) == ["7", "7", "1", None, "2"]
    assert list(frame["full"]) == ["true", None, "false", "true", "true"]


def test_a_missing_category_does_not_change_how_the_others_are_written() -> None:
    """Integers with a gap must not turn into floats: `7` and `7.0` would be two categories."""
    declared = spec(features={"categorical": ["bus"]})
    gap, whole = pa.table({"bus": pa.array([7, None])}), pa.table({"bus": pa.array([7, 8])})
    assert feature_frame(gap, declared)["bus"][0] == feature_frame(whole, declared)["bus"][0] == "7"


def test_chunks_make_no_difference_and_no_rows_are_no_rows() -> None:
    chunked = pa.concat_tables([ROWS.slice(0, 2), ROWS.slice(2)])
    assert feature_frame(chunked, spec()).equals(feature_frame(ROWS, spec()))
    empty = feature_frame(ROWS.slice(0, 0), spec())
    assert (list(empty.columns), len(empty)) == (["bus", "full", "line"], 0)


def test_a_whole_number_too_large_for_a_float_is_rounded() -> None:
    table = pa.table({"bus": pa.array([2**53 + 1, 3])})
    assert feature_frame(table, spec(features={"numeric": ["bus"]}))["bus"].tolist() == [2.0**53, 3.0]


def test_a_binary_target_is_whether_the_column_lies_above_the_limit_and_nan_where_nobody_knows() -> None:
    np.testing.assert_array_equal(target_vector(ROWS, spec()), [1, np.nan, 0, 1, np.nan])


def test_a_binary_target_without_a_limit_is_the_column() -> None:
    declared = spec(target={"column": "full"}, features={"numeric": ["bus"]})
    np.testing.assert_array_equal(target_vector(ROWS, declared), [1, np.nan, 0, 1, 1])


def test_a_binary_target_without_a_limit_must_be_zero_or_one() -> None:
    declared = spec(target={"column": "bus"}, features={"numeric": ["late"]})
    np.testing.assert_array_equal(target_vector(pa.table({"bus": [0, 1, None]}), declared), [0, 1, np.nan])
    with pytest.raises(BadData, match=r"trip_late: target bus holds 2, 7; a binary target is 0 or 1.*target\.above"):
        target_vector(ROWS, declared)


def test_a_regression_target_is_the_number() -> None:
    np.testing.assert_array_equal(target_vector(ROWS, spec(**REGRESSION)), [20, np.nan, 15, 15.5, np.nan])


def test_a_target_of_several_classes_is_the_place_in_their_list_and_nan_where_nobody_knows() -> None:
    lines = pa.table({"line": ["blue", None, "red", "blue"]})
    np.testing.assert_array_equal(target_vector(lines, spec(**LINES)), [1, np.nan, 0, 1])
    buses = pa.table({"bus": [10, 7, None, -1, 10]})
    np.testing.assert_array_equal(target_vector(buses, spec(**BUSES)), [2, 0, np.nan, 1, 2])


def test_a_class_that_was_not_declared_is_named() -> None:
    lines = pa.table({"line": ["red", "green", None, "amber", "green"]})
    with pytest.raises(BadData, match=r"trip_late: target line holds amber, green; target\.classes are red, blue\."):
        target_vector(lines, spec(**LINES))
    with pytest.raises(BadData, match=r"target bus holds 1; target\.classes are 7, -1, 10\."):
        target_vector(pa.table({"bus": [10, 1]}), spec(**BUSES))

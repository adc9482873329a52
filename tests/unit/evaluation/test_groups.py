"""Groups: every row has one, rare values are pooled, and names can be read."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.evaluation.coded import Coded
from include.evaluation.groups import by_number, by_value, groups_of
from include.lake import profile_table
from include.lake.profile import Profile
from tests.declared import contract, spec, trips

NAN = float("nan")
NO_PROFILE = Profile(rows=0, columns={})


def column(values: list[Any], kind: pa.DataType | None = None) -> pa.ChunkedArray:
    """The values in two chunks, as two partitions give them."""
    return pa.chunked_array([pa.array(part, kind) for part in (values[:2], values[2:])])


def told(coded: Coded) -> list[str]:
    return [coded.names[code] for code in coded.codes]


@pytest.mark.parametrize(
    ("values", "min_rows", "groups", "names"),
    [
        (["b", "a", "b", "c", None], 1, ["b", "a", "b", "c", "missing"], ("a", "b", "c", "missing")),
        (["b", "a", "b", "c", None], 2, ["b", "other", "b", "other", "missing"], ("b", "other", "missing")),
        (["b", "a", "b", "c"], 3, ["other"] * 4, ("other",)),
        ([10, 2, 10, 2, 3, 3], 1, ["10", "2", "10", "2", "3", "3"], ("2", "3", "10")),
        ([True, False, None, True], 1, ["true", "false", "missing", "true"], ("false", "true", "missing")),
        (["other", "other", "a", None], 2, ["other", "other", "other", "missing"], ("other", "missing")),
        (["missing", "missing", None, "a"], 1, ["missing", "missing", "missing", "a"], ("a", "missing")),
        ([None, None, None], 1, ["missing"] * 3, ("missing",)),
        ([], 1, [], ()),
    ],
)
def test_the_groups_of_values(values: list[Any], min_rows: int, groups: list[str], names: tuple[str, ...]) -> None:
    found = by_value(column(values, None if any(values) else pa.string()), min_rows)
    assert told(found) == groups
    assert found.names == names
    assert found.codes.dtype == np.int32


def test_only_the_most_frequent_values_are_groups() -> None:
    values = [f"v{number:03}" for number in range(55) for _ in range(1 + (number >= 5))]
    found = by_value(column(values), 1)
    assert found.names == (*(f"v{number:03}" for number in range(5, 55)), "other")
    assert told(found).count("other") == 5


@pytest.mark.parametrize(
    ("values", "edges", "groups"),
    [
        ([1, 2, 2.5, 3, NAN], [2], ["up to 2", "up to 2", "above 2", "above 2", "missing"]),
        ([500, 500.5, 1024, 1025], [500, 1024], ["up to 500", "500 to 1024", "500 to 1024", "above 1024"]),
        ([1, 9], [2, 3], ["up to 2", "above 3"]),
        ([0.125, 2e9], [0.25, 1e9], ["up to 0.25", "above 1000000000"]),
        ([1000000.25, 1000000.75], [1000000.3, 1000000.4], ["up to 1000000.3", "above 1000000.4"]),
        ([1, NAN], [], ["any", "missing"]),
        ([NAN], [1], ["missing"]),
    ],
)
def test_the_groups_of_numbers(values: list[float], edges: list[float], groups: list[str]) -> None:
    found = by_number(np.array(values), edges)
    assert told(found) == groups
    assert set(found.names) == set(groups)
    assert found.codes.dtype == np.int32


@given(
    st.lists(st.floats(-1e6, 1e6) | st.just(NAN), max_size=40), st.sets(st.floats(-1e6, 1e6), min_size=1, max_size=5)
)
def test_every_number_is_in_the_range_that_it_is_told_to_be_in(values: list[float], edges: set[float]) -> None:
    bounds = sorted(edges)
    found = by_number(np.array(values, dtype=np.float64), bounds)
    assert len(set(found.names)) == len(found.names)
    below = np.array([sum(edge < value for edge in bounds) for value in values])
    assert len({(code, known) for code, known in zip(found.codes, below, strict=True)}) <= len(found.names) + 1
    for code, value in zip(found.codes, values, strict=True):
        assert (found.names[code] == "missing") == np.isnan(value)
        assert found.names[code].startswith("up to") == (value <= bounds[0])
        assert found.names[code].startswith("above") == (value > bounds[-1])


@given(st.lists(st.sampled_from(["a", "b", "c", "d", "other", None]), max_size=60), st.integers(1, 20))
def test_no_group_but_other_and_missing_is_smaller_than_it_may_be(values: list[str | None], min_rows: int) -> None:
    found = by_value(column(values, pa.string()), min_rows)
    sizes = dict(zip(found.names, np.bincount(found.codes, minlength=len(found.names)), strict=True))
    assert sum(sizes.values()) == len(values)
    assert all(size > 0 for size in sizes.values())
    assert all(size >= min_rows for name, size in sizes.items() if name not in {"other", "missing"})


def test_columns_are_cut_at_quintiles_of_the_reference_window_or_where_the_owner_says() -> None:
    reference = profile_table(trips(500, seed=2), contract())
    table = trips(300, seed=1, shift=5)
    found = groups_of(table, spec(), ["bus", "line", "full", "bus"], {}, reference, 20)
    assert list(found) == ["bus", "line", "full"]
    edges = np.floor(reference.columns["bus"].quantiles([0.2, 0.4, 0.6, 0.8]))
    assert found["bus"].names[0] == f"up to {edges[0]:.0f}"
    assert found["bus"].names[-1] == f"above {edges[3]:.0f}"
    shares = np.bincount(found["bus"].codes) / 300
    assert shares[0] < 0.15  # the numbers grew, the edges stayed
    assert shares[-1] > 0.25
    assert found["line"].names == ("blue", "red")
    assert found["full"].names == ("false", "true", "missing")
    assert groups_of(table, spec(), ["bus"], {"bus": (30.0,)}, reference, 20)["bus"].names == ("up to 30", "above 30")


def test_the_edges_of_measured_numbers_have_few_digits() -> None:
    table = trips(400).set_column(3, "late", pa.array(np.linspace(1.23456, 2.34567, 400)))
    found = groups_of(table, spec(), ["late"], {}, NO_PROFILE, 20)["late"]
    assert found.names == ("up to 1.457", "1.457 to 1.679", "1.679 to 1.901", "1.901 to 2.123", "above 2.123")
    assert np.bincount(found.codes).tolist() == [80] * 5


def test_numbers_that_nobody_profiled_are_cut_at_their_own_quintiles() -> None:
    found = groups_of(trips(400, seed=3), spec(), ["bus"], {}, NO_PROFILE, 20)["bus"]
    assert len(found.names) == 5
    assert np.bincount(found.codes).min() > 50


def test_few_whole_numbers_are_values_of_their_own_and_so_are_those_that_name_something() -> None:
    table = trips(300).set_column(1, "bus", pa.array(np.arange(300) % 7 + 1))
    assert groups_of(table, spec(), ["bus"], {}, NO_PROFILE, 20)["bus"].names == tuple("1234567")
    for count, groups in ((12, 12), (13, 5)):
        counted = trips(300).set_column(1, "bus", pa.array(np.arange(300) % count))
        assert len(groups_of(counted, spec(), ["bus"], {}, NO_PROFILE, 20)["bus"].names) == groups
    many = trips(300).set_column(1, "bus", pa.array(np.arange(300) % 20))
    cut = groups_of(many, spec(), ["bus"], {}, NO_PROFILE, 10)["bus"]
    assert cut.names == ("up to 3", "3 to 7", "7 to 11", "11 to 15", "above 15")  # quintiles of 3.8, 7.6, 11.4, 15.2
    named = spec(features={"numeric": ["full"], "categorical": ["bus", "line"]})
    assert len(groups_of(many, named, ["bus"], {}, NO_PROFILE, 10)["bus"].names) == 20


def test_whole_numbers_that_no_float_tells_apart_are_cut_all_the_same() -> None:
    table = trips(300).set_column(1, "bus", pa.array(2**60 + 1 + 10**6 * np.arange(300)))
    found = groups_of(table, spec(), ["bus"], {}, NO_PROFILE, 10)["bus"]
    assert np.bincount(found.codes).tolist() == [60] * 5


def test_a_column_of_missing_numbers_is_one_group() -> None:
    table = trips(30).set_column(3, "late", pa.nulls(30, pa.float64()))
    assert groups_of(table, spec(), ["late"], {}, NO_PROFILE, 5)["late"].names == ("missing",)

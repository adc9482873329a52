"""Profiles and what merging them preserves."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from include.lake import CategoryProfile, NumericProfile, Profile, merge, profile_table
from tests.landing import contract, rows
from tests.profiles import numbers


def numeric(profile: Profile, name: str) -> NumericProfile:
    column = profile.columns[name]
    assert isinstance(column, NumericProfile)
    return column


def category(profile: Profile, name: str) -> CategoryProfile:
    column = profile.columns[name]
    assert isinstance(column, CategoryProfile)
    return column


def lateness(values: list[float | None]) -> Profile:
    n = len(values)
    table = pa.table(
        {
            "at": pa.nulls(n, pa.timestamp("us", "UTC")),
            "bus": pa.nulls(n, pa.int64()),
            "line": pa.nulls(n, pa.string()),
            "late": pa.array(values, pa.float64()),
            "full": pa.nulls(n, pa.bool_()),
        }
    )
    return profile_table(table, contract())


def lines(names: list[str]) -> Profile:
    n = len(names)
    table = pa.table(
        {
            "bus": pa.nulls(n, pa.int64()),
            "line": names,
            "late": pa.nulls(n, pa.float64()),
            "full": pa.nulls(n, pa.bool_()),
        }
    )
    return profile_table(table, contract())


def test_numbers_are_summed_up_without_their_nulls() -> None:
    late = numeric(profile_table(rows(), contract()), "late")
    assert (late.count, late.nulls, late.min, late.max) == (3, 1, -3.0, 20.0)
    assert late.mean == pytest.approx(np.mean([1.5, -3.0, 20.0]))
    assert late.deviation == pytest.approx(np.std([1.5, -3.0, 20.0]))
    assert late.quantiles([0.1, 0.5, 0.9]).tolist() == [-3.0, 1.5, 20.0]
    assert late.shares([0.0, 1.5]).tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3])
    assert late.distinct == 3


def test_strings_and_flags_are_counted() -> None:
    profile = profile_table(rows(), contract())
    assert category(profile, "line").counts == {"blue": 2, "red": 2}
    assert category(profile, "full") == CategoryProfile(count=3, nulls=1, counts={"true": 2, "false": 1})


def test_personal_columns_and_moments_leave_no_values_in_a_profile() -> None:
    profile = profile_table(rows(), contract())
    assert set(profile.columns) == {"bus", "line", "late", "full"}
    assert b"ann" not in profile.to_json()


def test_a_profile_survives_json() -> None:
    profile = profile_table(rows(), contract())
    again = Profile.from_json(profile.to_json())
    assert again == profile
    stored = json.loads(profile.to_json())
    assert stored["version"] == 2
    assert stored["types"]["late"] == "float"


def test_a_profile_of_another_version_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"version"):
        Profile.from_json('{"version": 3, "rows": 0, "columns": {}}')


@pytest.fixture(params=["bytes", "text", "values"])
def of_version_1(request: pytest.FixtureRequest) -> Profile:
    """What was stored when quantiles were KLL sketches: 3000 draws of a normal distribution around 10, some missing."""
    stored = Path(__file__).with_name("profile_version_1.json").read_bytes()
    if request.param == "values":
        return Profile.model_validate(json.loads(stored))
    return Profile.from_json(stored if request.param == "bytes" else stored.decode())


def test_a_profile_of_version_1_says_what_it_said(of_version_1: Profile) -> None:
    late, bus = numeric(of_version_1, "late"), numeric(of_version_1, "bus")
    assert (of_version_1.version, of_version_1.rows, late.count, late.nulls) == (2, 3000, 2686, 314)
    assert late.distribution.total == 2686
    assert late.quantiles([0.1, 0.5, 0.9]) == pytest.approx([10 - 3.84, 10, 10 + 3.84], abs=0.35)
    assert (bus.distribution.counts.tolist(), bus.distinct) == ([1, 2, 1], 3)
    assert numeric(of_version_1, "none").count == 0
    assert category(of_version_1, "line").counts == {"red": 2, "blue": 1}


def test_a_profile_of_version_1_merges_with_one_of_today(of_version_1: Profile) -> None:
    today = Profile(rows=1000, columns={"late": numbers(np.random.default_rng(1).normal(10, 3, 1000))})
    late = numeric(merge([of_version_1, today]), "late")
    assert (late.count, late.distribution.total) == (3686, 3686)
    assert late.quantiles([0.5]) == pytest.approx([10], abs=0.3)


def test_a_merge_is_the_profile_of_all_rows() -> None:
    draws = np.random.default_rng(1).normal(0, 15, 6_000)
    parts = [lateness([*chunk, None]) for chunk in np.split(draws, 12)]
    merged, whole = numeric(merge(parts), "late"), numeric(lateness([*draws, *[None] * 12]), "late")
    assert merge(parts).rows == 6_012
    assert (merged.count, merged.nulls, merged.min, merged.max) == (whole.count, whole.nulls, whole.min, whole.max)
    assert merged.mean == pytest.approx(whole.mean)
    assert merged.m2 == pytest.approx(whole.m2)
    for share in (0.05, 0.5, 0.95):
        below = float(np.mean(draws <= merged.quantiles([share])[0]))
        assert below == pytest.approx(share, abs=0.002)
    assert merged.cells == whole.cells
    assert merged.registers == whole.registers


def test_merging_with_an_empty_partition_changes_nothing_but_rows_and_nulls() -> None:
    full, empty = lateness([1.0, 2.0]), lateness([None])
    for merged in (merge([full, empty]), merge([empty, full])):
        late = numeric(merged, "late")
        assert (late.count, late.nulls, late.min, late.max, late.mean) == (2, 1, 1.0, 2.0, 1.5)
        assert late.distribution.total == 2


def test_an_empty_column_has_neither_minimum_nor_maximum() -> None:
    late = numeric(merge([lateness([None]), lateness([])]), "late")
    assert (late.count, late.nulls, late.min, late.max, late.deviation) == (0, 1, None, None, 0.0)


def test_categories_merge_by_adding() -> None:
    merged = category(merge([lines(["red", "red", "blue"]), lines(["red", "green"])]), "line")
    assert merged == CategoryProfile(count=5, nulls=0, counts={"red": 3, "blue": 1, "green": 1})


def test_rare_categories_beyond_the_most_frequent_are_only_counted() -> None:
    names = [f"line-{n:04}" for n in range(600) for _ in range(2 if n < 100 else 1)]
    line = category(lines(names), "line")
    assert len(line.counts) == 500
    assert line.other == 100
    assert sum(line.counts.values()) + line.other == line.count == 700
    doubled = category(merge([lines(names), lines(names)]), "line")
    assert (len(doubled.counts), doubled.other) == (500, 200)


def test_a_column_that_some_partitions_do_not_have_is_null_there() -> None:
    with_line = lines(["red"])
    without = Profile(rows=7, columns={})
    assert category(merge([with_line, without]), "line").nulls == 7


def test_a_column_that_changed_its_kind_cannot_be_merged() -> None:
    number = Profile(rows=2, columns={"line": lateness([1.0, 2.0]).columns["late"]})
    with pytest.raises(ValueError, match=r"column line is numeric in some profiles"):
        merge([number, lines(["red", "blue"])])


def test_merging_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"no profile to merge"):
        merge([])

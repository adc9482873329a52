"""The days of a reference: counted once, and the same whenever they are asked for."""

import math
from datetime import date

import numpy as np
import pytest

from include.drift import Reference
from include.drift.days import day_table, means
from include.errors import BadData
from include.lake.merging import merge
from include.lake.profile import NumericProfile, Profile
from tests.daily import day_keys, normal_days, profiles, reference
from tests.profiles import numbers, words


def test_the_days_of_a_reference_add_up_to_it() -> None:
    days = profiles({"x": normal_days(20, seed=1, between=1.0), "line": [words({"a": 3, "b": 1}, nulls=2)] * 20})
    table = day_table(merge(days.values()), days)
    assert table.keys == tuple(day_keys(20))
    assert table.days("x").shape == (20, 11)
    assert set(table.days("x").sum(axis=1)) == {200}
    np.testing.assert_allclose(table.days("x").sum(axis=0)[:10], 400, atol=60)
    np.testing.assert_array_equal(table.days("line")[7], [3, 1, 0, 2])
    assert list(table.means) == ["x"]
    column = days["2013-01-03"].columns["x"]
    assert isinstance(column, NumericProfile)
    assert table.means["x"][2] == column.mean


def test_a_day_without_the_column_has_it_all_missing_and_no_mean() -> None:
    days = {"a": Profile(rows=4, columns={"x": numbers([1.0, 2, 3, 4])}), "b": Profile(rows=3, columns={})}
    table = day_table(merge(days.values()), days)
    assert (table.days("x")[1, -1], table.days("x")[1].sum()) == (3, 3)
    assert math.isnan(table.means["x"][1])
    assert math.isnan(means("x", [Profile(rows=1, columns={"x": numbers([None])})])[0])


def test_it_survives_its_file() -> None:
    kept = reference({"x": [*normal_days(3, seed=1), numbers([None])]}, normal_days(4, seed=2))
    again = Reference.model_validate_json(kept.model_dump_json())
    assert again.profile == kept.profile
    np.testing.assert_array_equal(again.features.days("x"), kept.features.days("x"))
    assert math.isnan(again.features.means["x"][3])


def test_only_the_days_to_keep_are_compared_with_and_all_where_none_is_alike() -> None:
    kept = reference({"x": normal_days(14, seed=1)}, normal_days(14, seed=2))
    current = profiles({"x": normal_days(7, seed=3), "prediction": normal_days(7, seed=4)}, first=date(2013, 1, 15))
    monday = {"2013-01-07", "2013-01-14"}
    x, said = kept.columns(("x", "prediction"), current, lambda key: key in monday)
    assert (x.days.reference.shape, x.days.spread.shape) == ((2, 11), (2, 11))
    assert x.days.reference_means is not None
    assert list(x.days.reference_means) == [kept.features.means["x"][6], kept.features.means["x"][13]]
    assert (said.days.reference.shape, said.days.spread.shape) == ((2, 11), (14, 11))
    assert kept.columns(("x",), current, lambda _: False)[0].days.reference.shape == (14, 11)
    assert x.days.current.shape == (7, 11)


def test_a_column_the_reference_lacks_or_that_changed_its_kind_is_named() -> None:
    kept = reference({"x": normal_days(14, seed=1)}, normal_days(14, seed=2))
    current = profiles({"x": [words({"a": 200})] * 7})
    with pytest.raises(BadData, match="lacks column y"):
        kept.columns(("y",), current, lambda _: True)
    with pytest.raises(BadData, match=r"Column x is of kind numeric in .* and category now"):
        kept.columns(("x",), current, lambda _: True)


def test_a_column_that_the_current_window_lacks_is_all_missing_there() -> None:
    kept = reference({"x": normal_days(28, seed=1)}, normal_days(14, seed=2))
    current = {key: Profile(rows=200, columns={}) for key in day_keys(7, date(2013, 2, 1))}
    found = kept.columns(("x",), current, lambda _: True)[0]
    assert found.measures.missing_current == 1
    assert found.days.current[:, -1].tolist() == [200] * 7

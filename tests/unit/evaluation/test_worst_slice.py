"""The search for the worst slice: it finds what was planted, prefers what is simple, large and sure, and can fail."""

import numpy as np
import pytest

from include.evaluation.coded import Coded, Codes
from include.evaluation.worst_slice import STANDARD_ERRORS, Worst, worst
from include.features.matrix import Floats

ROWS, DAYS = 14_000, 7
Groups = dict[str, Coded]


def columns(seed: int = 1, rows: int = ROWS) -> Groups:
    """Five columns of 2 to 6 values that have nothing to do with each other."""
    random = np.random.default_rng(seed)
    return {
        name: Coded(random.integers(0, size, rows).astype(np.int32), tuple(f"{name}{place}" for place in range(size)))
        for name, size in (("a", 2), ("b", 3), ("c", 4), ("d", 5), ("e", 6))
    }


def days(rows: int = ROWS) -> Codes:
    return (np.arange(rows) * DAYS // rows).astype(np.int32)


def noise(seed: int = 2, rows: int = ROWS) -> Floats:
    return np.random.default_rng(seed).normal(0, 1, rows)


def found(loss: Floats, groups: Groups, min_rows: int = 200, min_days: int = 5) -> Worst:
    result = worst(loss, days(len(loss)), groups, min_rows, min_days)
    assert result is not None
    return result


def test_it_finds_a_planted_value() -> None:
    groups = columns()
    loss = noise() + 0.3 * (groups["d"].codes == 3)
    result = found(loss, groups)
    assert result.terms == (("d", "d3"),)
    assert result.compared == 20 + (400 - 4 - 9 - 16 - 25 - 36) // 2
    assert result.rows(groups).tolist() == (groups["d"].codes == 3).tolist()


def test_it_finds_two_values_that_are_bad_only_together() -> None:
    groups = columns()
    planted = (groups["b"].codes == 1) & (groups["e"].codes == 4)
    result = found(noise() + 0.6 * planted, groups)
    assert result.terms == (("b", "b1"), ("e", "e4"))
    assert (result.rows(groups) == planted).all()


def test_a_column_that_says_the_same_as_another_is_no_better_slice() -> None:
    groups = columns()
    twice = {**groups, "f": groups["d"]}
    assert found(noise() + 0.3 * (groups["d"].codes == 3), twice).terms == (("d", "d3"),)


def test_many_rows_a_little_worse_come_before_few_that_are_much_worse_by_chance() -> None:
    groups = columns()
    rare = np.zeros(ROWS, dtype=np.int32)
    rare[::66] = 1
    groups["rare"] = Coded(rare, ("no", "yes"))
    loss = noise() + 0.2 * (groups["a"].codes == 1) + 0.25 * rare
    assert found(loss, groups).terms == (("a", "a1"),)
    assert found(loss + 1.5 * rare, groups).terms == (("rare", "yes"),)


def test_one_bad_day_is_no_slice() -> None:
    groups = columns()
    storm = 4.0 * ((days() == 2) & (groups["d"].codes == 3) & (groups["c"].codes != 2))
    loss = noise() + 0.25 * (groups["c"].codes == 2) + storm
    assert loss[groups["d"].codes == 3].mean() > loss[groups["c"].codes == 2].mean()
    assert found(loss, groups).terms == (("c", "c2"),)


def test_the_rank_is_the_mean_less_four_standard_errors_by_hand() -> None:
    """Two slices of one column; of the first the daily means are 1, 2, 3, of the second all the same."""
    group = Coded(np.tile([0, 1], 6).astype(np.int32), ("one", "two"))
    day = np.repeat([0, 1, 2], 4).astype(np.int32)
    told = []
    for level in np.arange(-0.5, 2.5, 0.05):
        loss = np.where(group.codes == 0, day + 1.0, level)
        of_rows = loss.var() / 6
        of_days = (1 + 0 + 1) * 2**2 * 3 / 2 / 6**2  # three residuals of two rows each
        one = 2 - STANDARD_ERRORS * np.sqrt(max(of_days, of_rows))
        two = level - STANDARD_ERRORS * np.sqrt(of_rows)
        told.append("one" if one > two else "two")
        assert worst(loss, day, {"x": group}, 1, 2) == Worst((("x", told[-1]),), 2)
    assert 10 < told.count("one") < 50


def test_two_days_are_the_fewest_that_can_be_sure() -> None:
    """Of the first slice the daily means are 1 and 3, of the second both the same."""
    group = Coded(np.tile([0, 1], 6).astype(np.int32), ("one", "two"))
    day = np.repeat([0, 1], 6).astype(np.int32)
    told = []
    for level in np.arange(-4.0, 2.0, 0.05):
        loss = np.where(group.codes == 0, 2.0 * day + 1.0, level)
        of_rows = loss.var() / 6
        of_days = (1 + 1) * 3**2 * 2 / 6**2  # two residuals of three rows each
        one = 2 - STANDARD_ERRORS * np.sqrt(max(of_days, of_rows))
        two = level - STANDARD_ERRORS * np.sqrt(of_rows)
        told.append("one" if one > two else "two")
        assert worst(loss, day, {"x": group}, 1, 1) == Worst((("x", told[-1]),), 2)
    assert 10 < told.count("one") < 110
    assert worst(group.codes.astype(float), 0 * day, {"x": group}, 1, 1) is None


@pytest.mark.parametrize(("min_rows", "min_days", "compared"), [(1, 2, 2), (21, 2, 1), (20, 6, 1), (20, 5, 2)])
def test_a_slice_needs_rows_and_days(min_rows: int, min_days: int, compared: int) -> None:
    """70 rows over 7 days; 20 of them, on five of the days, are bad."""
    bad = (np.arange(70) % 10 < 4) & (days(70) < 5)
    group = Coded(bad.astype(np.int32), ("good", "bad"))
    result = found(noise(3, 70) / 10 + bad, {"x": group}, min_rows, min_days)
    assert result.compared == compared
    assert result.terms == ((("x", "bad"),) if compared == 2 else (("x", "good"),))


def test_where_no_slice_is_large_enough_nothing_is_found() -> None:
    groups = columns()
    assert worst(noise(), days(), groups, ROWS, 5) is None
    assert worst(noise(), days(), groups, 200, 8) is None
    assert worst(noise(), days(), {}, 200, 5) is None
    empty = {"x": Coded(np.zeros(0, np.int32), ())}
    assert worst(noise()[:0], days()[:0], empty, 1, 1) is None


def test_the_columns_are_left_as_they_were() -> None:
    groups, before = columns(), columns()
    found(noise(), groups)
    assert all((groups[name].codes == before[name].codes).all() for name in groups)

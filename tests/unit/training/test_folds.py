"""The folds of a search: validation parts side by side at the end of the window, each after a gap."""

from datetime import date, timedelta

import pytest

from include.errors import NotFound
from include.training.folds import folds

NEW_YEAR = date(2013, 1, 1)


def shown(days: int, count: int, gap: int, longest: int) -> list[str]:
    """Each fold in days of the window, from 1."""
    found = folds(NEW_YEAR, NEW_YEAR + timedelta(days=days - 1), count, gap, longest)
    parts = [(one.fit.first, one.fit.last, one.validation.first, one.validation.last) for one in found]
    numbers = [[(day - NEW_YEAR).days + 1 if day else 0 for day in part] for part in parts]
    return ["{}-{} | {}-{}".format(*one) for one in numbers]


@pytest.mark.parametrize(
    ("days", "count", "gap", "longest", "expected"),
    [
        (41, 2, 1, 14, ["1-14 | 16-28", "1-27 | 29-41"]),
        (41, 2, 0, 14, ["1-15 | 16-28", "1-28 | 29-41"]),
        (100, 3, 2, 14, ["1-56 | 59-72", "1-70 | 73-86", "1-84 | 87-100"]),
        (100, 1, 0, 7, ["1-93 | 94-100"]),
        (4, 3, 0, 14, ["1-1 | 2-2", "1-2 | 3-3", "1-3 | 4-4"]),
        (6, 3, 2, 14, ["1-1 | 4-4", "1-2 | 5-5", "1-3 | 6-6"]),
        (7, 3, 2, 14, ["1-2 | 5-5", "1-3 | 6-6", "1-4 | 7-7"]),
    ],
)
def test_each_fold_learns_from_all_days_before_its_gap(
    days: int, count: int, gap: int, longest: int, expected: list[str]
) -> None:
    assert shown(days, count, gap, longest) == expected


@pytest.mark.parametrize(("days", "gap"), [(3, 0), (5, 2)])
def test_a_window_with_a_day_too_few_is_not_split(days: int, gap: int) -> None:
    with pytest.raises(
        NotFound, match=rf"The {days} days .* 3 search folds with a gap of {gap} days; required: {days + 1}"
    ):
        shown(days, 3, gap, 14)


@pytest.mark.parametrize(("days", "count", "gap", "longest"), [(60, 4, 3, 7), (33, 5, 0, 30), (365, 20, 7, 14)])
def test_no_day_is_learnt_from_whose_label_was_not_known(days: int, count: int, gap: int, longest: int) -> None:
    found = folds(NEW_YEAR, NEW_YEAR + timedelta(days=days - 1), count, gap, longest)
    for one in found:
        assert one.validation.first is not None
        assert (one.validation.first - one.fit.last).days == gap + 1
        assert 1 <= (one.validation.last - one.validation.first).days + 1 <= longest
    starts = [one.validation.first for one in found[1:]]
    assert starts == [one.validation.last + timedelta(days=1) for one in found[:-1]]
    assert found[-1].validation.last == NEW_YEAR + timedelta(days=days - 1)

"""Blocks: rows by group and day, and days by week."""

import numpy as np
import pytest

from include.evaluation.blocks import Cells, weeks
from include.evaluation.coded import Coded


def test_rows_are_summed_by_group_and_block() -> None:
    groups = Coded(np.array([1, 0, 1, 1], dtype=np.int32), ("a", "b", "nobody"))
    cells = Cells.of(np.array([0, 1, 1, 1], dtype=np.int32), groups)
    assert (cells.groups, cells.blocks) == (3, 2)
    assert cells.totals().tolist() == [[0, 1], [1, 2], [0, 0]]
    assert cells.totals(np.array([1.0, 2, 4, 8])).tolist() == [[0, 2], [1, 12], [0, 0]]


def test_without_groups_all_rows_are_in_one() -> None:
    cells = Cells.of(np.array([2, 0, 2], dtype=np.int32))
    assert (cells.groups, cells.blocks) == (1, 3)
    assert cells.totals().tolist() == [[1, 0, 2]]
    assert Cells.of(np.array([], dtype=np.int32)).totals().shape == (1, 0)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (14, [0] * 7 + [1] * 7),
        (15, [0] * 8 + [1] * 7),
        (20, [0] * 13 + [1] * 7),
        (21, [0] * 7 + [1] * 7 + [2] * 7),
        (7, [0] * 7),
        (3, [0] * 3),
        (1, [0]),
    ],
)
def test_weeks_are_counted_back_from_the_newest_day(days: int, expected: list[int]) -> None:
    assert weeks(np.arange(days, dtype=np.int32)).tolist() == expected


def test_days_without_rows_do_not_count() -> None:
    days = np.delete(np.arange(16, dtype=np.int32), [3, 9]).repeat(2)
    assert weeks(days).tolist() == [0] * 14 + [1] * 14

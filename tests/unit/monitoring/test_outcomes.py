"""The join of what was said with what came of it, whatever order, doubles and strangers the labels come in."""

import pyarrow as pa
import pytest

from include.monitoring.outcomes import places

ASKED = pa.table({"at": [1, 2, 3, 3], "bus": ["a", "b", "c", "d"]})


def answered(*rows: tuple[int, str | None]) -> pa.Table:
    return pa.table({"at": pa.array([at for at, _ in rows], pa.int64()), "bus": pa.array([bus for _, bus in rows])})


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([(1, "a"), (2, "b"), (3, "c"), (3, "d")], [0, 1, 2, 3]),
        ([(3, "d"), (3, "c"), (1, "a"), (2, "b")], [2, 3, 1, 0]),  # out of order
        ([(2, "b")], [-1, 0, -1, -1]),  # most are still to come
        ([(2, "b"), (1, "a"), (2, "b")], [1, 2, -1, -1]),  # twice: the later counts
        ([(9, "a"), (1, "z"), (1, "a")], [2, -1, -1, -1]),  # of rows that nobody asked for
        ([(1, None), (1, "a")], [1, -1, -1, -1]),
    ],
)
def test_each_row_finds_its_label(labels: list[tuple[int, str | None]], expected: list[int]) -> None:
    assert places(ASKED, answered(*labels), ["at", "bus"]).tolist() == expected


def test_without_labels_no_row_finds_one() -> None:
    assert places(ASKED, ASKED.slice(0, 0), ["at", "bus"]).tolist() == [-1] * 4


def test_a_prediction_id_is_a_key_like_any_other() -> None:
    log = pa.table({"prediction_id": ["p1", "p2"]})
    assert places(log, pa.table({"prediction_id": ["p2", "p7", "p1"]}), ["prediction_id"]).tolist() == [2, 0]

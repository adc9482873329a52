"""Windows: what a training may learn from, what it is judged on, and the gap that labels need between them."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from include.spec import ModelSpec
from include.training.windows import Window, windows
from tests.declared import spec

AS_OF = date(2013, 4, 1)


def declared(delay: int = 0, held_out: int = 14, history: int | None = None) -> ModelSpec:
    return spec(label_delay_days=delay, training={"held_out_days": held_out, "history_days": history})


@pytest.mark.parametrize(
    ("delay", "held_out", "history", "training", "judged"),
    [
        (0, 14, None, (None, "03-17"), ("03-18", "03-31")),
        (1, 14, None, (None, "03-16"), ("03-18", "03-31")),
        (2, 14, None, (None, "03-14"), ("03-17", "03-30")),
        (7, 14, None, (None, "03-04"), ("03-12", "03-25")),
        (0, 1, None, (None, "03-30"), ("03-31", "03-31")),
        (0, 14, 90, ("01-01", "03-17"), ("03-18", "03-31")),
        (1, 14, 31, ("03-01", "03-16"), ("03-18", "03-31")),
        (0, 14, 15, ("03-17", "03-17"), ("03-18", "03-31")),
        (1, 14, 16, ("03-16", "03-16"), ("03-18", "03-31")),
        (7, 14, 28, ("03-04", "03-04"), ("03-12", "03-25")),
    ],
)
def test_windows_by_delay_and_length(
    delay: int, held_out: int, history: int | None, training: tuple[str | None, str], judged: tuple[str, str]
) -> None:
    def day(text: str | None) -> date | None:
        return date.fromisoformat(f"2013-{text}") if text else None

    found = windows(declared(delay, held_out, history), AS_OF)
    assert (found.training.first, found.training.last) == (day(training[0]), day(training[1]))
    assert (found.held_out.first, found.held_out.last) == (day(judged[0]), day(judged[1]))


@pytest.mark.parametrize("delay", [0, 1, 2, 7])
@pytest.mark.parametrize("held_out", [8, 14])
def test_no_window_sees_as_of_or_a_label_nobody_knew(delay: int, held_out: int) -> None:
    """A label of day d is known on day d + delay; held-out rows are judged on `as_of`, predicted earlier."""
    found = windows(declared(delay, held_out), AS_OF)
    first, last = found.held_out.first, found.held_out.last
    assert first is not None
    assert last < AS_OF
    assert last + timedelta(days=delay) <= AS_OF
    assert (last - first).days + 1 == held_out
    assert found.training.last + timedelta(days=delay) < first


@pytest.mark.parametrize(("delay", "shortest"), [(0, 15), (1, 16), (7, 28)])
def test_the_shortest_history_leaves_one_day_and_a_shorter_one_is_refused(delay: int, shortest: int) -> None:
    found = windows(declared(delay, 14, shortest), AS_OF)
    assert found.training.first == found.training.last
    with pytest.raises(ValidationError, match=f"history_days {shortest - 1} leaves nothing"):
        declared(delay, 14, shortest - 1)


def test_windows_cross_the_end_of_a_leap_february() -> None:
    found = windows(declared(1, 2), date(2024, 3, 1))
    assert str(found.held_out) == "2024-02-28 to 2024-02-29"
    assert str(found.training) == "the beginning to 2024-02-26"


def test_a_window_reads_as_its_days() -> None:
    assert str(Window(date(2013, 1, 1), date(2013, 1, 9))) == "2013-01-01 to 2013-01-09"
    assert str(Window(None, date(2013, 1, 9))) == "the beginning to 2013-01-09"

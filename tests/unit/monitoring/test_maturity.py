"""When labels are in: ages, the share that has come by each, and the watermark, on days whose truth is known."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from include.monitoring.maturity import Arrival, maturity, watermark

FIRST = date(2013, 1, 1)
DELAYS = {0: 0.5, 3: 0.3, 10: 0.2}  # of the labels of a day, how many come with it, three and ten days later


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def lived(days: int, delays: dict[int, float], rows: int = 100) -> dict[date, list[Arrival]]:
    """Every day's versions as they had come when `days` days had passed."""
    return {
        day(one): [
            Arrival(day(one), day(one + age), rows, round(rows * sum(list(delays.values())[: place + 1])))
            for place, age in enumerate(delays)
            if one + age < days
        ]
        for one in range(days)
    }


def test_the_curve_is_that_of_the_delays_though_young_days_have_had_no_time() -> None:
    found = maturity(lived(30, DELAYS), day(29), delay=1)
    assert found.shares[:3] == pytest.approx([0.5] * 3)
    assert found.shares[3:10] == pytest.approx([0.8] * 7)
    assert found.shares[10:] == pytest.approx([1.0] * 20)
    assert found.age == 10


def test_a_plain_average_over_days_would_have_called_labels_complete_too_early() -> None:
    """Of twelve days only two are ten days old: the others do not hide that their last fifth is still to come."""
    found = maturity(lived(12, DELAYS), day(11), delay=1)
    assert found.shares[9] == pytest.approx(0.8)
    assert found.age == 10


def test_labels_that_come_with_their_day_count_after_the_declared_delay() -> None:
    found = maturity(lived(20, {0: 0.9}), day(19), delay=2)
    assert (found.shares[0], found.age) == (1.0, 2)


def test_without_a_label_only_the_declared_delay_is_known() -> None:
    found = maturity(lived(20, {0: 0.0}), day(19), delay=5)
    assert (found.shares, found.age) == ((), 5)


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]])
def test_a_history_that_lands_in_any_order_has_labels_of_age_none(order: Sequence[int]) -> None:
    """Its versions were seen late, but their labels came with them."""
    newest, versions = FIRST, {}
    for one in order:
        newest = max(newest, day(one))
        versions[day(one)] = [Arrival(day(one), newest, 100, 97)]
    assert maturity(versions, day(3), delay=0).age == 0


def test_labels_that_were_taken_back_do_not_make_the_curve_fall() -> None:
    versions = lived(20, {0: 0.9})
    versions[day(3)].append(Arrival(day(3), day(8), 100, 40))
    shares = maturity(versions, day(19), delay=0).shares
    assert list(shares) == sorted(shares)


def test_the_watermark_is_the_newest_day_of_that_age() -> None:
    mark = watermark(lived(30, DELAYS), day(29), age=10)
    assert (mark.day, mark.waiting) == (day(19), ())


def test_a_day_whose_labels_are_late_is_waited_for_and_named() -> None:
    versions = lived(30, DELAYS)
    versions[day(15)] = [Arrival(day(15), day(15), 100, 20)]
    versions[day(19)] = [Arrival(day(19), day(19), 100, 0)]
    mark = watermark(versions, day(29), age=10)
    assert (mark.day, mark.waiting) == (day(18), (day(15), day(19)))


def test_where_no_label_has_come_every_day_is_waited_for() -> None:
    mark = watermark(lived(5, {0: 0.0}), day(4), age=1)
    assert (mark.day, mark.waiting) == (None, tuple(day(one) for one in range(4)))


def test_what_came_after_today_is_not_known_today() -> None:
    """A watch that runs again for a day of the past counts the labels of that day."""
    versions = lived(30, DELAYS)
    assert watermark(versions, day(12), age=10).day == day(2)
    later = {**versions, day(2): [Arrival(day(2), day(20), 100, 100)]}
    assert watermark(later, day(12), age=10).waiting == (day(2),)

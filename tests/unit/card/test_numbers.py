"""Numbers on a card have as many digits as are worth reading, and words where there is none."""

import pytest

from include.card.numbers import between, share, shown, signed

NAN, INFINITE = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.71234, "0.7123"),
        (-0.00004, "0.0000"),
        (1.0, "1.000"),
        (12.3456, "12.35"),
        (-123.456, "-123.5"),
        (12345.6, "12,346"),
        (0.0, "0.0000"),
        (None, "-"),
        (NAN, "not defined"),
        (INFINITE, "∞"),
        (-INFINITE, "-∞"),
    ],
)
def test_a_number_is_as_long_as_it_is_worth(value: float | None, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(("value", "text"), [(0.0042, "+0.0042"), (-0.01, "-0.0100"), (0.0, "0.0000")])
def test_a_difference_has_its_sign(value: float, text: str) -> None:
    assert signed(value) == text


@pytest.mark.parametrize(
    ("lower", "upper", "text"),
    [
        (0.69, 0.72, "0.6900 to 0.7200"),
        (-INFINITE, 0.72, "-∞ to 0.7200"),
        (NAN, NAN, ""),
        (None, None, ""),
        (None, 0.5, "- to 0.5000"),
    ],
)
def test_an_interval_is_shown_where_there_is_one(lower: float | None, upper: float | None, text: str) -> None:
    assert between(lower, upper) == text


def test_a_share_is_per_cent_and_nothing_of_nothing_is_none() -> None:
    assert share(1, 8) == "12.5 %"
    assert share(0, 0) == "-"

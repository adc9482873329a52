"""Not degenerate: clear pass, clear fail, the threshold itself, missing, not a number."""

import numpy as np
import pytest

from include.features.matrix import Floats
from include.gates import decide
from include.gates.result import Status
from tests.evaluations import GOOD, NAN, TARGET, gates, held_out, with_one


@pytest.mark.parametrize(
    ("spread", "status"), [(1.0, "pass"), (0.051, "pass"), (0.05, "pass"), (0.049, "fail"), (0.0, "fail")]
)
def test_not_degenerate(spread: float, status: Status) -> None:
    """The target is +-8, so that spreads are exact fractions of it."""
    target = np.tile([-8.0, 8.0], 60)
    result = decide("not_degenerate", held_out(target, 0.5 + spread * target, task="regression"), gates(spread=0.05))
    assert (result.status, [one.name for one in result.checks]) == (status, ["spread"])
    assert result.checks[0].observed == pytest.approx(spread, abs=1e-12)


def test_not_degenerate_at_its_threshold_exactly() -> None:
    target = np.tile([-8.0, 8.0], 60)
    exact = held_out(target, target / 4, task="regression")
    assert decide("not_degenerate", exact, gates(spread=0.25)).status == "pass"
    assert decide("not_degenerate", exact, gates(spread=0.2500001)).status == "fail"


@pytest.mark.parametrize("target", [np.zeros(120), np.ones(120)])
def test_the_spread_cannot_be_judged_where_all_targets_are_equal(target: Floats) -> None:
    result = decide("not_degenerate", held_out(target, GOOD), gates())
    assert result.status == "error"
    assert "all 120 held-out targets are equal" in result.sentence


def test_no_rows_are_an_error() -> None:
    nothing = held_out(np.array([]), np.array([]))
    result = decide("not_degenerate", nothing, gates())
    assert result.status == "error"
    assert "there are no held-out rows" in result.sentence
    assert decide("absolute_floor", nothing, gates()).status == "error"


def test_the_count_of_predictions_that_are_no_numbers_is_told() -> None:
    result = decide("not_degenerate", held_out(TARGET, with_one(GOOD, NAN)), gates())
    assert "1 of 120 held-out predictions are not finite" in result.sentence


@pytest.mark.parametrize(
    ("spread", "status"), [(1.0, "pass"), (0.051, "pass"), (0.05, "pass"), (0.049, "fail"), (0.0, "fail")]
)
def test_several_classes_spread_together(spread: float, status: Status) -> None:
    """Probabilities that follow the classes fully spread as the classes do."""
    target = np.arange(120) % 3
    said = 1 / 3 + spread * (np.eye(3)[target] - 1 / 3)
    result = decide(
        "not_degenerate",
        held_out(target.astype(float), said, task="multiclass", classes=("a", "b", "c")),
        gates(spread=0.05 - 1e-12),
    )
    assert (result.status, result.checks[0].observed) == (status, pytest.approx(spread))


@pytest.mark.parametrize("value", [NAN, np.inf, -np.inf])
def test_one_probability_that_is_no_number_is_one_row(value: float) -> None:
    said = np.full((120, 3), 1 / 3)
    said[4, :2] = value
    result = decide(
        "not_degenerate", held_out(np.arange(120) % 3.0, said, task="multiclass", classes=("a", "b", "c")), gates()
    )
    assert result.status == "error"
    assert "1 of 120 held-out predictions are not finite" in result.sentence


def test_two_classes_spread_as_yes_and_no_do() -> None:
    both = np.column_stack([1 - GOOD, GOOD])
    of_classes = decide("not_degenerate", held_out(TARGET, both, task="multiclass", classes=("no", "yes")), gates())
    assert of_classes.checks[0].observed == pytest.approx(
        decide("not_degenerate", held_out(TARGET, GOOD), gates()).checks[0].observed
    )

"""Reference-set sanity: clear pass, clear fail, the threshold itself, missing, no champion yet."""

import numpy as np
import pytest

from include.gates import decide
from include.gates.result import Status
from tests.evaluations import GOOD, NAN, POOR, TARGET, gates, held_out, with_one

FIXED = np.array([0.25, 0.5, 0.75])


@pytest.mark.parametrize(
    ("by", "status"),
    [(0.0, "pass"), (0.124, "pass"), (0.125, "pass"), (0.126, "fail"), (0.25, "fail"), (-0.25, "fail")],
)
def test_reference_sanity_of_probabilities(by: float, status: Status) -> None:
    evidence = held_out(TARGET, GOOD, POOR, reference=FIXED + by, reference_champion=FIXED)
    result = decide("reference_sanity", evidence, gates(difference=0.125))
    assert (result.status, [one.name for one in result.checks]) == (status, ["difference"])
    assert result.checks[0].observed == pytest.approx(abs(by))


@pytest.mark.parametrize(("by", "status"), [(0.5, "pass"), (1.0, "pass"), (1.01, "fail"), (-2.0, "fail")])
def test_reference_sanity_of_a_regression_is_in_standard_deviations_of_its_target(by: float, status: Status) -> None:
    target = np.tile([-8.0, 8.0], 60)
    evidence = held_out(
        target, target / 2, target / 4, task="regression", reference=FIXED + by, reference_champion=FIXED
    )
    result = decide("reference_sanity", evidence, gates(difference=0.125))
    assert result.status == status
    assert result.checks[0].observed == pytest.approx(abs(by) / 8)


@pytest.mark.parametrize(("by", "status"), [(0.0, "pass"), (0.125, "pass"), (0.126, "fail"), (0.5, "fail")])
def test_reference_sanity_of_several_classes_is_half_the_sum_over_them(by: float, status: Status) -> None:
    """So that two classes give what the probability of yes gives."""
    target, fixed = np.arange(120) % 3, np.full((3, 3), 1 / 3)
    moved = fixed + np.array([by, -by / 2, -by / 2])
    said = np.full((120, 3), 1 / 3)
    evidence = held_out(
        target.astype(float),
        said,
        said,
        task="multiclass",
        classes=("a", "b", "c"),
        reference=moved,
        reference_champion=fixed,
    )
    result = decide("reference_sanity", evidence, gates(difference=0.125 + 1e-12))
    assert (result.status, result.checks[0].observed) == (status, pytest.approx(by))


def test_a_champion_of_other_classes_is_an_error() -> None:
    said = np.full((120, 3), 1 / 3)
    evidence = held_out(
        np.arange(120) % 3.0,
        said,
        None,
        task="multiclass",
        classes=("a", "b", "c"),
        reference=said[:4],
        champion_version="4",
        champion_problem="champion v4 answers another question",
    )
    result = decide("reference_sanity", evidence, gates())
    assert (result.status, result.sentence) == ("error", "champion v4 answers another question")


def test_one_class_that_is_no_number_is_an_error() -> None:
    said, fixed = np.full((120, 3), 1 / 3), np.full((4, 3), 1 / 3)
    wrong = fixed.copy()
    wrong[2, 1] = NAN
    for challenger, champion in ((wrong, fixed), (fixed, wrong)):
        evidence = held_out(
            np.arange(120) % 3.0,
            said,
            said,
            task="multiclass",
            classes=("a", "b", "c"),
            reference=challenger,
            reference_champion=champion,
        )
        assert decide("reference_sanity", evidence, gates()).status == "error"


def test_differences_that_cancel_out_still_count() -> None:
    evidence = held_out(TARGET, GOOD, POOR, reference=FIXED[::-1].copy(), reference_champion=FIXED)
    assert decide("reference_sanity", evidence, gates()).status == "fail"
    assert decide("reference_sanity", evidence, gates(difference=0.4)).status == "pass"


def test_reference_sanity_without_a_champion_asks_for_finite_numbers_only() -> None:
    result = decide("reference_sanity", held_out(TARGET, GOOD), gates())
    assert (result.status, result.sentence) == (
        "pass",
        "no champion yet: predictions on the 3 reference rows are finite",
    )
    assert [(one.name, one.threshold) for one in result.checks] == [("difference", 0.1)]


@pytest.mark.parametrize("value", [NAN, np.inf, -np.inf])
def test_reference_predictions_that_are_no_numbers_are_an_error_without_a_champion_too(value: float) -> None:
    result = decide("reference_sanity", held_out(TARGET, GOOD, reference=np.array([0.1, value])), gates())
    why = "the challenger's predictions on the 2 reference rows are missing or not finite"
    assert (result.status, result.sentence) == ("error", why)


@pytest.mark.parametrize("value", [NAN, np.inf, -np.inf])
def test_a_champion_without_finite_reference_predictions_is_an_error(value: float) -> None:
    evidence = held_out(TARGET, GOOD, POOR, reference=FIXED, reference_champion=with_one(np.ones(4), value)[1:])
    result = decide("reference_sanity", evidence, gates())
    why = "the difference on the 3 reference rows could not be measured"
    assert (result.status, result.sentence, result.checks[0].observed) == ("error", why, None)


def test_a_champion_that_answered_other_reference_rows_is_an_error() -> None:
    evidence = held_out(TARGET, GOOD, POOR, reference=FIXED, reference_champion=FIXED[:1])
    result = decide("reference_sanity", evidence, gates())
    assert (result.status, "1 of 3 reference predictions" in result.sentence) == ("error", True)


def test_an_empty_reference_set_is_an_error() -> None:
    result = decide("reference_sanity", held_out(TARGET, GOOD, reference=np.array([])), gates())
    assert result.status == "error"
    assert "0 reference rows" in result.sentence


def test_a_regression_whose_target_never_changes_cannot_be_compared() -> None:
    evidence = held_out(np.ones(120), GOOD, POOR, task="regression", reference=FIXED, reference_champion=FIXED + 0.1)
    assert decide("reference_sanity", evidence, gates()).status == "error"

"""Every gate as a table: clear pass, clear fail, the threshold itself, missing, not a number, no champion yet."""

import math

import numpy as np
import pytest

from include.evaluation.evidence import Evidence
from include.features.matrix import Floats
from include.gates import DECIDE
from include.gates.result import GateResult, Status
from include.spec import AbsoluteFloor, Gates, NonInferior, NotDegenerate, ReferenceSanity
from include.spec.model import Metric
from tests.evaluations import held_out

NAN = float("nan")
TARGET = np.tile([0.0, 0.0, 1.0, 0.0, 1.0, 1.0], 20)
GOOD = np.where(TARGET == 1, 0.8, 0.2)
POOR = np.where(np.arange(120) % 5 == 0, 1 - GOOD, GOOD)
FLAT = np.full(120, 0.5)


def gates(
    floor: tuple[Metric, float] = ("auc", 0.6),
    non_inferior: tuple[Metric, float] = ("auc", 0.05),
    spread: float = 0.05,
    difference: float = 0.1,
) -> Gates:
    return Gates(
        absolute_floor=AbsoluteFloor(metric=floor[0], threshold=floor[1]),
        non_inferior=NonInferior(metric=non_inferior[0], margin=non_inferior[1]),
        not_degenerate=NotDegenerate(min_relative_spread=spread),
        reference_sanity=ReferenceSanity(max_mean_abs_difference=difference),
    )


def with_one(values: Floats, value: float) -> Floats:
    changed = values.copy()
    changed[3] = value
    return changed


def test_a_gate_for_every_declared_rule_and_only_a_pass_passes() -> None:
    assert tuple(DECIDE) == gates().names
    passed = {
        status: GateResult(gate="g", status=status, observed=1, threshold=1, sentence="").passed
        for status in ("pass", "fail", "inconclusive", "error")
    }
    assert passed == {"pass": True, "fail": False, "inconclusive": False, "error": False}


@pytest.mark.parametrize("name", DECIDE)
@pytest.mark.parametrize("value", [NAN, np.inf, -np.inf])
def test_one_prediction_that_is_no_number_is_an_error_for_every_gate(name: str, value: float) -> None:
    wrong = held_out(TARGET, with_one(GOOD, value), POOR, reference=np.array([0.2, value]), reference_champion=FLAT[:2])
    result = DECIDE[name](wrong, gates())
    assert (result.gate, result.status, result.observed) == (name, "error", None)
    sound = held_out(TARGET, GOOD, POOR, reference=np.array([0.45, 0.5]), reference_champion=FLAT[:2])
    assert DECIDE[name](sound, gates()).status == "pass"


@pytest.mark.parametrize("name", DECIDE)
def test_every_gate_says_what_it_saw_and_what_is_required(name: str) -> None:
    result = DECIDE[name](held_out(TARGET, GOOD, POOR), gates())
    assert result.gate == name
    assert result.threshold is not None
    assert (
        f"required >= {result.threshold:g}" in result.sentence or f"required <= {result.threshold:g}" in result.sentence
    )


# Absolute floor


@pytest.mark.parametrize(
    ("metric", "value", "status"),
    [
        ("auc", 0.9, "pass"),
        ("auc", 0.601, "pass"),
        ("auc", 0.6, "pass"),
        ("auc", 0.599, "fail"),
        ("auc", 0.1, "fail"),
        ("auc", NAN, "error"),
        ("auc", None, "error"),
        ("r2", 0.61, "pass"),
        ("r2", 0.59, "fail"),
        ("mae", 0.1, "pass"),
        ("mae", 0.599, "pass"),
        ("mae", 0.6, "pass"),
        ("mae", 0.601, "fail"),
        ("mae", 40.0, "fail"),
        ("mae", math.inf, "error"),
        ("mae", None, "error"),
        ("brier", 0.59, "pass"),
        ("brier", 0.61, "fail"),
    ],
)
def test_absolute_floor(metric: Metric, value: float | None, status: Status) -> None:
    measured = {} if value is None else {metric: value, "other": 0.6}
    result = DECIDE["absolute_floor"](held_out(TARGET, GOOD, challenger_metrics=measured), gates((metric, 0.6)))
    assert (result.status, result.threshold) == (status, 0.6)
    assert result.observed == (None if status == "error" else value)
    assert (">= 0.6" if metric in {"auc", "r2"} else "<= 0.6") in result.sentence


def test_absolute_floor_judges_the_challenger_whatever_the_champion_is() -> None:
    better_champion = held_out(TARGET, POOR, GOOD)
    floor = better_champion.summary.challenger_metrics["auc"]
    assert better_champion.summary.champion_metrics != better_champion.summary.challenger_metrics
    assert DECIDE["absolute_floor"](better_champion, gates(("auc", floor))).status == "pass"
    assert DECIDE["absolute_floor"](better_champion, gates(("auc", floor + 0.001))).status == "fail"


def test_absolute_floor_with_one_class_is_an_error() -> None:
    result = DECIDE["absolute_floor"](held_out(np.zeros(120), GOOD), gates())
    assert result.status == "error"
    assert "auc could not be measured on 120 held-out rows; required >= 0.6" in result.sentence


# Non-inferior


def shifted(by: float, noise: float = 0.0, days: int = 10) -> Evidence:
    """A regression whose challenger's absolute error is larger by `by` every day, give or take `noise` by day."""
    rows = np.arange(120)
    day = rows * days // 120
    wobble = noise * np.random.default_rng(1).normal(0, 1, days)[day]
    target = np.linspace(-5, 5, 120)
    return held_out(target, target + 10 + by + wobble, target + 10, days=days, task="regression")


@pytest.mark.parametrize(
    ("by", "noise", "status"),
    [
        (-3.0, 0.0, "pass"),
        (0.0, 0.0, "pass"),
        (0.49, 0.0, "pass"),
        (0.5, 0.0, "pass"),
        (0.51, 0.0, "fail"),
        (4.0, 0.0, "fail"),
        (0.5, 3.0, "inconclusive"),
        (-9.0, 3.0, "pass"),
        (9.0, 3.0, "fail"),
    ],
)
def test_non_inferior_by_a_metric_where_less_is_better(by: float, noise: float, status: Status) -> None:
    result = DECIDE["non_inferior"](shifted(by, noise), gates(non_inferior=("mae", 0.5)))
    assert (result.status, result.threshold) == (status, -0.5)
    assert result.lower is not None
    assert result.upper is not None
    assert (result.lower >= -0.5) == (status == "pass")
    assert (result.upper < -0.5) == (status == "fail")
    assert noise or result.observed == pytest.approx(-by, abs=1e-9)


@pytest.mark.parametrize(
    ("challenger", "champion", "status"),
    [(GOOD, POOR, "pass"), (POOR, GOOD, "fail"), (GOOD, GOOD, "pass"), (FLAT, GOOD, "fail"), (GOOD, FLAT, "pass")],
)
def test_non_inferior_by_a_metric_where_greater_is_better(challenger: Floats, champion: Floats, status: Status) -> None:
    result = DECIDE["non_inferior"](held_out(TARGET, challenger, champion), gates())
    assert result.status == status
    assert "champion v4" in result.sentence


def test_a_challenger_that_ties_the_champion_passes_even_without_a_margin() -> None:
    result = DECIDE["non_inferior"](held_out(TARGET, GOOD, GOOD), gates(non_inferior=("auc", 0.0)))
    assert (result.status, result.observed, result.lower, result.upper) == ("pass", 0, 0, 0)
    worse = with_one(GOOD, 0.9)
    assert DECIDE["non_inferior"](held_out(TARGET, worse, GOOD), gates(non_inferior=("auc", 0.0))).status != "pass"


@pytest.mark.parametrize(
    ("days", "better", "worse"),
    [(1, "inconclusive", "inconclusive"), (4, "inconclusive", "inconclusive"), (5, "pass", "fail")],
)
def test_non_inferior_needs_enough_days_to_tell_either_way(days: int, better: Status, worse: Status) -> None:
    by = gates(non_inferior=("mae", 0.5))
    assert DECIDE["non_inferior"](shifted(-3, days=days), by).status == better
    result = DECIDE["non_inferior"](shifted(3, days=days), by)
    assert result.status == worse
    assert (f"{days} days of rows are too few to tell, 5 are needed" in result.sentence) == (days < 5)


@pytest.mark.parametrize(("margin", "status"), [(0.4, "fail"), (0.5, "inconclusive"), (0.6, "inconclusive")])
def test_a_loss_that_may_be_just_the_margin_is_not_told_to_be_larger(margin: float, status: Status) -> None:
    """Four days lose 0.5, the fifth 1.5: the upper bound is exactly -0.5, the mean of draws without the fifth."""
    day = np.arange(120) * 5 // 120
    evidence = held_out(np.zeros(120), 10.5 + (day == 4), np.full(120, 10.0), days=5, task="regression")
    result = DECIDE["non_inferior"](evidence, gates(non_inferior=("mae", margin)))
    assert (result.status, result.upper) == (status, -0.5)


@pytest.mark.parametrize("version", [None, "4"])
def test_without_a_champion_there_is_nothing_to_be_inferior_to(version: str | None) -> None:
    evidence = held_out(TARGET, POOR, GOOD if version else None)
    result = DECIDE["non_inferior"](evidence, gates())
    assert (result.status, "no champion yet" in result.sentence) == (("fail", False) if version else ("pass", True))
    assert result.threshold == -0.05


def test_a_champion_whose_predictions_are_missing_is_an_error_and_no_pass() -> None:
    """The summary names a champion, the rows have none: the evidence is incomplete."""
    evidence = held_out(TARGET, GOOD, champion_version="4")
    for name in ("non_inferior", "reference_sanity"):
        result = DECIDE[name](evidence, gates())
        assert (result.status, "champion v4" in result.sentence) == ("error", True)
    assert "0 of 3 reference predictions of champion v4" in result.sentence


def test_a_champion_that_says_no_number_is_an_error() -> None:
    result = DECIDE["non_inferior"](held_out(TARGET, GOOD, with_one(GOOD, NAN)), gates())
    assert result.status == "error"
    assert "not a finite number" in result.sentence


def test_non_inferior_with_one_class_is_an_error() -> None:
    result = DECIDE["non_inferior"](held_out(np.zeros(120), GOOD, POOR), gates())
    assert (result.status, result.threshold) == ("error", -0.05)
    assert "required >= -0.05: auc is not defined on these 120 rows" in result.sentence


# Not degenerate


@pytest.mark.parametrize(
    ("spread", "status"), [(1.0, "pass"), (0.051, "pass"), (0.05, "pass"), (0.049, "fail"), (0.0, "fail")]
)
def test_not_degenerate(spread: float, status: Status) -> None:
    """The target is +-8, so that spreads are exact fractions of it."""
    target = np.tile([-8.0, 8.0], 60)
    result = DECIDE["not_degenerate"](held_out(target, 0.5 + spread * target, task="regression"), gates(spread=0.05))
    assert result.status == status
    assert result.observed == pytest.approx(spread, abs=1e-12)


def test_not_degenerate_at_its_threshold_exactly() -> None:
    target = np.tile([-8.0, 8.0], 60)
    exact = held_out(target, target / 4, task="regression")
    assert DECIDE["not_degenerate"](exact, gates(spread=0.25)).status == "pass"
    assert DECIDE["not_degenerate"](exact, gates(spread=0.2500001)).status == "fail"


@pytest.mark.parametrize("target", [np.zeros(120), np.ones(120)])
def test_the_spread_cannot_be_judged_where_all_targets_are_equal(target: Floats) -> None:
    result = DECIDE["not_degenerate"](held_out(target, GOOD), gates())
    assert result.status == "error"
    assert "all 120 held-out targets are equal" in result.sentence


def test_no_rows_are_an_error() -> None:
    nothing = held_out(np.array([]), np.array([]))
    result = DECIDE["not_degenerate"](nothing, gates())
    assert result.status == "error"
    assert "there are no held-out rows" in result.sentence
    assert DECIDE["absolute_floor"](nothing, gates()).status == "error"


def test_the_count_of_predictions_that_are_no_numbers_is_told() -> None:
    result = DECIDE["not_degenerate"](held_out(TARGET, with_one(GOOD, NAN)), gates())
    assert "1 of 120 held-out predictions are not finite" in result.sentence


# Reference-set sanity

FIXED = np.array([0.25, 0.5, 0.75])


@pytest.mark.parametrize(
    ("by", "status"),
    [(0.0, "pass"), (0.124, "pass"), (0.125, "pass"), (0.126, "fail"), (0.25, "fail"), (-0.25, "fail")],
)
def test_reference_sanity_of_probabilities(by: float, status: Status) -> None:
    evidence = held_out(TARGET, GOOD, POOR, reference=FIXED + by, reference_champion=FIXED)
    result = DECIDE["reference_sanity"](evidence, gates(difference=0.125))
    assert result.status == status
    assert result.observed == pytest.approx(abs(by))


@pytest.mark.parametrize(("by", "status"), [(0.5, "pass"), (1.0, "pass"), (1.01, "fail"), (-2.0, "fail")])
def test_reference_sanity_of_a_regression_is_in_standard_deviations_of_its_target(by: float, status: Status) -> None:
    target = np.tile([-8.0, 8.0], 60)
    evidence = held_out(
        target, target / 2, target / 4, task="regression", reference=FIXED + by, reference_champion=FIXED
    )
    result = DECIDE["reference_sanity"](evidence, gates(difference=0.125))
    assert result.status == status
    assert result.observed == pytest.approx(abs(by) / 8)


def test_differences_that_cancel_out_still_count() -> None:
    evidence = held_out(TARGET, GOOD, POOR, reference=FIXED[::-1].copy(), reference_champion=FIXED)
    assert DECIDE["reference_sanity"](evidence, gates()).status == "fail"
    assert DECIDE["reference_sanity"](evidence, gates(difference=0.4)).status == "pass"


def test_reference_sanity_without_a_champion_asks_for_finite_numbers_only() -> None:
    result = DECIDE["reference_sanity"](held_out(TARGET, GOOD), gates())
    assert (result.status, "no champion yet" in result.sentence) == ("pass", True)
    wrong = held_out(TARGET, GOOD, reference=np.array([0.1, NAN]))
    assert DECIDE["reference_sanity"](wrong, gates()).status == "error"


def test_a_champion_without_finite_reference_predictions_is_an_error() -> None:
    evidence = held_out(TARGET, GOOD, POOR, reference=FIXED, reference_champion=with_one(np.ones(4), NAN)[1:])
    assert DECIDE["reference_sanity"](evidence, gates()).status == "error"


def test_a_champion_that_answered_other_reference_rows_is_an_error() -> None:
    evidence = held_out(TARGET, GOOD, POOR, reference=FIXED, reference_champion=FIXED[:1])
    result = DECIDE["reference_sanity"](evidence, gates())
    assert (result.status, "1 of 3 reference predictions" in result.sentence) == ("error", True)


def test_an_empty_reference_set_is_an_error() -> None:
    result = DECIDE["reference_sanity"](held_out(TARGET, GOOD, reference=np.array([])), gates())
    assert result.status == "error"
    assert "0 reference rows" in result.sentence


def test_a_regression_whose_target_never_changes_cannot_be_compared() -> None:
    evidence = held_out(
        np.ones(120), GOOD, POOR, task="regression", reference=FIXED, reference_champion=FIXED + 0.1
    )  # fmt: skip
    assert DECIDE["reference_sanity"](evidence, gates()).status == "error"

"""Champion comparison: clear pass, clear fail, tie, too few days, missing, not a number, no champion yet."""

import numpy as np
import pytest

from include.evaluation.evidence import Evidence
from include.features.matrix import Floats
from include.gates import decide
from include.gates.result import Status
from tests.evaluations import FLAT, GOOD, NAN, POOR, TARGET, gates, held_out, with_one


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
def test_by_a_metric_where_less_is_better(by: float, noise: float, status: Status) -> None:
    result = decide("champion_comparison", shifted(by, noise), gates(comparison=("mae", 0.5)))
    assert (result.status, result.checks[0].threshold) == (status, -0.5)
    assert result.checks[0].lower is not None
    assert result.checks[0].upper is not None
    assert (result.checks[0].lower >= -0.5) == (status == "pass")
    assert (result.checks[0].upper < -0.5) == (status == "fail")
    assert noise or result.checks[0].observed == pytest.approx(-by, abs=1e-9)


@pytest.mark.parametrize(
    ("challenger", "champion", "status"),
    [(GOOD, POOR, "pass"), (POOR, GOOD, "fail"), (GOOD, GOOD, "pass"), (FLAT, GOOD, "fail"), (GOOD, FLAT, "pass")],
)
def test_by_a_metric_where_greater_is_better(challenger: Floats, champion: Floats, status: Status) -> None:
    result = decide("champion_comparison", held_out(TARGET, challenger, champion), gates())
    assert result.status == status
    assert "champion v4" in result.sentence


def test_a_challenger_that_ties_the_champion_passes_even_without_a_margin() -> None:
    result = decide("champion_comparison", held_out(TARGET, GOOD, GOOD), gates(comparison=("auc", 0.0)))
    assert (result.status, result.checks[0].observed, result.checks[0].lower, result.checks[0].upper) == (
        "pass",
        0,
        0,
        0,
    )
    worse = with_one(GOOD, 0.9)
    assert decide("champion_comparison", held_out(TARGET, worse, GOOD), gates(comparison=("auc", 0.0))).status != "pass"


@pytest.mark.parametrize(
    ("days", "better", "worse"),
    [(1, "inconclusive", "inconclusive"), (4, "inconclusive", "inconclusive"), (5, "pass", "fail")],
)
def test_needs_enough_days_to_tell_either_way(days: int, better: Status, worse: Status) -> None:
    by = gates(comparison=("mae", 0.5))
    assert decide("champion_comparison", shifted(-3, days=days), by).status == better
    result = decide("champion_comparison", shifted(3, days=days), by)
    assert result.status == worse
    assert (f"{days} days of rows are too few to tell, 5 are needed" in result.sentence) == (days < 5)


@pytest.mark.parametrize(
    ("margin", "status"), [(0.2, "fail"), (0.5, "fail"), (0.7, "inconclusive"), (0.8, "inconclusive"), (1.0, "pass")]
)
def test_a_loss_that_may_be_just_the_margin_is_not_told_to_be_larger(margin: float, status: Status) -> None:
    """Every other day loses 0.5, the others 1."""
    odd = np.arange(120) * 10 // 120 % 2
    evidence = held_out(np.zeros(120), 10.5 + odd / 2, np.full(120, 10.0), days=10, task="regression")
    result = decide("champion_comparison", evidence, gates(comparison=("mae", margin)))
    assert (result.status, result.checks[0].observed) == (status, pytest.approx(-0.75))
    assert (result.checks[0].lower, result.checks[0].upper) == pytest.approx((-0.88, -0.62), abs=0.05)


@pytest.mark.parametrize("version", [None, "4"])
def test_without_a_champion_there_is_nothing_to_be_inferior_to(version: str | None) -> None:
    evidence = held_out(TARGET, POOR, GOOD if version else None)
    result = decide("champion_comparison", evidence, gates())
    assert (result.status, "no champion yet" in result.sentence) == (("fail", False) if version else ("pass", True))
    assert result.checks[0].threshold == -0.05


def test_a_champion_whose_predictions_are_missing_is_an_error_and_no_pass() -> None:
    """The summary names a champion, the rows have none: the evidence is incomplete."""
    evidence = held_out(TARGET, GOOD, champion_version="4")
    for name in ("champion_comparison", "reference_sanity"):
        result = decide(name, evidence, gates())
        assert (result.status, "champion v4" in result.sentence) == ("error", True)
    assert "0 of 3 reference predictions of champion v4" in result.sentence


def test_a_champion_that_says_no_number_is_an_error() -> None:
    result = decide("champion_comparison", held_out(TARGET, GOOD, with_one(GOOD, NAN)), gates())
    assert result.status == "error"
    assert "not a finite number" in result.sentence


def test_with_one_class_is_an_error() -> None:
    result = decide("champion_comparison", held_out(np.zeros(120), GOOD, POOR), gates())
    assert (result.status, result.checks[0].threshold) == ("error", -0.05)
    assert "required >= -0.05: auc is not defined on these 120 rows" in result.sentence

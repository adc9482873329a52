"""Absolute floor: clear pass, clear fail, the threshold itself, missing, not a number."""

import math

import numpy as np
import pytest

from include.evaluation.estimate import Estimate
from include.gates import absolute_floor, decide
from include.gates.result import Status
from include.spec.metrics import Metric
from tests.evaluations import GOOD, NAN, POOR, TARGET, gates, held_out


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
    measured = {} if value is None else {metric: Estimate(value=value), "other": Estimate(value=0.6)}
    result = decide("absolute_floor", held_out(TARGET, GOOD, challenger_metrics=measured), gates((metric, 0.6)))
    assert (result.status, result.checks[0].threshold) == (status, 0.6)
    assert result.checks[0].observed == (None if status == "error" else value)
    assert (">= 0.6" if metric in {"auc", "r2"} else "<= 0.6") in result.sentence


def test_absolute_floor_judges_the_challenger_whatever_the_champion_is() -> None:
    better_champion = held_out(TARGET, POOR, GOOD)
    floor = better_champion.summary.challenger_metrics["auc"].value
    assert better_champion.summary.champion_metrics != better_champion.summary.challenger_metrics
    assert decide("absolute_floor", better_champion, gates(("auc", floor))).status == "pass"
    assert decide("absolute_floor", better_champion, gates(("auc", floor + 0.001))).status == "fail"


def test_absolute_floor_with_one_class_is_an_error() -> None:
    result = decide("absolute_floor", held_out(np.zeros(120), GOOD), gates())
    assert result.status == "error"
    assert "auc could not be measured on 120 held-out rows; required >= 0.6" in result.sentence


def test_every_metric_is_a_check_with_its_bounds() -> None:
    measured = {
        "auc": Estimate(value=0.7, lower=0.65, upper=0.75),
        "brier": Estimate(value=0.3, lower=0.28, upper=0.32),
        "accuracy": Estimate(value=0.8),
    }
    floors: dict[Metric, float] = {"auc": 0.68, "brier": 0.25, "accuracy": 0.7}
    result = absolute_floor.decide(held_out(TARGET, GOOD, challenger_metrics=measured), floors)
    assert result.status == "fail"
    assert [(one.name, one.status, one.lower, one.upper) for one in result.checks[:2]] == [
        ("auc", "pass", 0.65, 0.75),
        ("brier", "fail", 0.28, 0.32),
    ]
    assert [one.sentence for one in result.checks] == [
        "auc 0.7000 (0.6500 to 0.7500), required >= 0.68, on 120 held-out rows",
        "brier 0.3000 (0.2800 to 0.3200), required <= 0.25, on 120 held-out rows",
        "accuracy 0.8000, required >= 0.7, on 120 held-out rows",
    ]
    assert result.sentence == result.checks[1].sentence


def test_an_upper_bound_alone_is_not_shown() -> None:
    measured = {"auc": Estimate(value=0.7, upper=0.75)}
    result = absolute_floor.decide(held_out(TARGET, GOOD, challenger_metrics=measured), {"auc": 0.6})
    assert result.sentence == "auc 0.7000, required >= 0.6, on 120 held-out rows"

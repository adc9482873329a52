"""The error that a regression is to be expected to have: in a world where some rows are surely harder than others."""

import numpy as np
import pandas as pd
import pytest

from include.evaluation.coded import Coded
from include.evaluation.metrics import measure
from include.monitoring.dle import OfErrors
from include.monitoring.outcomes import Outcomes, Said
from include.spec.metrics import METRICS, Metric

WORLDS, MOST = 24, 8  # of 24 weeks chance leaves more than 8 outside a band of 90 % in one run of a thousand


def world(seed: int, days: int, hard: float = 0.3, bias: float = 0.0, rows: int = 80) -> Outcomes:
    """Minutes late: storms make them hard to tell, and `hard` is their share; `bias` is added to what comes."""
    random, count = np.random.default_rng(seed), days * rows
    storm = random.random(count) < hard
    distance = random.normal(0, 10, count)
    distance[random.random(count) < 0.05] = np.nan
    known = np.nan_to_num(distance)
    came = known + np.where(storm, 12, 4) * random.normal(0, 1, count) + bias
    inputs = pd.DataFrame({"distance": distance, "weather": np.where(storm, "storm", None)})
    codes = np.repeat(np.arange(days, dtype=np.int32), rows)
    return Outcomes(Said(known, Coded(codes, tuple(f"{day:02}" for day in range(days))), inputs), came)


def measured(metric: Metric, known: Outcomes) -> float:
    return measure(metric, known.target, known.rows.said)


@pytest.mark.parametrize("metric", METRICS["regression"])
def test_more_storms_are_expected_to_cost_what_they_cost(metric: Metric) -> None:
    estimator = OfErrors.learn(metric, world(1, 14, rows=300))
    usual, stormy = world(2, 14, rows=300), world(3, 14, hard=0.8, rows=300)
    found = estimator.estimate(stormy.rows, 0.95)
    moved = measured(metric, stormy) - measured(metric, usual)
    assert found.lower <= measured(metric, stormy) <= found.upper
    assert found.value - measured(metric, usual) == pytest.approx(moved, rel=0.15)


def test_on_stable_days_the_band_holds_as_often_as_it_says_and_a_new_bias_falls_out_of_it() -> None:
    outside = {0.0: 0, 8.0: 0}
    for seed in range(WORLDS):
        estimator = OfErrors.learn("mae", world(seed, 14))
        for bias in outside:
            week = world(1000 + seed, 7, bias=bias)
            found = estimator.estimate(week.rows, 0.95)
            outside[bias] += not found.lower <= measured("mae", week) <= found.upper
    assert outside[0.0] <= MOST
    assert outside[8.0] > WORLDS - 3


def test_a_category_that_was_never_seen_is_no_reason_to_fail() -> None:
    estimator, week = OfErrors.learn("mae", world(1, 14)), world(2, 7)
    assert week.rows.inputs is not None
    snow = Said(week.rows.said, week.rows.days, week.rows.inputs.assign(weather="snow"))
    assert np.isfinite(estimator.estimate(snow, 0.95).value)


def test_without_rows_nothing_is_expected() -> None:
    nothing = world(2, 7).where(np.zeros(7 * 80, dtype=bool))
    assert np.isnan(OfErrors.learn("rmse", world(1, 14)).estimate(nothing.rows, 0.95).value)

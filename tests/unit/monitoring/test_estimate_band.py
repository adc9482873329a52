"""The band of an estimate: on stable days it holds as often as it says, and what it cannot see falls out of it."""

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import binom

from include.evaluation.coded import Coded
from include.evaluation.metrics import measure
from include.monitoring.estimating import OfProbabilities, check
from include.monitoring.outcomes import Outcomes, Said
from include.spec.metrics import Metric

WORLDS, CONFIDENCE = 120, 0.95  # of each bound: both hold nine times out of ten


def world(
    seed: int, days: int, rows: int = 60, centre: float = 0.0, spread: float = 0.4, flipped: bool = False
) -> Outcomes:
    """What was said and what came true, day by day; days differ by luck of their own. What is said is too timid."""
    random = np.random.default_rng(seed)
    day = np.repeat(np.arange(days, dtype=np.int32), rows)
    odds = 1.3 * random.normal(centre, 1, days * rows) - 1
    truth = expit(odds + spread * random.normal(0, 1, days)[day])
    came = random.random(days * rows) < (1 - truth if flipped else truth)
    said = Said(expit(0.7 * odds), Coded(day, tuple(f"{one:02}" for one in range(days))))
    return Outcomes(said, came.astype(np.float64))


def outside(metric: Metric, **now: float) -> float:
    """In how many of many worlds the metric of a week lay outside the band that fourteen days promised."""
    missed = 0
    for seed in range(WORLDS):
        estimator = OfProbabilities.learn(metric, world(seed, 14))
        week = world(seed + 10_000, 7, **now)  # type: ignore[arg-type]
        band, measured = estimator.estimate(week.rows, CONFIDENCE), measure(metric, week.target, week.rows.said)
        missed += not band.lower <= measured <= band.upper
    return missed / WORLDS


MOST = float(binom.ppf(0.999, WORLDS, 2 * (1 - CONFIDENCE))) / WORLDS  # chance leaves more in one run of a thousand


@pytest.mark.parametrize("metric", ["auc", "log_loss"])
def test_on_stable_days_the_band_holds_as_often_as_it_says(metric: Metric) -> None:
    assert 0 < outside(metric) <= MOST


def test_inputs_that_moved_stay_within_it() -> None:
    assert outside("auc", centre=1.2) <= MOST


def test_a_relation_that_flipped_falls_out_of_it() -> None:
    assert outside("auc", flipped=True) > 0.9


def test_it_is_as_wide_as_needed_and_not_wider() -> None:
    """Four times the rows of a day whose luck is its own halve the band."""
    few, many = (
        OfProbabilities.learn("auc", world(1, 14, rows=rows, spread=0)).estimate(
            world(2, 7, rows=rows).rows, CONFIDENCE
        )
        for rows in (100, 1600)
    )
    assert 2.5 < (few.upper - few.lower) / (many.upper - many.lower) < 6.5


def test_with_too_few_days_nothing_is_promised() -> None:
    estimator = OfProbabilities.learn("auc", world(1, 2))
    found = estimator.estimate(world(2, 7).rows, CONFIDENCE)
    assert np.isfinite(found.value)
    assert np.isnan([found.lower, found.upper]).all()


def test_weeks_are_counted_back_from_the_newest_and_a_broken_one_is_left_out() -> None:
    estimator = OfProbabilities.learn("auc", world(1, 14, rows=300))
    good, bad = world(2, 17, rows=300), world(3, 14, rows=300, flipped=True)
    assert check(estimator, "auc", good, CONFIDENCE).weeks == 2
    assert check(estimator, "auc", good, CONFIDENCE).trust == "trusted"
    assert check(estimator, "auc", bad, CONFIDENCE).outside == 2
    assert check(estimator, "auc", bad, CONFIDENCE).trust == "not to be trusted"
    assert check(estimator, "auc", world(2, 6), CONFIDENCE).trust == "unchecked"


def test_only_the_last_four_weeks_are_looked_at() -> None:
    estimator = OfProbabilities.learn("auc", world(1, 14))
    assert check(estimator, "auc", world(5, 60), CONFIDENCE).weeks == 4

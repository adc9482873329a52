"""The calibration line of a binary model: whether its probabilities are too high or low, and too bold or too timid."""

import numpy as np
from scipy import stats
from scipy.special import expit

from include.evaluation.coded import Coded
from include.evaluation.estimate import Estimate
from include.features.matrix import Floats
from include.spec.contract import Measured
from include.training.log_odds import LogOddsLine, fitted_line, log_odds


class CalibrationLine(Measured):
    """Intercept and slope of what came true on the log-odds of what was said (Cox, Two Further Applications of a Model
    for Binary Regression, 1958).

    Calibrated: 0 and 1. A slope below 1 says that probabilities are too extreme, above 1 too timid; with slope 1 an
    intercept above 0 says that they are too low. Bounds are one-sided at the confidence asked for.
    """

    intercept: Estimate
    slope: Estimate


def calibration_line(said: Floats, target: Floats, days: Coded, confidence: float) -> CalibrationLine | None:
    """The line of these rows; None where there is none (see `fitted_line`).

    Bounds are from a variance that lets rows of one day move together (Liang & Zeger, Longitudinal Data Analysis Using
    Generalized Linear Models, 1986) with Student's t of days - 1 degrees of freedom; NaN with a single day.
    """
    odds = log_odds(said)
    line = fitted_line(odds, target)
    if line is None:
        return None
    reach = _standard_errors(line, odds, target, days) * _quantile(confidence, days)
    values = (line.intercept, line.slope)
    intercept, slope = (
        Estimate(value=value, lower=value - by, upper=value + by)
        for value, by in zip(values, reach.tolist(), strict=True)
    )
    return CalibrationLine(intercept=intercept, slope=slope)


def _quantile(confidence: float, days: Coded) -> float:
    return float(stats.t.ppf(confidence, np.count_nonzero(np.bincount(days.codes)) - 1))


def _standard_errors(line: LogOddsLine, odds: Floats, target: Floats, days: Coded) -> Floats:
    expected = expit(line.at(odds))
    weights, apart = expected * (1 - expected), target - expected
    along = (weights * odds).sum()
    bread = np.linalg.inv([[weights.sum(), along], [along, (weights * odds * odds).sum()]])
    scores = np.stack([np.bincount(days.codes, apart), np.bincount(days.codes, apart * odds)])
    count = np.count_nonzero(np.bincount(days.codes))
    spread = bread @ (scores @ scores.T) @ bread * (count / (count - 1) if count > 1 else np.nan)
    return np.asarray(np.sqrt(np.diag(spread)))

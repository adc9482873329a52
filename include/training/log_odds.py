"""Log-odds, and the line through them that best explains what came true: what calibrates and what measures it."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from include.features.matrix import Floats

CLIP = float(np.finfo(np.float64).eps)  # keeps the log-odds of a certain forecast finite
STEPS, TOLERANCE = 50, 1e-12  # Newton's method doubles the correct digits with each step; it needs about seven


@dataclass(frozen=True)
class LogOddsLine:
    """log-odds of yes = intercept + slope * log-odds of the forecast. Of a calibrated forecast 0 and 1."""

    intercept: float
    slope: float

    def at(self, odds: Floats) -> Floats:
        """The log-odds on the line."""
        return self.intercept + self.slope * odds


def log_odds(probability: Floats) -> Floats:
    """The logarithm of p / (1 - p); of 0 and 1 it is as far out as a double can tell apart from them."""
    clipped = np.clip(probability, CLIP, 1 - CLIP)
    return np.asarray(np.log(clipped) - np.log1p(-clipped))


def fitted_line(odds: Floats, outcome: Floats) -> LogOddsLine | None:
    """The line of greatest likelihood; outcomes are 0 or 1, or a probability in between.

    None where there is none: all forecasts equal, or a limit between those that came true and those that did not.
    The sums are numpy's own, so that the result does not depend on how many threads the machine has.
    """
    if np.ptp(odds) == 0 or _parted(odds, outcome):
        return None
    line, likelihood = LogOddsLine(0.0, 0.0), -np.inf  # where every row has the same weight, however sure forecasts are
    for _ in range(STEPS):
        step_up, step_along = _newton(line, odds, outcome)
        better, gained = _halved(line, step_up, step_along, odds, outcome, likelihood)
        if gained - likelihood <= TOLERANCE * abs(gained):
            return better
        line, likelihood = better, gained
    return None


def _newton(line: LogOddsLine, odds: Floats, outcome: Floats) -> tuple[float, float]:
    said = expit(line.at(odds))
    weights, apart = said * (1 - said), outcome - said
    level, tilt, bend = weights.sum(), (weights * odds).sum(), (weights * odds * odds).sum()
    up, along = apart.sum(), (apart * odds).sum()
    area = level * bend - tilt * tilt
    return float((bend * up - tilt * along) / area), float((level * along - tilt * up) / area)


def _halved(
    line: LogOddsLine, step_up: float, step_along: float, odds: Floats, outcome: Floats, likelihood: float
) -> tuple[LogOddsLine, float]:
    """The next line: the whole step, or the largest of its halvings that does not lose likelihood."""
    for halvings in range(STEPS):
        share = 0.5**halvings
        found = LogOddsLine(line.intercept + share * step_up, line.slope + share * step_along)
        gained = float((outcome * found.at(odds) - np.logaddexp(0, found.at(odds))).sum())
        if gained >= likelihood:
            return found, gained
    return line, likelihood


def _parted(odds: Floats, outcome: Floats) -> bool:
    yes, no = odds[outcome == 1], odds[outcome == 0]
    if len(yes) + len(no) < len(odds):
        return False
    if not len(yes) or not len(no):
        return True
    return bool(yes.min() >= no.max() or no.min() >= yes.max())

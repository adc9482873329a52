"""Log-odds, and the line through them that best explains what came true: what calibrates and what measures it."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from include.features.matrix import Floats

CLIP = float(np.finfo(np.float64).eps)  # keeps the log-odds of a certain forecast finite
STEPS = 50  # Newton's method doubles the correct digits with each step; it needs about seven
CLOSE = 1e-9  # a step so small, to the size of the line, leaves an error that is its square


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
    line = LogOddsLine(0.0, 0.0)  # where every row has the same weight, however sure its forecast is
    with np.errstate(divide="ignore", invalid="ignore"):  # forecasts that are parted but for rounding end in NaN
        for _ in range(STEPS):
            up, along = _newton(line, odds, outcome)
            line = LogOddsLine(line.intercept + up, line.slope + along)
            if abs(up) + abs(along) < CLOSE * (1 + abs(line.intercept) + abs(line.slope)):
                return line
    return None


def _newton(line: LogOddsLine, odds: Floats, outcome: Floats) -> tuple[float, float]:
    """Newton's step from the line towards greater likelihood, in intercept and slope."""
    said = expit(line.at(odds))
    weights, apart = said * (1 - said), outcome - said
    level, tilt, bend = weights.sum(), (weights * odds).sum(), (weights * odds * odds).sum()
    up, along = apart.sum(), (apart * odds).sum()
    area = level * bend - tilt * tilt
    return float((bend * up - tilt * along) / area), float((level * along - tilt * up) / area)


def _parted(odds: Floats, outcome: Floats) -> bool:
    """Whether a limit parts yes from no, so that the likelihood has no end; never where outcomes are probabilities."""
    yes, no = odds[outcome == 1], odds[outcome == 0]
    if len(yes) + len(no) < len(odds):
        return False
    if not len(yes) or not len(no):
        return True
    return bool(yes.min() >= no.max() or no.min() >= yes.max())

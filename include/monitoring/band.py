"""How far what will be measured may lie from an estimate: known from days on which both are known."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from include.evaluation.coded import Coded
from include.evaluation.estimate import Estimate
from include.evaluation.resampling import standard_error
from include.features.matrix import Floats

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
FEWEST = 3  # days; of fewer the spread among days is unknown


@dataclass(frozen=True)
class Band:
    """What measured less estimated was on the reference's rows, and how sure that is.

    `error` is the standard error of that, by days that are worth `effective` independent ones. `scatter` is what it
    would be if only the labels of each row were left to chance.
    """

    offset: float
    error: float
    effective: float
    scatter: float

    def around(self, estimated: float, scatter: float, confidence: float) -> Estimate:
        """The estimate of other rows, corrected by what it missed on the reference, with its band.

        A prediction interval: each bound holds with the confidence for what these rows will be measured at. `scatter`
        is theirs, and days add to it what they add on the reference; to that comes the reference's own error, with
        Student's t of its effective days. NaN bounds where the reference has too few days.
        """
        own = self.error / self.scatter * scatter if self.scatter > 0 else self.error
        reach = float(np.hypot(self.error, own)) * float(stats.t.ppf(confidence, self.effective - 1))
        value = estimated + self.offset
        return Estimate(value=value, lower=value - reach, upper=value + reach)


def band(missed: Callable[[Mask], float], days: Coded, scatter: float) -> Band:
    """The band from `missed`, which gives measured less estimated on the rows it is told, by leaving out day by day."""
    present = np.unique(days.codes)
    left_out: Floats = np.array([missed(days.codes != day) for day in present])
    offset = missed(np.ones(len(days), dtype=np.bool_))
    if len(present) < FEWEST or not np.isfinite(left_out).all():
        return Band(offset, float("nan"), float("nan"), scatter)
    return Band(offset, *standard_error(left_out), scatter)

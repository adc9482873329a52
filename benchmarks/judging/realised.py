"""What a policy's champions were worth on the days they served, against those of promoting always."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from benchmarks.judging.career import Career
from benchmarks.judging.year import Year
from include.evaluation.coded import Codes
from include.evaluation.intervals import paired_difference
from include.evaluation.metrics import improvement, measure
from include.features.matrix import Floats
from include.replay.outcome import CONFIDENCE, SEED, by_weeks
from include.spec.metrics import Metric
from include.training.windows import Window

Weight = Literal["pooled", "by_day"]
MEASURED: dict[str, tuple[Metric, Weight]] = {
    "auc_pooled": ("auc", "pooled"),
    "auc_by_day": ("auc", "by_day"),
    "brier_pooled": ("brier", "pooled"),
    "brier_by_day": ("brier", "by_day"),
}


@dataclass(frozen=True)
class Realised:
    """A metric over all days served, and by how much it is better than promoting always (positive is better)."""

    value: float
    better_by: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Outcome:
    """A year under one policy, and what its champions were worth by each key of MEASURED."""

    career: Career
    realised: dict[str, Realised]


@dataclass(frozen=True)
class Served:
    """The rows from the first Monday on with their days, and the week of each day, both counted from zero."""

    target: Floats
    day: Codes
    week_of_day: Codes

    @classmethod
    def of(cls, year: Year, first: date) -> "Served":
        """All that was served in the year. Its last week is one day longer than seven where the year ends so."""
        window = Window(first, year.last)
        days = year.days_of(window)
        count = len(days.names)
        week = np.minimum(np.arange(count) // 7, count // 7 - 1).astype(np.int32)
        return cls(year.target[year.rows(window)], days.codes, week)

    def compared(self, said: Floats, always: Floats) -> dict[str, Realised]:
        """Each metric over all rows together and as the mean of the days, by the keys of MEASURED."""
        return {key: self._realised(metric, weight, said, always) for key, (metric, weight) in MEASURED.items()}

    def _realised(self, metric: Metric, weight: Weight, said: Floats, always: Floats) -> Realised:
        """The interval resamples weeks: a champion serves whole weeks, and the days of one are alike."""
        if weight == "pooled":
            weeks = self.week_of_day[self.day]
            found = paired_difference(metric, self.target, said, always, weeks, CONFIDENCE, SEED)
            return Realised(measure(metric, self.target, said), found.observed, found.lower, found.upper)
        ours, theirs = (self._by_day(metric, one) for one in (said, always))
        better = np.array([improvement(metric, new, old) for new, old in zip(ours, theirs, strict=True)])
        of_days = by_weeks(better)
        return Realised(float(ours.mean()), of_days.value, of_days.lower, of_days.upper)

    def _by_day(self, metric: Metric, said: Floats) -> Floats:
        ends = np.flatnonzero(np.diff(self.day)) + 1
        days = zip(np.split(self.target, ends), np.split(said, ends), strict=True)
        return np.array([measure(metric, target, one) for target, one in days])

"""What became of each policy: its days, trainings and alarms, and what they were worth."""

from datetime import date
from functools import cached_property

import numpy as np

from include.drift import Tier
from include.evaluation import means
from include.evaluation.blocks import Cells
from include.evaluation.estimate import Estimate
from include.evaluation.metrics import improvement
from include.evaluation.resampling import Sampling, interval
from include.features.matrix import Floats
from include.replay.policies import Policy
from include.spec.contract import Measured
from include.spec.metrics import Metric

CONFIDENCE, SEED = 0.95, 20131231
WEEK, YEAR = 7, 365


class Day(Measured):
    """One day served: by the champion that stood on `champion`, and what that was worth; NaN where no label tells.

    `tier` is the verdict of the watch on it, `alarm` how loud the alarm was then.
    """

    day: date
    champion: date
    metric: float
    tier: Tier
    alarm: Tier


class Training(Measured):
    """One training: whether its challenger became champion, and what stood against it."""

    as_of: date
    why: str
    promoted: bool
    against: str
    seconds: float


class Alarm(Measured):
    """The watch woke somebody.

    `loss` is by how much a model made that morning was better than the champion in the fortnight that followed, mean of
    days; NaN where none could be made or no label came.
    """

    day: date
    tier: Tier
    loss: float


class Outcome(Measured):
    """A stretch of days under one policy."""

    name: str
    policy: Policy
    days: tuple[Day, ...]
    trainings: tuple[Training, ...]
    alarms: tuple[Alarm, ...]
    margin: float

    @property
    def promoted(self) -> int:
        """Challengers that became champion."""
        return sum(one.promoted for one in self.trainings)

    @property
    def false_alarms(self) -> int:
        """Alarms without a realised loss: no more than the margin that the owner lets a challenger be worse."""
        return sum(one.loss <= self.margin for one in self.alarms)

    @property
    def false_alarms_per_year(self) -> float:
        """As many of them in 365 days."""
        return self.false_alarms * YEAR / max(len(self.days), 1)

    @property
    def alarm_days(self) -> int:
        """Days on which an alarm stood."""
        return sum(one.alarm in ("alert", "critical") for one in self.days)

    @property
    def seconds(self) -> float:
        """CPU seconds of its trainings."""
        return sum(one.seconds for one in self.trainings)

    @cached_property
    def realised(self) -> float:
        """The mean of the days' metric."""
        return float(np.nanmean(self.metrics))

    @property
    def metrics(self) -> Floats:
        """Each day's metric."""
        return np.array([one.metric for one in self.days])


def better(metric: Metric, one: Outcome, other: Outcome) -> Estimate:
    """By how much a policy was better than another on the same days: positive is better."""
    pairs = zip(one.metrics, other.metrics, strict=True)
    return by_weeks(np.array([improvement(metric, new, old) for new, old in pairs]))


def by_weeks(gained: Floats) -> Estimate:
    """The mean of what consecutive days gained, NaN left out, with bounds by weeks.

    Weeks are resampled, because a champion serves for weeks and the days of one are alike. Days beyond whole weeks
    belong to the last one.
    """
    days, known = np.arange(len(gained)), ~np.isnan(gained)
    cells = Cells.of(np.minimum(days // WEEK, max(len(gained) // WEEK - 1, 0)).astype(np.int32)[known])
    found = interval(next(means.mean(gained[known], cells)), cells.totals()[0], Sampling(CONFIDENCE, SEED))
    return Estimate(value=found.observed, lower=found.lower, upper=found.upper)

"""The estimate of a metric without labels, learnt from the champion's held-out rows."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from include.evaluation.coded import Coded
from include.evaluation.estimate import Estimate
from include.evaluation.metrics import measure
from include.features.matrix import Floats
from include.monitoring import cbpe
from include.monitoring.band import Band, Mask, band
from include.monitoring.performance import Check
from include.spec.metrics import Metric
from include.training.recalibration import Curve

WEEK, WEEKS = 7, 4


class Estimator(Protocol):
    """Gives what a metric is to be expected at on rows, with a band at the confidence of each bound."""

    def estimate(self, said: Floats, confidence: float) -> Estimate: ...


@dataclass(frozen=True)
class OfProbabilities:
    """The estimate for a classifier, from its probabilities as they were recalibrated on the reference."""

    metric: Metric
    curves: tuple[Curve, ...]
    band: Band

    @classmethod
    def learn(cls, metric: Metric, said: Floats, target: Floats, days: Coded) -> "OfProbabilities":
        """Learns the curves, and the band about what they promise, from rows that the model did not learn from."""
        curves = cbpe.curves(said, target)
        chances = cbpe.bent(curves, said)

        def missed(rows: Mask) -> float:
            return measure(metric, target[rows], said[rows]) - cbpe.expected(metric, said[rows], chances[rows])

        return cls(metric, curves, band(missed, days, cbpe.scatter(metric, said, chances)))

    def estimate(self, said: Floats, confidence: float) -> Estimate:
        """The metric these rows are to be expected at."""
        chances = cbpe.bent(self.curves, said)
        value = cbpe.expected(self.metric, said, chances)
        return self.band.around(value, cbpe.scatter(self.metric, said, chances), confidence)


def check(estimator: Estimator, metric: Metric, said: Floats, target: Floats, days: Coded, confidence: float) -> Check:
    """How often the measured metric lay outside the band, of up to four weeks counted back from the newest day."""
    present = np.unique(days.codes)
    weeks = [present[max(end - WEEK, 0) : end] for end in range(len(present), WEEK - 1, -WEEK)][:WEEKS]
    outside = [_is_outside(estimator, metric, said, target, np.isin(days.codes, week), confidence) for week in weeks]
    return Check(weeks=len(outside), outside=sum(outside))


def _is_outside(
    estimator: Estimator, metric: Metric, said: Floats, target: Floats, rows: Mask, confidence: float
) -> bool:
    expected, measured = estimator.estimate(said[rows], confidence), measure(metric, target[rows], said[rows])
    return measured < expected.lower or measured > expected.upper

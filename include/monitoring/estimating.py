"""The estimate of a metric without labels, learnt from the champion's held-out rows, and how often it was right."""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np

from include.evaluation.estimate import Estimate
from include.evaluation.metrics import measure
from include.monitoring import cbpe
from include.monitoring.band import Band, Mask, band
from include.monitoring.outcomes import Outcomes, Said
from include.monitoring.performance import Check
from include.spec.metrics import Metric
from include.training.recalibration import Curve

WEEK, WEEKS = 7, 4


class Estimator(Protocol):
    """Gives what a metric is to be expected at on rows, with a band at the confidence of each bound."""

    def estimate(self, rows: Said, confidence: float) -> Estimate: ...


@dataclass(frozen=True)
class OfProbabilities:
    """The estimate for a classifier, from its probabilities as they were recalibrated on the reference."""

    metric: Metric
    curves: tuple[Curve, ...]
    band: Band

    @classmethod
    def learn(cls, metric: Metric, known: Outcomes) -> Self:
        """Learns the curves, and the band about what they promise, from rows that the model did not learn from."""
        said, target = known.rows.said, known.target
        curves = cbpe.curves(said, target)
        chances = cbpe.bent(curves, said)

        def missed(rows: Mask) -> float:
            return measure(metric, target[rows], said[rows]) - cbpe.expected(metric, said[rows], chances[rows])

        return cls(metric, curves, band(missed, known.rows.days, cbpe.scatter(metric, said, chances)))

    def estimate(self, rows: Said, confidence: float) -> Estimate:
        """The metric these rows are to be expected at."""
        chances = cbpe.bent(self.curves, rows.said)
        value = cbpe.expected(self.metric, rows.said, chances)
        return self.band.around(value, cbpe.scatter(self.metric, rows.said, chances), confidence)


def check(estimator: Estimator, metric: Metric, came: Outcomes, confidence: float) -> Check:
    """How often the measured metric lay outside the band, of up to four weeks counted back from the newest day."""
    present = came.rows.present
    weeks = [present[max(end - WEEK, 0) : end] for end in range(len(present), WEEK - 1, -WEEK)][:WEEKS]
    chosen = [came.where(np.isin(came.rows.days.codes, week)) for week in weeks]
    outside = [_is_outside(estimator.estimate(one.rows, confidence), _measured(metric, one)) for one in chosen]
    return Check(weeks=len(outside), outside=sum(outside))


def _measured(metric: Metric, came: Outcomes) -> float:
    return measure(metric, came.target, came.rows.said)


def _is_outside(expected: Estimate, measured: float) -> bool:
    return measured < expected.lower or measured > expected.upper

"""What the champion's answers were worth where labels are in, and what they are estimated at where not: pure."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

import numpy as np

from include.evaluation.answers import MIN_DAYS
from include.evaluation.calibration import Rows, calibration
from include.evaluation.estimate import Estimate
from include.evaluation.intervals import estimate
from include.evaluation.metrics import measure
from include.evaluation.skill import Skill, constant, skill
from include.monitoring.estimating import WEEK, Estimator, check
from include.monitoring.outcomes import Outcomes, Said
from include.monitoring.performance import Check, Estimated, Labels, Measurements, Realised
from include.spec import ModelSpec
from include.spec.metrics import Metric

SEED = 20130403


@dataclass(frozen=True)
class Promoted:
    """What the champion's answers to its held-out rows were worth, and what they gained over one answer for all."""

    value: Estimate
    skill: Skill

    @classmethod
    def of(cls, spec: ModelSpec, known: Outcomes) -> Self:
        """Measured once; it is what every day is compared with."""
        rule, target, said = spec.gates.champion_comparison, known.target, known.rows.said
        same = np.broadcast_to(constant(spec, target), said.shape).copy()
        gained = skill(rule.metric, measure(rule.metric, target, said), measure(rule.metric, target, same))
        return cls(_measured(rule.metric, known, rule.confidence), gained)


def measurements(
    spec: ModelSpec,
    labels: Labels,
    promoted: Promoted,
    came: Outcomes,
    newest: Said,
    estimator: Estimator | None,
    metrics: Collection[Metric],
) -> Measurements:
    """All that the verdict on performance stands on.

    `came` are the champion's answers with the labels that are in, `newest` its answers to the newest days. Without an
    estimator nothing is estimated. Of `metrics` the verdict needs those that `deciding` names.
    """
    rule = spec.gates.champion_comparison
    recent, week = came.newest(spec.monitoring.performance_days), came.newest(WEEK)
    lacking = _missing(spec, recent)
    has_week = len(week.rows.present) < len(recent.rows.present) and not _missing(spec, week)
    return Measurements(
        metric=rule.metric,
        labels=labels,
        promoted=promoted.value,
        skill=promoted.skill,
        realised=None if lacking else _realised(spec, recent, estimator, metrics),
        lately=_measured(rule.metric, week, rule.confidence) if has_week else None,
        estimated=_estimated(newest, estimator, rule.confidence) if estimator else None,
        check=check(estimator, rule.metric, came, rule.confidence) if estimator else Check(),
        missing=lacking,
    )


def _measured(metric: Metric, rows: Outcomes, confidence: float) -> Estimate:
    return estimate(metric, rows.target, rows.rows.said, rows.rows.days.codes, confidence, SEED)


def _missing(spec: ModelSpec, recent: Outcomes) -> str:
    """Why the days with labels are too few to measure on; empty where they are not."""
    days, rows = len(recent.rows.present), len(recent.target)
    if days < MIN_DAYS:
        return f"{days} days of this version have labels, required {MIN_DAYS}"
    if rows < spec.monitoring.min_rows:
        return f"{rows} rows of this version have labels, required {spec.monitoring.min_rows}"
    return ""


def _realised(spec: ModelSpec, recent: Outcomes, estimator: Estimator | None, metrics: Collection[Metric]) -> Realised:
    """The metrics of these days, with what the deciding one was to be expected at where there is an estimator."""
    days, present, confidence = recent.rows.days, recent.rows.present, spec.gates.champion_comparison.confidence
    return Realised(
        first=days.names[present[0]],
        last=days.names[present[-1]],
        days=len(present),
        rows=len(recent.target),
        metrics={name: _measured(name, recent, confidence) for name in metrics},
        expected=estimator.estimate(recent.rows, confidence) if estimator else None,
        calibration=_calibration(spec, confidence, recent),
    )


def _calibration(spec: ModelSpec, confidence: float, recent: Outcomes) -> Estimate | None:
    if spec.task == "regression":
        return None
    rows = Rows(spec.target.classes, recent.target, recent.rows.days)
    views = calibration(rows, recent.rows.said, None, confidence)
    return views[0].challenger.error if views else None


def _estimated(newest: Said, estimator: Estimator, confidence: float) -> Estimated | None:
    names = [newest.days.names[code] for code in newest.present]
    if len(names) < MIN_DAYS:
        return None
    value = estimator.estimate(newest, confidence)
    return Estimated(first=names[0], last=names[-1], rows=len(newest.said), value=value)

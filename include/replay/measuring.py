"""The verdict on performance of a day of the past, from labels that were in by then."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from include.drift import Tier
from include.evaluation.coded import Coded
from include.features.matrix import Floats
from include.monitoring.measurements import measurements
from include.monitoring.outcomes import Outcomes, Said
from include.monitoring.performance import Labels, deciding, judge
from include.replay.challenger import Challenger
from include.spec import ModelSpec


@dataclass(frozen=True, eq=False)
class Answered:
    """A day with what its model said of the rows that got a label in the end."""

    key: str
    day: date
    by: Challenger
    said: Floats
    target: Floats


def kept_days(spec: ModelSpec) -> int:
    """How many days back performance is measured."""
    return spec.monitoring.performance_days + spec.label_delay_days


def tier(spec: ModelSpec, champion: Challenger, today: date, days: Iterable[Answered]) -> Tier:
    """What the labels of the champion's own answers say, those of days `label_delay_days` before today and older.

    Estimates for days without labels are left out: they take longer than all the rest. Days with too few rows are ok.
    """
    until, rows = today - timedelta(days=spec.label_delay_days), champion.rows
    ripe = [one for one in days if one.by is champion and one.day <= until and one.key > max(rows.days.names)]
    labels = Labels(watermark=ripe[-1].key if ripe else None, age=spec.label_delay_days, shares=())
    came = _outcomes(ripe[-spec.monitoring.performance_days :])
    found = measurements(spec, labels, champion.promoted, came, came.rows, None, deciding(spec.gates))
    return judge(found, spec.gates, spec.monitoring).tier


def _outcomes(days: list[Answered]) -> Outcomes:
    none = np.empty(0)
    codes = np.repeat(np.arange(len(days), dtype=np.int32), [len(one.target) for one in days])
    said = np.concatenate([one.said for one in days]) if days else none
    target = np.concatenate([one.target for one in days]) if days else none
    return Outcomes(Said(said, Coded(codes, tuple(one.key for one in days))), target)

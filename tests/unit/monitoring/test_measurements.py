"""What the verdict on performance stands on, from rows: which days are measured, and what is said where few are."""

import numpy as np
import pytest

from include.evaluation.coded import Coded
from include.evaluation.metrics import measure
from include.monitoring.estimating import OfProbabilities
from include.monitoring.measurements import Promoted, measurements
from include.monitoring.outcomes import Outcomes, Said
from include.monitoring.performance import Labels, Measurements, deciding
from include.spec.metrics import Metric
from tests.daily import day_keys
from tests.declared import spec

MODEL = spec(gates={"absolute_floor": {"brier": 0.3}}, monitoring={"min_rows": 200, "performance_days": 14})
LABELS = Labels(watermark="b", age=1, shares=(1.0,))


def came(days: int, rows: int = 60, seed: int = 1, broken: int = 0) -> Outcomes:
    """Answers as sure as they say they are, on so many days; on the last ones labels are turned round."""
    random = np.random.default_rng(seed)
    said = random.random(days * rows)
    codes = np.repeat(np.arange(days, dtype=np.int32), rows)
    true = (random.random(days * rows) < said) ^ (codes >= days - broken)
    return Outcomes(Said(said, Coded(codes, tuple(day_keys(days)))), true.astype(np.float64))


KNOWN = came(14, seed=2)


def measured(rows: Outcomes, estimated: bool = False, metrics: tuple[Metric, ...] = ("auc",)) -> Measurements:
    estimator = OfProbabilities.learn("auc", KNOWN) if estimated else None
    return measurements(MODEL, LABELS, Promoted.of(MODEL, KNOWN), rows, rows.rows, estimator, metrics)


def test_the_newest_days_are_measured_and_the_newest_week_of_them() -> None:
    rows = came(20, broken=7)
    found = measured(rows)
    assert found.realised is not None
    assert found.lately is not None
    assert (found.realised.first, found.realised.last, found.realised.days) == ("2013-01-07", "2013-01-20", 14)
    week = rows.newest(7)
    assert found.lately.value == measure("auc", week.target, week.rows.said) < 0.3 < found.realised.metrics["auc"].value


@pytest.mark.parametrize(("days", "rows", "has_week"), [(7, 60, False), (8, 60, True), (14, 28, False), (14, 29, True)])
def test_a_week_is_measured_where_it_is_not_all_and_has_enough_rows(days: int, rows: int, has_week: bool) -> None:
    found = measured(came(days, rows))
    assert found.realised is not None
    assert (found.lately is not None) == has_week


@pytest.mark.parametrize(
    ("days", "rows", "why"),
    [
        (4, 60, "4 days of this version have labels, required 5"),
        (5, 39, "195 rows of this version have labels, required 200"),
        (5, 40, ""),
    ],
)
def test_too_few_days_or_rows_are_not_measured_and_it_is_said_why(days: int, rows: int, why: str) -> None:
    found = measured(came(days, rows))
    assert (found.realised is None, found.lately, found.missing) == (bool(why), None, why)


def test_only_the_metrics_asked_for_are_measured_and_the_verdict_names_its_own() -> None:
    assert deciding(MODEL.gates) == {"auc", "brier"}
    found = measured(came(14), metrics=("auc", "brier"))
    assert found.realised is not None
    assert set(found.realised.metrics) == {"auc", "brier"}


def test_without_an_estimator_nothing_is_estimated() -> None:
    rows = came(14)
    without, found = measured(rows), measured(rows, estimated=True)
    assert without.realised is not None
    assert found.realised is not None
    assert (without.estimated, without.realised.expected, without.check.weeks) == (None, None, 0)
    assert found.estimated is not None
    assert (found.estimated.rows, found.check.weeks) == (14 * 60, 2)
    assert found.realised.expected is not None
    assert found.promoted == without.promoted
    assert found.skill.gained == measure("auc", KNOWN.target, KNOWN.rows.said) - 0.5

"""A regression that was really trained: its error is estimated from the features of the days it answered."""

from pathlib import Path

import pytest

from include.cli import train
from include.lake import Store
from include.ledger import Ledger
from include.monitoring.measure import Performance
from include.steps import STEPS
from tests.declared import LATE, admit_days, declare
from tests.landing import TRIPS

NAME = "trip_minutes"
MODEL = {
    **LATE,
    "task": "regression",
    "target": {"column": "late"},
    "features": {"numeric": ["bus"], "categorical": ["line"]},
    "training": {"held_out_days": 10, "min_rows": 50, "parameters": {}},
    "gates": {
        "absolute_floor": {"mae": 40},
        "champion_comparison": {"metric": "mae", "margin": 1},
        "robustness": {"unit_error": 10_000},  # a line goes on for ever
        "leakage": {"max_strength": 1},  # the number of the bus is nearly the answer
    },
    "monitoring": {"min_rows": 20},
}
PIPELINE = '''"""A line through one number."""

from sklearn.compose import ColumnTransformer
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline


def build_pipeline(params):
    numbers = ColumnTransformer([("numbers", "passthrough", ["bus"])])
    return Pipeline([("columns", numbers), ("line", Ridge())])
'''


@pytest.mark.timeout(900)
def test_its_error_is_estimated_and_measured(models: Path, lake: Store, ledger: Ledger, tracking: str) -> None:
    declare(models, NAME, model=MODEL, contract=TRIPS, pipeline=PIPELINE)
    admit_days("2013-01-01", 40, lake, ledger)
    train(NAME, "2013-02-02", "test")
    STEPS["promote"].run(NAME, {"version": "1"})
    for day in range(2, 10):
        STEPS["score"].run(NAME, {"key": f"2013-02-0{day}"})
    result = STEPS["measure-performance"].run(NAME, {"key": "2013-02-09"})
    found = Performance.model_validate_json(lake.read_bytes(str(result.evidence))).found
    assert found.realised is not None
    assert found.realised.expected is not None
    assert found.estimated is not None
    truth = found.realised.metrics["mae"].value  # the noise is normal with five minutes: four minutes on average
    assert truth == pytest.approx(4, abs=0.6)
    assert found.estimated.value.value == pytest.approx(truth, abs=0.8)
    assert found.realised.expected.lower < truth < found.realised.expected.upper
    assert result.facts["tier"] == "ok"

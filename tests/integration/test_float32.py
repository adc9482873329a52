"""A model with numbers of 32 bits gets them as such wherever it is asked: fit, evaluation, smoke test and scoring."""

from pathlib import Path

import mlflow
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from include.cli import train
from include.evaluation import reference
from include.lake import Store
from include.ledger import Ledger
from include.registry import registry, runs
from include.serving import batch
from include.spec import load_model
from include.steps import STEPS
from tests.declared import LATE, admit_days, declare
from tests.integration.conftest import MODEL
from tests.landing import TRIPS

NAME = "trip_late"
BUS = {**TRIPS["columns"]["bus"], "max": 1000}
CONTRACT = {**TRIPS, "columns": {**TRIPS["columns"], "bus": BUS}}


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_the_model_is_asked_in_the_numbers_it_learnt_from(
    kind: str, models: Path, lake: Store, ledger: Ledger, tracking: str
) -> None:
    features = {**LATE["features"], "float32": ["bus"] if kind == "float32" else []}
    declare(models, model={**MODEL, "features": features}, contract=CONTRACT)
    admit_days("2013-01-01", 40, lake, ledger)
    train(NAME, "2013-02-10", "test")
    version = registry.version(NAME, "1")
    assert registry.load(version)[-1].coef_.dtype == np.dtype(kind)
    signature = mlflow.models.get_model_info(runs.manifest(version.run_id).model_uri).signature
    assert signature is not None
    assert str(signature.inputs.input_types()[0]) == {"float32": "DataType.float", "float64": "DataType.double"}[kind]
    assert "as it was judged" in STEPS["smoke-test"].run(NAME, {"version": "1"}).sentence
    STEPS["promote"].run(NAME, {"version": "1", "reason": "test", "actor": "test"})
    scored = batch.score(load_model(NAME), "2013-02-09", lake, ledger)
    assert pq.read_table(pa.BufferReader(lake.read_bytes(scored.path))).num_rows == 40
    sample = reference.load_sample(NAME, version.run_id, lake)
    assert sample["bus"].type == {"float32": pa.float32(), "float64": pa.float64()}[kind]

"""A version is judged and tried on the partitions its manifest names, whatever lands again meanwhile."""

import json
from pathlib import Path

import pytest
from mlflow import MlflowClient

from include.errors import BadData
from include.evaluation import evidence
from include.lake import Store
from include.ledger import Ledger
from include.registry import registry, runs
from include.registry.manifest import predictions_hash
from include.release.release import SMOKE_ROWS, smoke_test
from include.spec import load_model
from include.steps import STEPS
from tests.declared import admit, trips

NAME = "trip_late"


def fitted() -> str:
    return str(STEPS["fit"].run(NAME, {"as_of": "2013-02-10", "reason": "test"}).facts["run"])


def test_a_held_out_day_that_lands_again_is_not_what_the_challenger_is_judged_on(
    installation: Path, lake: Store, ledger: Ledger
) -> None:
    run = fitted()
    made = runs.manifest(run)
    admit("2013-02-05", lake, ledger, trips(rows=60, seed=99))
    STEPS["evaluate"].run(NAME, {"run": run})
    judged = evidence.load(NAME, run, lake)
    assert judged.summary.held_out_snapshot == made.held_out_snapshot
    assert (len(judged.target), predictions_hash(judged.challenger)) == (made.held_out_rows, made.predictions_hash)
    registry.register(NAME, run, made.model_uri, made.model_hash)
    assert smoke_test(load_model(NAME), "1", lake) == SMOKE_ROWS
    assert runs.manifest(fitted()).held_out_snapshot != made.held_out_snapshot  # the next one is


def test_a_list_of_partitions_that_was_changed_is_not_believed(installation: Path, lake: Store) -> None:
    run = fitted()
    stored = json.loads(runs.snapshots_text(run))
    stored["held_out"]["entries"].pop()
    MlflowClient().log_text(run, json.dumps(stored), "snapshots.json")
    with pytest.raises(BadData, match=f"stored with MLflow run {run} of trip_late are not those of its manifest"):
        STEPS["evaluate"].run(NAME, {"run": run})
    assert lake.list(f"evidence/{NAME}") == []

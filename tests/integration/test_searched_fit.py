"""A fit that searches: child runs in MLflow, found parameters in the manifest, and held-out days nobody looked at."""

from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pyarrow as pa
import pytest
import yaml
from mlflow.entities import Run

from include.errors import BadData
from include.lake import Store
from include.ledger import Ledger
from include.registry import runs
from include.registry.manifest import Manifest, Snapshots
from include.steps import STEPS
from tests.declared import admit, trips
from tests.integration.conftest import MODEL

SPACE = {
    "C": {"type": "float", "min": 1e-5, "max": 10, "log": True},
    "max_iter": {"choices": [50, 100, "many"]},  # "many" is refused by the estimator
}


def declare_search(folder: Path, **search: Any) -> None:
    declared = {"space": SPACE, "trials": 14, "folds": 2, "metric": "brier", **search}
    training = {**MODEL["training"], "parameters": {"C": 1e-4, "tol": 0.001}, "search": declared}
    folder.joinpath("model.yaml").write_text(yaml.safe_dump({**MODEL, "training": training}))


def fit() -> Manifest:
    return runs.manifest(str(STEPS["fit"].run("trip_late", {"as_of": "2013-02-10", "reason": "test"}).facts["run"]))


def children(run_id: str) -> list[Run]:
    parent = mlflow.get_run(run_id)
    found = mlflow.MlflowClient().search_runs(
        [parent.info.experiment_id], f"tags.`mlflow.parentRunId` = '{run_id}'", order_by=["attributes.start_time"]
    )
    return sorted(found, key=lambda one: int(one.info.run_name.removeprefix("trial ")))


def test_every_trial_is_a_child_run_that_says_how_it_ended(installation: Path) -> None:
    declare_search(installation)
    made = fit()
    trials = children(made.run_id)
    assert [one.info.run_name for one in trials] == [f"trial {number}" for number in range(14)]
    by_state = {"complete": "FINISHED", "pruned": "KILLED", "failed": "FAILED"}
    states = [one.data.tags["perennial.trial"] for one in trials]
    assert [one.info.status for one in trials] == [by_state[state] for state in states]
    assert made.search is not None
    counted = (made.search.complete, made.search.pruned, made.search.failed)
    assert counted == tuple(states.count(state) for state in by_state)
    assert made.search.failed > 0
    for one, state in zip(trials, states, strict=True):
        assert set(one.data.params) == {"C", "max_iter"}
        assert ("mean_brier" in one.data.metrics) == (state == "complete")
        assert bool(one.data.tags["perennial.reason"]) == (state != "complete")
        assert (state == "failed") == (one.data.params["max_iter"] == "many")
        assert mlflow.get_run(made.run_id).info.start_time <= one.info.start_time <= one.info.end_time
        steps = mlflow.MlflowClient().get_metric_history(one.info.run_id, "fold_brier")
        assert [step.step for step in steps] == list(range({"complete": 2, "pruned": 1, "failed": 0}[state]))


def test_the_winner_joins_the_declared_parameters(installation: Path, ledger: Ledger) -> None:
    declare_search(installation)
    result = STEPS["fit"].run("trip_late", {"as_of": "2013-02-10", "reason": "test"})
    made = runs.manifest(str(result.facts["run"]))
    trials = [one for one in children(made.run_id) if "mean_brier" in one.data.metrics]
    best = min(trials, key=lambda one: one.data.metrics["mean_brier"])
    assert made.search is not None
    assert made.search.best == best.data.metrics["mean_brier"] < 0.25
    assert result.sentence.endswith(f"best of 14 trials: brier {made.search.best:.4f} on the search's folds")
    assert {name: str(value) for name, value in made.found.items()} == best.data.params
    assert made.parameters == {"C": made.found["C"], "tol": 0.001, "max_iter": made.found["max_iter"]}
    logged = mlflow.get_run(made.run_id).data.params
    assert (logged["C"], logged["tol"]) == (str(made.found["C"]), "0.001")
    assert Manifest.model_validate_json(ledger.decisions("trip_late", kind="fit")[-1].detail) == made


def test_what_the_held_out_days_hold_changes_nothing(installation: Path, lake: Store, ledger: Ledger) -> None:
    """They come again with other numbers and the opposite labels: same trials, same parameters, same model."""
    declare_search(installation)
    before = fit()
    snapshots = Snapshots.model_validate_json(runs.snapshots_text(before.run_id))
    for number, entry in enumerate(snapshots.held_out.entries):
        rows = trips(seed=number, shift=1000)
        late = pa.array(np.where(rows["late"].is_null(), np.nan, 60 - rows["bus"].to_numpy()), from_pandas=True)
        admit(entry.key, lake, ledger, rows.set_column(3, "late", late))
    after = fit()
    assert before.held_out_snapshot != after.held_out_snapshot
    assert before.predictions_hash != after.predictions_hash
    assert before.training_snapshot == after.training_snapshot
    assert (before.parameters, before.content_hash) == (after.parameters, after.content_hash)
    first, second = (
        [(one.data.params, one.data.metrics, one.data.tags["perennial.trial"]) for one in children(made.run_id)]
        for made in (before, after)
    )
    assert first == second


def test_a_training_day_that_holds_something_else_does_change_it(
    installation: Path, lake: Store, ledger: Ledger
) -> None:
    declare_search(installation)
    before = fit()
    admit("2013-01-20", lake, ledger, trips(seed=77))
    after = fit()
    assert before.training_snapshot != after.training_snapshot
    assert before.search is not None
    assert after.search is not None
    assert before.search.best != after.search.best
    assert before.content_hash != after.content_hash


def test_the_same_fit_twice_learns_the_same(installation: Path) -> None:
    first, second = fit(), fit()
    assert first.run_id != second.run_id
    assert (first.content_hash, first.predictions_hash) == (second.content_hash, second.predictions_hash)
    assert (first.found, first.search) == ({}, None)


def test_a_search_in_which_nothing_works_fails_the_run(installation: Path) -> None:
    declare_search(installation, space={"depth": {"choices": [1, 2]}}, trials=3)
    with pytest.raises(BadData, match="none of the 3 trials of the search could be scored"):
        fit()
    [run] = mlflow.MlflowClient().search_runs(
        [mlflow.get_experiment_by_name("trip_late").experiment_id], "tags.`perennial.reason` = 'test'"
    )
    assert run.info.status == "FAILED"

"""A model that is served reaches its users in the steps its owner declared; another is promoted at once."""

import shutil
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag

from include.settings import REPOSITORY


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DagBag:
    folder = tmp_path / "models"
    shutil.copytree(REPOSITORY / "include" / "models", folder)
    file = folder / "flight_delay" / "model.yaml"
    declared = file.read_text().replace("shares: [0.05, 0.2, 0.5, 1.0]", "shares: [0.05, 0.5, 1.0]")
    file.write_text(declared)
    monkeypatch.setenv("PERENNIAL_MODELS", str(folder))
    return DagBag(dag_folder=str(REPOSITORY / "dags" / "release.py"))


def test_each_step_is_a_task_of_its_own_in_their_order(served: DagBag) -> None:
    dag = served.dags["release_flight_delay"]
    assert [task.task_id for task in dag.topological_sort()] == [
        "smoke_test", "stage", "integration_test", "load_test", "approve", "shadow", "canary_5", "canary_50",
        "canary_100", "promote", "settle",
    ]  # fmt: skip
    assert {
        task.task_id: task.task_type for task in dag.tasks if task.task_id.startswith(("shadow", "canary"))
    } == dict.fromkeys(("shadow", "canary_5", "canary_50", "canary_100"), "RolloutStepOperator")


def test_what_nobody_watches_is_taken_away_whatever_happens(served: DagBag) -> None:
    settle = served.dags["release_flight_delay"].get_task("settle")
    assert settle.is_teardown
    assert settle.upstream_task_ids == {"promote"}


def test_a_model_that_declares_no_steps_is_promoted_at_once(served: DagBag) -> None:
    tasks = [task.task_id for task in served.dags["release_arrival_delay"].topological_sort()]
    assert tasks == ["smoke_test", "approve", "promote"]

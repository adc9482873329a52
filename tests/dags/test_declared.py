"""A task's process makes the one Dag it needs, and that Dag is the one everybody else sees."""

from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.definitions.context import _AIRFLOW_PARSING_CONTEXT_DAG_ID as ASKED_FOR

from include.settings import REPOSITORY
from plugins.declared import declared_contracts, declared_models
from tests.dags.graph import graph

DAGS = REPOSITORY / "dags"


@pytest.fixture(scope="module")
def asked(dagbag: DagBag) -> dict[str, DagBag]:
    """For each Dag the bag of a task of it, which reads the Dag's file with the Dag's id as context."""
    with pytest.MonkeyPatch.context() as process:
        bags = {}
        for dag_id, dag in dagbag.dags.items():
            process.setenv(ASKED_FOR, dag_id)
            bags[dag_id] = DagBag(dag_folder=str(DAGS / Path(dag.fileloc).name))
    return bags


def test_a_task_finds_its_dag_and_no_other(asked: dict[str, DagBag]) -> None:
    assert {dag_id: list(bag.dags) for dag_id, bag in asked.items()} == {dag_id: [dag_id] for dag_id in asked}


def test_a_task_sees_the_dag_that_is_scheduled(asked: dict[str, DagBag], dagbag: DagBag) -> None:
    found = {dag_id: bag.dags[dag_id] for dag_id, bag in asked.items()}
    assert graph(found) == graph(dagbag.dags)


@pytest.mark.parametrize("dag_id", ["train", "train_", "training_flight_delay", "score_flight_delay", "train_nobody"])
def test_a_file_makes_nothing_for_a_dag_that_is_not_its_own(dag_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ASKED_FOR, dag_id)
    assert list(declared_models("train")) == []
    assert list(declared_contracts("train")) == []


def test_no_one_asked_means_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ASKED_FOR, raising=False)
    assert {model.name for model in declared_models("train")} == {"arrival_delay", "flight_delay"}
    assert [contract.dataset for contract in declared_contracts("ingest")] == ["flights"]

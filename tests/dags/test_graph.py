"""The graph is held in a snapshot, so that a change of wiring is a diff somebody reads."""

from airflow.dag_processing.dagbag import DagBag

from tests.dags.graph import SNAPSHOT, text


def test_the_graph_is_the_reviewed_one(dagbag: DagBag) -> None:
    assert text(dagbag.dags) == SNAPSHOT.read_text(encoding="utf-8"), (
        "The graph changed. If that is meant: `make snapshot`, and read the diff of tests/dags/graph.yaml."
    )

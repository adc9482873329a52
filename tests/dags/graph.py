"""The graph as text: Dag ids, schedules, tasks, edges and assets. `make snapshot` rewrites it."""

from pathlib import Path
from typing import Any

import yaml
from airflow.sdk import DAG, Asset

SNAPSHOT = Path(__file__).with_name("graph.yaml")


def graph(dags: dict[str, DAG]) -> dict[str, Any]:
    """A description of every Dag in which any change of wiring shows."""
    return {dag_id: _dag(dag) for dag_id, dag in sorted(dags.items())}


def text(dags: dict[str, DAG]) -> str:
    """The snapshot's content."""
    return yaml.safe_dump(graph(dags), sort_keys=False, width=120)


def _dag(dag: DAG) -> dict[str, Any]:
    return {
        "schedule": _schedule(dag.timetable),
        "params": sorted(dag.params),
        "max_active_runs": dag.max_active_runs,
        "tasks": {task.task_id: _task(task) for task in dag.topological_sort()}
        if hasattr(dag, "topological_sort")
        else {},
    }


def _task(task: Any) -> dict[str, Any]:
    described = {
        "operator": task.task_type,
        "step": getattr(task, "step", None) or getattr(task, "partial_kwargs", {}).get("step"),
        "mapped": bool(task.is_mapped),
        "trigger_rule": str(getattr(task.trigger_rule, "value", task.trigger_rule)),
        "outlets": sorted(asset.name for asset in task.outlets),
        "downstream": sorted(task.downstream_task_ids),
    }
    return {key: value for key, value in described.items() if value not in (None, [], False)}


def _schedule(timetable: Any) -> str:
    kind = type(timetable).__name__
    cron = getattr(timetable, "expression", None) or getattr(getattr(timetable, "timetable", None), "expression", None)
    return " ".join([kind, *([f"'{cron}'"] if cron else []), *scheduling_assets(timetable)])


def scheduling_assets(timetable: Any) -> list[str]:
    """The names of the assets whose events start a run."""
    condition = getattr(timetable, "asset_condition", None)
    return sorted(_assets(condition)) if condition is not None else []


def _assets(condition: Any) -> set[str]:
    if isinstance(condition, Asset):
        return {condition.name}
    return {name for one in condition.objects for name in _assets(one)}


if __name__ == "__main__":
    from tests.dags.conftest import REPOSITORY, DagBag

    SNAPSHOT.write_text(text(DagBag(dag_folder=str(REPOSITORY / "dags")).dags), encoding="utf-8")

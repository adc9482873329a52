"""The train Dag under a real scheduler, started by an asset event as a request for training starts it."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import psutil

from include.errors import Outage
from include.platform import AirflowClient, Platform
from include.platform.ending import members
from include.platform.records import DagRun, TaskInstance
from include.platform.servers import MLFLOW, NAMES

STAGES = ("await_data", "fit", "evaluate", "gates", "register")
WAIT_SECONDS = 600.0
POLL_SECONDS = 0.5


def unpause(airflow: AirflowClient, dag_id: str) -> None:
    """Waits until the Dag has been read, and lets it run."""
    _until(lambda: dag_id in {dag.dag_id for dag in airflow.dags()}, f"{dag_id} to be read")
    airflow.unpause(dag_id)


def train(airflow: AirflowClient, model: str, as_of: str) -> dict[str, float]:
    """Requests a training and gives the seconds of each stage, of the gaps before them and of all of it.

    All of them are differences of the platform's own timestamps: how often they are asked for here has no part in them.
    """
    asset = f"{model}_training_request"
    airflow.announce(asset, as_of, {"reason": "benchmark"})
    run = _finished(airflow, f"train_{model}", as_of)
    requested = next(event.timestamp for event in airflow.asset_events(asset) if event.partition_key == as_of)
    return _seconds(requested, run, airflow.task_instances(run.dag_id, run.run_id))


@contextmanager
def memory(platform: Platform) -> Iterator[dict[str, float]]:
    """The most memory Airflow's processes hold together while the block runs, in MB: shared pages count once."""
    airflow = tuple(name for name in NAMES if name != MLFLOW)
    peak, done = {"mb": 0.0}, threading.Event()

    def watch() -> None:
        while not done.wait(1.0):
            peak["mb"] = max(peak["mb"], sum(_pss_mb(process) for process in members(platform.home, airflow)))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


def _finished(airflow: AirflowClient, dag_id: str, key: str) -> DagRun:
    found: list[DagRun] = []

    def finished() -> bool:
        found[:] = [run for run in airflow.dag_runs(dag_id, limit=5, order="-run_after") if run.partition_key == key]
        return bool(found) and found[0].finished

    _until(finished, f"{dag_id} as of {key}")
    if found[0].state != "success":
        tasks = ", ".join(f"{one.task_id} {one.state}" for one in airflow.task_instances(dag_id, found[0].run_id))
        raise Outage(f"{dag_id} as of {key} ended as {found[0].state}: {tasks}")
    return found[0]


def _seconds(requested: datetime, run: DagRun, tasks: list[TaskInstance]) -> dict[str, float]:
    stages: dict[str, list[TaskInstance]] = defaultdict(list)
    for task in tasks:
        stages[task.task_id if task.task_id in STAGES else "gates"].append(task)
    took, before = {"tasks": float(len(tasks))}, requested
    for stage in STAGES:
        if not any(task.start_date and task.end_date for task in stages[stage]):
            states = ", ".join(f"{task.task_id} {task.state}" for task in tasks)
            raise Outage(f"{run.run_id} succeeded without {stage}: {states}")
        begin = min(task.start_date for task in stages[stage] if task.start_date)
        end = max(task.end_date for task in stages[stage] if task.end_date)
        took |= {stage: (end - begin).total_seconds(), f"before_{stage}": (begin - before).total_seconds()}
        before = end
    assert run.end_date is not None
    return {
        **took,
        "after": (run.end_date - before).total_seconds(),
        "all": (run.end_date - requested).total_seconds(),
    }


def _until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise Outage(f"Waited {WAIT_SECONDS:.0f} s for {what}.")
        time.sleep(POLL_SECONDS)


def _pss_mb(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss) / 2**20
    except psutil.Error:  # it has ended
        return 0.0

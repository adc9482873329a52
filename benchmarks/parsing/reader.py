"""`python -m benchmarks.parsing.reader {shapes,folder,files} DAGS`: one fresh interpreter reads one folder of Dags.

The last line of its output is a JSON object with what was found and what it took.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import airflow.dag_processing.manager
import airflow.sdk.execution_time.task_runner  # noqa: F401 - like the processes that read Dag files, it has them
from airflow.dag_processing import processor
from airflow.dag_processing.dagbag import BundleDagBag, DagBag
from airflow.sdk.definitions._internal.dag_parsing_context import _airflow_parsing_context_manager

Counts = dict[str, int]


def main(mode: str, dags: Path) -> None:
    """Does one of the readings and prints it."""
    print(json.dumps({"shapes": shapes, "folder": folder, "files": files}[mode](dags)))


def shapes(dags: Path) -> dict[str, Any]:
    """Every file with its Dags, their tasks and edges."""
    found: dict[str, Any] = {file.name: {} for file in sorted(dags.glob("*.py"))}
    for dag_id, dag in DagBag(dag_folder=str(dags)).dags.items():
        edges = sorted((task.task_id, below) for task in dag.tasks for below in task.downstream_task_ids)
        found[Path(dag.fileloc).name][dag_id] = {"tasks": list(dag.task_ids), "edges": edges}
    return found


def folder(dags: Path) -> dict[str, Any]:
    """The whole folder in one DagBag; importing Airflow itself is not part of `parse`."""
    bags: list[Any] = []
    cost = measured(lambda: bags.append(DagBag(dag_folder=str(dags))))
    return {"parse": cost, "found": counts(bags[0])}


def files(dags: Path) -> dict[str, Any]:
    """Each file as the Dag processor reads it and as a task of its Dag in the middle does, in forks of this process."""
    names = sorted(dags.glob("*.py"))
    for file in names:
        processor._pre_import_airflow_modules(str(file), _Silent())
    return {file.name: _both(file, dags) for file in names}


def _both(file: Path, bundle: Path) -> dict[str, Any]:
    request = processor.DagFileParseRequest(file=str(file), bundle_path=bundle, bundle_name="benchmark")
    read = in_fork(lambda: measured(lambda: processor._parse_file(request, _Silent())))
    dag_ids: list[str] = in_fork(lambda: list(BundleDagBag(str(file), bundle_path=bundle, bundle_name="all").dags))
    if not dag_ids:
        return {"processor": read}
    wanted = dag_ids[len(dag_ids) // 2]
    return {"processor": read, "task": in_fork(lambda: measured(lambda: _as_task(file, bundle, wanted)))}


def _as_task(file: Path, bundle: Path, dag_id: str) -> None:
    """What a task's process does before it runs the task."""
    with _airflow_parsing_context_manager(dag_id=dag_id, task_id="any"):
        bag = BundleDagBag(
            dag_folder=str(file), safe_mode=False, load_op_links=False, bundle_path=bundle, bundle_name="benchmark"
        )
    assert dag_id in bag.dags, bag.import_errors


def measured(work: Callable[[], object]) -> dict[str, float]:
    """Seconds and CPU seconds of the work, and by how many MB the process grew at its peak."""
    before = peak_mb()
    begin, cpu = time.perf_counter(), time.process_time()
    work()
    return {
        "wall": time.perf_counter() - begin,
        "cpu": time.process_time() - cpu,
        "grown_mb": peak_mb() - before,
    }


def peak_mb() -> float:
    """The most memory this process held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def in_fork(work: Callable[[], Any]) -> Any:
    """What the work gives, done in a fork."""
    receive, send = os.pipe()
    if (child := os.fork()) == 0:
        status = 1
        try:
            with os.fdopen(send, "w") as pipe:
                json.dump(work(), pipe)
            status = 0
        finally:
            os._exit(status)
    os.close(send)
    with os.fdopen(receive) as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    assert status == 0, "the fork that reads Dags failed; its traceback is above"
    return json.loads(text)


def counts(bag: Any) -> Counts:
    """How many Dags, tasks and edges a DagBag holds."""
    assert not bag.import_errors, bag.import_errors
    tasks = [task for dag in bag.dags.values() for task in dag.tasks]
    return {"dags": len(bag.dags), "tasks": len(tasks), "edges": sum(len(task.downstream_task_ids) for task in tasks)}


class _Silent:
    """Stands in for the Dag processor's log."""

    def __getattr__(self, _: str) -> Callable[..., None]:
        return lambda *_, **__: None


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

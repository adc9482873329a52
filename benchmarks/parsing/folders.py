"""A hundred declared models, and Dag files with as many Dags, tasks and edges that do nothing."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from include.settings import REPOSITORY

EXAMPLE = REPOSITORY / "include" / "models" / "flight_delay"
HEAD = '''"""As many Dags, tasks and edges as {file} makes, of operators that do nothing."""

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG
'''
LOOP = """
for dag_id in {dag_ids}:
    with DAG(dag_id, schedule=None):
"""


def write_models(folder: Path, models: int, datasets: int) -> None:
    """Model folders like the example's; the first `datasets` of them bring a contract, the others share these."""
    for number in range(models):
        place = folder / f"model_{number:03d}"
        place.mkdir(parents=True)
        (place / "pipeline.py").write_text((EXAMPLE / "pipeline.py").read_text())
        (place / "model.yaml").write_text(_with_dataset("model.yaml", number % datasets))
        if number < datasets:
            (place / "contract.yaml").write_text(_with_dataset("contract.yaml", number))


def write_trivial(folder: Path, shapes: Mapping[str, Mapping[str, Any]]) -> None:
    """One file of trivial Dags for each file that has Dags; `shapes` is what the reader found in ours."""
    folder.mkdir(parents=True)
    for file, dags in shapes.items():
        if dags:
            (folder / file).write_text(_trivial(file, dags))


def _with_dataset(file: str, number: int) -> str:
    return (EXAMPLE / file).read_text().replace("dataset: flights", f"dataset: flights_{number:03d}")


def _trivial(file: str, dags: Mapping[str, Any]) -> str:
    alike: dict[str, list[str]] = {}
    for dag_id, shape in dags.items():
        alike.setdefault(_body(shape), []).append(dag_id)
    return HEAD.format(file=file) + "".join(LOOP.format(dag_ids=ids) + body for body, ids in alike.items())


def _body(shape: Mapping[str, Any]) -> str:
    lines = [f'        {task} = EmptyOperator(task_id="{task}")' for task in shape["tasks"]]
    lines += [f"        {above} >> {below}" for above, below in shape["edges"]]
    return "\n".join(lines) + "\n"

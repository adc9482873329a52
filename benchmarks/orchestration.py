"""What a scheduler adds to a training: the train Dag on a real Airflow against the same steps as function calls.

Both sides fit, evaluate, decide every gate and register on the same days of flights, with the same lake, ledger and
MLflow server, in turns. The platform is one of its own, in a temporary folder and on free ports, and is stopped at the
end, whatever happens. The plain side is one process that has imported everything before the clock starts.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path

from benchmarks.orchestrating import plain, scheduled
from benchmarks.reporting import finish, machine, pick, progress, table
from include.platform import Platform, start, stop
from include.platform.ports import free_port

MODEL = "flight_delay"
FIRST_DAY = date(2013, 1, 1)
# What the shell says about other platforms, and whether Python may keep what it compiled: users let it.
FOREIGN = ("AIRFLOW", "MLFLOW", "PERENNIAL", "PYTHONDONTWRITEBYTECODE")
Samples = dict[str, list[dict[str, float]]]


def main() -> None:
    """Starts a platform, measures on it, prints, and stops it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.orchestration")
    parser.add_argument("--days", type=int, default=31, help="days of flights that are admitted first")
    parser.add_argument("--repeats", type=int, default=5)
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a platform is stopped then, too
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        del os.environ[name]
    os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"
    home = Path(tempfile.mkdtemp(prefix="perennial-bench-orchestration-"))
    try:
        platform = start(
            home, airflow_port=free_port(), mlflow_port=free_port(), service_port=free_port(), say=progress
        )
        os.environ.update(platform.environment())
        with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
            rows = pool.submit(plain.admit_days, FIRST_DAY, chosen.days, home / "flights").result()
        progress(f"{chosen.days} days with {rows} rows admitted")
        samples, memory_mb = measure(platform, chosen.days, chosen.repeats)
    finally:
        stop(home, say=progress)
        shutil.rmtree(home, ignore_errors=True)
    show(samples, memory_mb, f"{chosen.days} days of flights, {rows} rows")


def measure(platform: Platform, days: int, repeats: int) -> tuple[Samples, float]:
    """Both sides in turns, one day each turn, after one of each that only warms up; Airflow's peak memory meanwhile."""
    samples: Samples = {"dag": [], "plain": []}
    with platform.client() as airflow, ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        scheduled.unpause(airflow, f"train_{MODEL}")
        for turn in range(repeats + 1):
            as_of = _day(days - repeats + turn)
            dag = scheduled.train(airflow, MODEL, as_of)
            function = pool.submit(plain.train, MODEL, as_of).result()
            progress(f"as of {as_of}: {dag['all']:.1f} s as a Dag run, {function['all']:.1f} s as functions")
            if turn:
                samples["dag"].append(dag)
                samples["plain"].append(function)
        with scheduled.memory(platform) as peak:  # watching costs time, so this run is not measured
            scheduled.train(airflow, MODEL, _day(days - repeats - 1))
    return samples, peak["mb"]


def _day(number: int) -> str:
    return (FIRST_DAY + timedelta(days=number)).isoformat()


def show(samples: Samples, memory_mb: float, data: str) -> None:
    """The tables and the figures."""
    dag, plain_side = samples["dag"], samples["plain"]
    tasks = pick(dag, "tasks")
    whole, function = pick(dag, "all"), pick(plain_side, "all")
    per_task = (whole - function) / tasks
    plain_mb = max(sample["peak_mb"] for sample in plain_side)
    print(f"\n{data}; medians of {len(dag)} trainings on either side; {machine(os.cpu_count() or 1)}")
    table(
        f"One training: {tasks:.0f} tasks, or as many calls",
        ("", "Dag run", "functions", "ratio"),
        [
            ("request to end, s", whole, function, whole / function),
            ("overhead per task, s", per_task, "", ""),
            ("request to first task, s", pick(dag, "before_await_data"), "", ""),
            ("peak memory without MLflow, MB", memory_mb, plain_mb, memory_mb / plain_mb),
        ],
    )
    stages = {
        stage: {
            "before": pick(dag, f"before_{stage}"),
            "task": pick(dag, stage),
            "function": pick(plain_side, stage) if stage in plain_side[0] else 0.0,
        }
        for stage in scheduled.STAGES
    }
    table(
        f"Stage by stage, s (the {tasks + 1 - len(scheduled.STAGES):.0f} gates side by side: first start to last end)",
        ("", "waits before it", "as a task", "as a function"),
        [*((name, *one.values()) for name, one in stages.items()), ("end of the run", pick(dag, "after"), "", "")],
    )
    finish(
        "orchestration",
        {
            "trainings": len(dag), "tasks": tasks, "dag_seconds": whole, "plain_seconds": function,
            "ratio": whole / function, "overhead_per_task_seconds": per_task,
            "request_to_first_task_seconds": pick(dag, "before_await_data"), "stages": stages,
            "airflow_peak_mb": memory_mb, "plain_peak_mb": plain_mb,
        },
    )  # fmt: skip


if __name__ == "__main__":
    main()

"""How many requests a second the service answers, beside what people use today, and where a request's time goes.

All sides serve the same fitted pipeline of the flights from one process each, all of them up at once, loaded in turns
by wrk with real rows. Ours checks, routes and logs each request. The floor is the pipeline in a loop, without a server.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import httpx

from benchmarks.answering import floor, made
from benchmarks.answering.load import load
from benchmarks.answering.modes import MODES, Mode, running
from benchmarks.answering.sides import Side, furthest, sides
from benchmarks.reporting import finish, machine, pick, progress, table

CONNECTIONS = (1, 16, 64)
RIVALS = ("mlflow_serve", "mlflow_serve_one_thread")
FOREIGN = ("AIRFLOW", "MLFLOW", "PERENNIAL")
STAGES = ("parse", "features", "validate", "model", "log", "total")
Samples = dict[str, dict[int, list[dict[str, float]]]]


def main() -> None:
    """Makes what is served, starts the sides, loads them in turns, prints, and stops them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving")
    parser.add_argument("--days", type=int, default=45, help="days of flights the model learns from")
    parser.add_argument("--seconds", type=int, default=5, help="of one round")
    parser.add_argument("--repeats", type=int, default=5)
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are stopped then, too
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        del os.environ[name]
    home = Path(tempfile.mkdtemp(prefix="perennial-bench-serving-"))
    os.environ.update(PERENNIAL_HOME=str(home), MLFLOW_TRACKING_URI=f"sqlite:///{home / 'mlflow.db'}")
    try:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
            pool.submit(made.make, home, chosen.days, 500).result()
            bare = pool.submit(floor.per_second, home).result()
        costs = {mode.name: _cost(home, mode, chosen.seconds) for mode in MODES}
        with sides(home) as servers:
            apart = {side.name: furthest(home, side, 200) for side in servers}
            assert max(apart.values()) < 1e-6, apart
            samples = measure(home, servers, chosen.seconds, chosen.repeats)
            memory = {side.name: side.memory_mb() for side in servers}
            stages = _stages(servers[0])
    finally:
        shutil.rmtree(home, ignore_errors=True)
    show(samples, memory, apart, bare, stages, costs)


def measure(home: Path, servers: list[Side], seconds: int, repeats: int) -> Samples:
    """Every side at every number of connections, in turns, after one round that only warms up."""
    samples: Samples = {side.name: {connections: [] for connections in CONNECTIONS} for side in servers}
    for turn in range(repeats + 1):
        for connections in CONNECTIONS:
            for side in servers:
                found = load(home, side, connections, seconds if turn else 1)
                if turn:
                    samples[side.name][connections].append(found)
        progress(f"turn {turn} of {repeats}")
        time.sleep(1)
    return samples


def _cost(home: Path, mode: Mode, seconds: int) -> dict[str, float]:
    """The service in one mode, after a round that only warms up."""
    progress(f"mode: {mode.name}")
    with running(home, mode) as (side, _):
        load(home, side, 16, 1)
        return load(home, side, 16, seconds)


def _stages(side: Side) -> dict[str, float]:
    """Mean microseconds of each stage of our requests, as the service's own metrics have them."""
    text = httpx.get(f"{side.url.split('/v2/')[0]}/metrics", timeout=30, trust_env=False).text
    total: dict[str, dict[str, float]] = {"sum": {}, "count": {}}
    for line in text.splitlines():
        for kind, found in total.items():
            if line.startswith(f"perennial_serving_seconds_{kind}") and 'model="flight_delay"' in line:
                stage = line.split('stage="')[1].split('"')[0]
                found[stage] = float(line.rsplit(" ", 1)[1])
    return {stage: 1e6 * total["sum"][stage] / total["count"][stage] for stage in STAGES}


def show(
    samples: Samples,
    memory: dict[str, float],
    apart: dict[str, float],
    bare: float,
    stages: dict[str, float],
    costs: dict[str, dict[str, float]],
) -> None:
    """The tables and the last line."""
    print(f"\n{machine(len(os.sched_getaffinity(0)))}; the pipeline alone, row by row: {bare:.0f} rows a second")
    figures: dict[str, Any] = {"bare_per_second": bare, "stages_us": stages}
    for connections in CONNECTIONS:
        rows = []
        slow, tuned = (pick(samples[name][connections], "per_second") for name in RIVALS)
        dear = pick(samples[RIVALS[0]][connections], "cpu_ms")
        for name, taken in samples.items():
            rate, p50, p99, cpu = (pick(taken[connections], key) for key in ("per_second", "p50", "p99", "cpu_ms"))
            rows.append(
                (name, rate, rate / slow, rate / tuned, cpu, dear / cpu, p50, p99, memory[name], f"{apart[name]:.0e}")
            )
            found = {"per_second": rate, "ratio": rate / slow, "ratio_tuned": rate / tuned, "p50": p50, "p99": p99}
            figures[f"{name}_{connections}"] = {**found, "cpu_ms": cpu, "cpu_ratio": dear / cpu}
        head = (
            "side",
            "requests/s",
            "times mlflow",
            "times tuned",
            "CPU ms",
            "times less",
            "p50 ms",
            "p99 ms",
            "MB",
            "off by",
        )
        table(f"{connections} connections", head, rows)
    table("Where a request's time goes in ours", ("stage", "µs"), [(stage, stages[stage]) for stage in STAGES])
    head = ("mode", "requests/s", "CPU ms", "p50 ms", "p99 ms")
    rows = [(name, *(one[key] for key in ("per_second", "cpu_ms", "p50", "p99"))) for name, one in costs.items()]
    table("Modes, protocol v2, 16 connections", head, rows)
    finish("serving", {**figures, "memory_mb": memory, "modes": costs})


if __name__ == "__main__":
    main()

"""A thousand partitions and more: what listing, reconciling, snapshots and the daily watch cost for each of them.

The reference answers the same questions with `os.scandir` (or one listing of the bucket) and one SQL query each, over
a connection that stays open. Both sides in turns, in a process of their own for each size; the answers must be equal.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from urllib.request import urlopen

from benchmarks.gating.memory import peak_mb
from benchmarks.reporting import finish, machine, pick, progress, table
from include.platform.ports import free_port
from tests import postgres

SIZES = (100, 300, 1000, 3000)
SHOWN = 1000
S3_SIZE = 1000  # the server is a simulation, and lists slowly
BUCKET = "lake"
Figures = dict[str, dict[str, float]]


def main() -> None:
    """Measures each pair of lake and ledger over all sizes; prints and, where asked, plots."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ledger_scale")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--plot", type=Path, help="where to draw how the cost grows, as SVG or PNG")
    chosen = parser.parse_args()
    grown: dict[str, dict[int, Figures]] = {}
    with tempfile.TemporaryDirectory(prefix="perennial-bench-scale-") as folder, s3(), postgres.server() as server:
        for size in chosen.sizes:
            local, sqlite = f"{folder}/{size}/lake", f"sqlite:///{folder}/{size}-{{}}.db"
            with postgres.database(server) as database:
                for name, lake, url in (
                    ("folder, SQLite", local, sqlite.format("local")),
                    ("folder, Postgres", f"{local}-2", database),
                    ("S3, SQLite", f"s3://{BUCKET}/{size}", sqlite.format("s3")),
                ):
                    if lake.startswith("s3:") and size > S3_SIZE:
                        continue
                    grown.setdefault(name, {})[size] = fresh(lake, url, size, chosen.repeats)
                    progress(f"{name}, {size} partitions")
    show(grown)
    if chosen.plot:
        from benchmarks.scaling.plot import draw  # noqa: PLC0415 - only where asked

        draw(grown, chosen.plot)


@contextmanager
def s3() -> Iterator[None]:
    """An S3 server on this machine with one bucket; boto3 and Arrow find it in the environment."""
    import boto3  # noqa: PLC0415 - after the environment says where

    address = f"http://127.0.0.1:{(port := free_port())}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.environ |= {
        "AWS_ENDPOINT_URL": address, "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip
    try:
        while server.poll() is None:
            try:
                urlopen(f"{address}/moto-api/", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield
    finally:
        server.terminate()
        server.wait()


def fresh(lake: str, ledger_url: str, size: int, repeats: int) -> Figures:
    """Both sides in a process of their own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        return pool.submit(measure, lake, ledger_url, size, repeats).result()


def measure(lake: str, ledger_url: str, size: int, repeats: int) -> Figures:
    """Milliseconds of each question on both sides, medians of turns after one that warms up; the process's peak.

    `ours_cpu_ms` is this process's own time, which other work on the machine disturbs less.
    """
    from benchmarks.scaling import bare, ours, world  # noqa: PLC0415 - in the process that measures

    made = world.World(lake, ledger_url, size)
    world.make(made)
    one, other = ours.questions(made), bare.questions(made)
    samples: dict[str, list[dict[str, float]]] = {name: [] for name in one}
    for turn in range(repeats + 1):
        for name in one:
            (mine, cpu, answer), (its, _, expected) = _timed(one[name]), _timed(other[name])
            assert answer == expected, f"{name}: {answer} is not {expected}"
            samples[name] += [{"ours_ms": mine, "bare_ms": its, "ours_cpu_ms": cpu}] if turn else []
    figures = {name: {kind: pick(found, kind) for kind in found[0]} for name, found in samples.items()}
    return {**figures, "process": {"peak_mb": peak_mb()}}


def _timed(question: Callable[[], object]) -> tuple[float, float, object]:
    begin, cpu = time.perf_counter(), time.process_time()
    answer = question()
    return (time.perf_counter() - begin) * 1e3, (time.process_time() - cpu) * 1e3, answer


def show(grown: dict[str, dict[int, Figures]]) -> None:
    """The tables and the figures."""
    print(f"\n{machine(os.cpu_count() or 1)}")
    for name, sizes in grown.items():
        middle = SHOWN if SHOWN in sizes else max(sizes)
        questions = [one for one in sizes[middle] if one != "process"]
        table(
            f"{name}, {middle} partitions",
            ("", "ours ms", "bare ms", "ratio"),
            [
                (one, found["ours_ms"], found["bare_ms"], found["ours_ms"] / found["bare_ms"])
                for one in questions
                if (found := sizes[middle][one])
            ],
        )
        table(
            f"{name}: ours, ms of CPU in the process",
            ("partitions", *questions, "peak MB"),
            [
                (str(size), *(found[one]["ours_cpu_ms"] for one in questions), found["process"]["peak_mb"])
                for size, found in sizes.items()
            ],
        )
    figures = {name: {str(size): found for size, found in sizes.items()} for name, sizes in grown.items()}
    finish("ledger_scale", figures)


if __name__ == "__main__":
    main()

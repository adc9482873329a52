"""How much more reading the Dags of a hundred models costs than reading as many Dags that do nothing.

Both folders hold the same number of Dags, tasks and edges, file by file. Every sample is a fresh interpreter, ours and
the trivial one in turns, so that a busy machine slows both. Three readings:

- the folder: one DagBag over all files, with the imports of everything but Airflow itself;
- each file as the Dag processor reads and serialises it: in a fork of a process that has imported Airflow;
- each file as a task's process reads it before the task runs: the same fork, with the task's Dag id as context.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.parsing.folders import write_models, write_trivial
from benchmarks.reporting import finish, machine, pick, progress, table
from include.settings import REPOSITORY

SIDES = ("ours", "trivial")


class Bench:
    """Two Dag folders under one temporary folder, and fresh interpreters that read them."""

    def __init__(self, root: Path, models: int, datasets: int) -> None:
        self.root = root
        self.dags = {"ours": REPOSITORY / "dags", "trivial": root / "dags"}
        self.plugins = {"ours": REPOSITORY / "plugins", "trivial": root / "plugins"}
        self.plugins["trivial"].mkdir()
        write_models(root / "models", models, datasets)
        write_trivial(self.dags["trivial"], self.read("shapes", "ours"))

    def read(self, mode: str, side: str) -> dict[str, Any]:
        """What one fresh interpreter found, with its wall and CPU seconds and peak memory as `process`."""
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.parsing.reader", mode, str(self.dags[side])]
        begin = time.perf_counter()
        child = subprocess.Popen(
            command, env=self._environment(side), stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
        )
        assert child.stdout is not None
        lines = child.stdout.read().strip().splitlines()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        assert child.returncode == 0, f"reading {side} as {mode} failed; the traceback is above"
        process = {
            "wall": time.perf_counter() - begin,
            "cpu": used.ru_utime + used.ru_stime,
            "peak_mb": used.ru_maxrss / 1024,
        }
        return json.loads(lines[-1]) if mode == "shapes" else {**json.loads(lines[-1]), "process": process}

    def samples(self, mode: str, repeats: int) -> dict[str, list[dict[str, Any]]]:
        """Both sides in turns, after one reading of each that is thrown away."""
        taken: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}
        for turn in range(repeats + 1):
            for side in SIDES:
                sample = self.read(mode, side)
                if turn:
                    taken[side].append(sample)
            progress(f"{mode}: {turn} of {repeats}")
        return taken

    def _environment(self, side: str) -> dict[str, str]:
        return {
            "AIRFLOW_HOME": str(self.root / "airflow"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.dags[side]),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(self.plugins[side]),
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
            "HOME": str(self.root),
            "PATH": os.environ.get("PATH", ""),
            "PERENNIAL_MODELS": str(self.root / "models"),
            "PYTHONPATH": str(REPOSITORY),
        }


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parse")
    parser.add_argument("--models", type=int, default=100)
    parser.add_argument("--datasets", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=7)
    chosen = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="perennial-bench-parse-"))
    try:
        bench = Bench(root, chosen.models, chosen.datasets)
        whole = bench.samples("folder", chosen.repeats)
        files = bench.samples("files", chosen.repeats)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    found = whole["ours"][0]["found"]
    assert found == whole["trivial"][0]["found"], "the two folders differ in Dags, tasks or edges"
    size = ", ".join(f"{count} {what}" for what, count in found.items())
    print(f"\n{chosen.models} models on {chosen.datasets} datasets: {size} on either side")
    print(f"Medians of {chosen.repeats} samples; {machine(os.cpu_count() or 1)}")
    figures = {
        **found,
        "folder": show_folder(whole),
        "processor": show_files("Each file in the Dag processor: parse and serialise", files, "processor"),
        "task": show_files("Each file in a task's process, before the task", files, "task"),
    }
    finish("parse", figures)


def show_folder(samples: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """The table of the whole folder, and its figures."""
    rows, figures = [], {}
    for title, *path in (
        ("DagBag, wall s", "parse", "wall"),
        ("DagBag, CPU s", "parse", "cpu"),
        ("whole process, wall s", "process", "wall"),
        ("whole process, CPU s", "process", "cpu"),
        ("whole process, peak MB", "process", "peak_mb"),
    ):
        ours, trivial = (pick(samples[side], *path) for side in SIDES)
        rows.append((title, ours, trivial, ours / trivial))
        figures["_".join(path)] = compared(ours, trivial)
    table("The whole folder", ("", *SIDES, "ratio"), rows)
    return figures


def show_files(title: str, samples: dict[str, list[dict[str, Any]]], kind: str) -> dict[str, Any]:
    """The table of the single files for one kind of reader, and its figures."""
    rows, figures = [], {}
    head = ("", *(f"{side} {what}" for what in ("wall s", "CPU s", "MB") for side in SIDES), "wall ratio", "CPU ratio")
    for name in (name for name, read in samples["ours"][0].items() if name != "process" and kind in read):
        both = {
            what: tuple(pick(samples[side], name, kind, what) if name in samples[side][0] else 0.0 for side in SIDES)
            for what in ("wall", "cpu", "grown_mb")
        }
        ratios = [both[what][0] / both[what][1] if both[what][1] else "-" for what in ("wall", "cpu")]
        rows.append((name, *both["wall"], *both["cpu"], *both["grown_mb"], *ratios))
        figures[name.removesuffix(".py")] = {what: compared(*values) for what, values in both.items()}
    table(title, head, rows)
    return figures


def compared(ours: float, trivial: float) -> dict[str, float | None]:
    """One figure of both sides with its ratio."""
    return {
        "ours": round(ours, 4),
        "trivial": round(trivial, 4),
        "ratio": round(ours / trivial, 3) if trivial else None,
    }


if __name__ == "__main__":
    main()

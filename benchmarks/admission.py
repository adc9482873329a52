"""What judging, profiling, hashing and publishing a partition costs beside reading it, and beside the usual tools.

Every sample is a fresh process that judges the same file once; imports are not counted. Ours does the whole admission.
The floor reads every column with pyarrow and throws it away. Great Expectations on pandas runs the very same suite;
pandas + Evidently the same rules and a summary of every column. Neither hashes or publishes anything. `ours, cast` has
to write the partition anew, because it lands in narrower types than the contract's.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.admitting.partition import write
from benchmarks.reporting import finish, machine, pick, progress, table
from include.settings import REPOSITORY

MODULES = {
    "scan": "scan",
    "ours": "ours",
    "ours, cast": "ours",
    "GX on pandas": "gx_on_pandas",
    "pandas + Evidently": "pandas_and_evidently",
}
FAST = ("scan", "ours", "ours, cast")
SLOW = ("ours", "GX on pandas", "pandas + Evidently")
MOST_OF_EVIDENTLY = 1_000_000  # rows; it takes forty times as long as reading them
FIGURES = (("wall s", "wall"), ("CPU s", "cpu"), ("peak MB", "peak_mb"))


class Bench:
    """Partitions of several sizes in one temporary folder, and fresh processes that judge them."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def prepare(self, rows: int) -> None:
        """Writes the partition, once as the contract has it and once in narrower types."""
        write(self._file(rows, "scan"), rows)
        write(self._file(rows, "ours, cast"), rows, to_be_cast=True)

    def samples(self, sides: tuple[str, ...], rows: int, repeats: int) -> dict[str, list[dict[str, Any]]]:
        """The sides in turns; the first turn warms up and is thrown away, unless there is only one."""
        taken: dict[str, list[dict[str, Any]]] = {side: [] for side in sides}
        for turn in range(repeats + (repeats > 1)):
            for side in sides:
                sample = self._judge(side, rows)
                if turn or repeats == 1:
                    taken[side].append(sample)
            progress(f"{rows} rows, {', '.join(sides)}: {turn + (repeats == 1)} of {repeats}")
        found = {
            (sample["rows"], sample.get("rules")) for side in ("ours", "GX on pandas") for sample in taken.get(side, ())
        }
        assert len(found) <= 1, f"the sides judged different rows or rules: {found}"
        return taken

    def size_mb(self, rows: int) -> float:
        """The size of the partition's file."""
        return self._file(rows, "scan").stat().st_size / 1e6

    def remove(self, rows: int) -> None:
        """Frees the disk."""
        for side in ("scan", "ours, cast"):
            self._file(rows, side).unlink()

    def _judge(self, side: str, rows: int) -> dict[str, Any]:
        folder = Path(tempfile.mkdtemp(dir=self._root))
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.admitting.side", MODULES[side]]
        try:
            done = subprocess.run(
                [*command, str(self._file(rows, side)), str(folder)],
                env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PERENNIAL_LEDGER_URL": ""},
                cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=True,
            )  # fmt: skip
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        sample: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return sample

    def _file(self, rows: int, side: str) -> Path:
        return self._root / f"{rows}{'-cast' if side == 'ours, cast' else ''}.parquet"


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.admission")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--growth", type=int, nargs="*", default=[10_000, 100_000, 300_000])
    parser.add_argument("--beside", type=int, nargs="*", default=[100_000, 1_000_000], help="rows for the pandas sides")
    parser.add_argument("--plot", type=Path, help="where to draw how the cost grows, as SVG or PNG")
    chosen = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="perennial-bench-admission-"))
    try:
        figures = run(Bench(root), chosen)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    if chosen.plot:
        from benchmarks.admitting.plot import draw  # noqa: PLC0415 - only where asked

        draw(figures["growth"], figures["beside"], chosen.plot)
    finish("admission", figures)


def run(bench: Bench, chosen: argparse.Namespace) -> dict[str, Any]:
    """Every table and its figures."""
    print(machine(os.cpu_count() or 1))
    bench.prepare(chosen.rows)
    size = bench.size_mb(chosen.rows)
    samples = bench.samples(FAST, chosen.rows, chosen.repeats)
    figures: dict[str, Any] = {"rows": chosen.rows, "mb": round(size, 1)}
    title = f"One partition of {chosen.rows} rows and 20 columns, {size:.0f} MB; medians of {chosen.repeats}"
    figures["sides"] = show(title, samples, "scan")
    bench.remove(chosen.rows)
    figures["beside"] = {str(rows): beside(bench, rows) for rows in chosen.beside}
    figures["growth"] = show_growth(bench, chosen, samples)
    return figures


def beside(bench: Bench, rows: int) -> dict[str, Any]:
    """One sample of each of the slow sides: beside ratios of five and more, what samples differ by is little."""
    bench.prepare(rows)
    taken = bench.samples(SLOW if rows <= MOST_OF_EVIDENTLY else SLOW[:2], rows, 1)
    bench.remove(rows)
    return show(f"Beside pandas, {rows} rows; one sample", taken, "ours")


def show(title: str, samples: dict[str, list[dict[str, Any]]], reference: str) -> dict[str, Any]:
    """One row per side with its ratio to the reference."""
    rows, figures = [], {}
    for side, taken in samples.items():
        measured = {name: pick(taken, key) for name, key in FIGURES}
        ratios = [measured[name] / pick(samples[reference], key) for name, key in FIGURES[:2]]
        rows.append((side, *measured.values(), *ratios))
        figures[side] = {**measured, "wall ratio": ratios[0], "cpu ratio": ratios[1]}
    head = ("", *(name for name, _ in FIGURES), f"wall / {reference}", f"CPU / {reference}")
    table(title, head, rows)
    return figures


def show_growth(
    bench: Bench, chosen: argparse.Namespace, whole: dict[str, list[dict[str, Any]]]
) -> list[dict[str, float]]:
    """How time and memory grow with the rows."""
    rows, figures = [], []
    for size in [*chosen.growth, chosen.rows]:
        if size == chosen.rows:
            samples = whole
        else:
            bench.prepare(size)
            samples = bench.samples(("scan", "ours"), size, chosen.repeats)
            bench.remove(size)
        ours, floor = (pick(samples[side], "cpu") for side in ("ours", "scan"))
        peak = pick(samples["ours"], "peak_mb")
        rows.append((str(size), ours, ours / size * 1e6, ours / floor, peak))
        figures.append({"rows": size, "cpu": ours, "cpu_ratio": ours / floor, "peak_mb": peak})
    table("Ours as the partition grows", ("rows", "CPU s", "us per row", "CPU / scan", "peak MB"), rows)
    return figures


if __name__ == "__main__":
    main()

"""A training set of many days: ours against pandas' own way to the same frame, and against a scan that keeps nothing.

Every sample is a process of its own, and the files are in the system's cache. Memory is the most a process had beyond
what it had before it began to read.
"""

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.assembling import sides
from benchmarks.assembling.partitions import write
from benchmarks.reporting import finish, machine, pick, progress, table

GROWTH_ROWS, OF_PARTITIONS = (10_000, 30_000, 100_000, 300_000), 5
GROWTH_PARTITIONS, OF_ROWS = (3, 10, 30, 100), 10_000
SIDES: dict[str, tuple[Callable[..., sides.Found], tuple[Any, ...]]] = {
    "ours": (sides.ours, ()),
    "pandas": (sides.pandas, ()),
    "scan": (sides.scan, ()),
    "float32": (sides.ours, (True,)),
}
Samples = dict[str, list[sides.Found]]
Growth = dict[str, dict[int, sides.Found]]


class NotTheSame(Exception):
    """Two sides that must give the same frame do not."""


def main() -> None:
    """Measures all sides in turns, then how ours grows; prints and, where asked, plots."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training_set")
    parser.add_argument("--partitions", type=int, default=30)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows per partition")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--plot", type=Path, help="where to draw how the cost grows, as SVG or PNG")
    chosen = parser.parse_args()
    with made(chosen.partitions, chosen.rows) as folder:
        samples = measure(folder, chosen.repeats)
    grown = growth()
    show(samples, grown, chosen.partitions, chosen.rows)
    if chosen.plot:
        from benchmarks.gating.plot import draw  # noqa: PLC0415 - only where asked

        draw(grown, chosen.plot)  # type: ignore[arg-type]


def measure(folder: Path, repeats: int) -> Samples:
    """All sides in turns; the first turn only warms up, unless it is the only one. NotTheSame where frames differ."""
    samples: Samples = {side: [] for side in SIDES}
    for turn in range(repeats + (repeats > 1)):
        found = {side: fresh(function, folder, *rest) for side, (function, rest) in SIDES.items()}
        if found["ours"]["content"] != found["pandas"]["content"]:
            raise NotTheSame("ours and pandas give other frames")
        progress(f"turn {turn}: " + ", ".join(f"{side} {one['seconds']:.2f} s" for side, one in found.items()))
        for side, one in found.items() if turn or repeats == 1 else ():
            samples[side].append(one)
    return samples


@contextmanager
def made(partitions: int, rows: int) -> Iterator[Path]:
    """A folder with so many days of so many rows."""
    with tempfile.TemporaryDirectory(prefix="perennial-bench-training-set-") as folder:
        size = fresh(write, Path(folder), partitions, rows)["mb"]
        progress(f"{partitions} partitions of {rows} rows, {size:.0f} MB of Parquet")
        yield Path(folder)


def fresh(function: Callable[..., Any], *arguments: Any) -> Any:
    """What the function gives in a process of its own, which has everything imported and nothing done."""
    context = get_context("forkserver")
    context.set_forkserver_preload([sides.__name__])
    with ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1) as pool:
        return pool.submit(function, *arguments).result()


def growth() -> Growth:
    """Our side alone, one thing growing at a time; the one with less CPU of two."""
    grown: Growth = {"rows per partition": {}, "partitions": {}}
    for rows in GROWTH_ROWS:
        grown["rows per partition"][rows] = _smallest(OF_PARTITIONS, rows)
    for partitions in GROWTH_PARTITIONS:
        grown["partitions"][partitions] = _smallest(partitions, OF_ROWS)
    return grown


def _smallest(partitions: int, rows: int) -> sides.Found:
    with made(partitions, rows) as folder:
        return min((fresh(sides.ours, folder) for _ in range(2)), key=lambda one: one["cpu_seconds"])


def show(samples: Samples, grown: Growth, partitions: int, rows: int) -> None:
    """The tables and the figures."""
    seconds = {side: pick(found, "seconds") for side, found in samples.items()}
    cpu = {side: pick(found, "cpu_seconds") for side, found in samples.items()}
    memory = {side: pick(found, "mb") for side, found in samples.items()}
    frame = {side: pick(samples[side], "frame_mb") for side in ("ours", "pandas", "float32")}
    turns = len(samples["ours"])
    print(f"\n{partitions} partitions x {rows} rows; medians of {turns}; {machine(os.cpu_count() or 1)}")
    table(
        "The labelled rows of all partitions, 20 features",
        ("", "ours", "pandas", "scan", "ours, float32"),
        [
            ("seconds", *seconds.values()),
            ("seconds / ours", *(one / seconds["ours"] for one in seconds.values())),
            ("CPU s", *cpu.values()),
            ("CPU s / ours", *(one / cpu["ours"] for one in cpu.values())),
            ("peak memory, MB", *memory.values()),
            ("the frame itself, MB", frame["ours"], frame["pandas"], "", frame["float32"]),
            *[("peak memory / frame", *(memory[one] / frame[one] if one in frame else "" for one in memory))],
        ],
    )
    for what, measured in grown.items():
        table(
            f"More {what}",
            (what, "CPU s", "us of CPU per row", "peak MB / frame MB"),
            [
                (f"{count:,}", one["cpu_seconds"], one["cpu_seconds"] / one["rows"] * 1e6, one["mb"] / one["frame_mb"])  # type: ignore[operator]
                for count, one in measured.items()
            ],
        )
    figures: dict[str, Any] = {
        "partitions": partitions, "rows": rows, "seconds": seconds, "cpu_seconds": cpu, "peak_mb": memory,
        "frame_mb": frame,
        "pandas_by_ours": cpu["pandas"] / cpu["ours"],
        "ours_by_scan": cpu["ours"] / cpu["scan"],
        "growth": {what: {str(count): one for count, one in found.items()} for what, found in grown.items()},
    }  # fmt: skip
    finish("training_set", figures)


if __name__ == "__main__":
    main()

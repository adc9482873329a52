"""What the gates' numbers cost on a million held-out rows, against a script that measures every resample anew.

Both sides give the same kinds of numbers of the same rows: every metric of champion and challenger, twenty slices,
fairness of ten groups and calibration, each with a thousand resamples of whole days. Every sample is a fresh process.
The probes (robustness, leakage, resources) are not in it: they ask the model, not the rows, and are bounded.
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

from benchmarks.gating import ours, script
from benchmarks.gating.rows import write
from benchmarks.reporting import finish, machine, pick, progress, table

RESAMPLES = 1000
GROWTH_ROWS = (10_000, 100_000, 1_000_000, 3_000_000)
GROWTH_SLICES = (10, 20, 100, 400)
GROWTH_RESAMPLES = (100, 1000, 10_000)
Growth = dict[str, dict[int, dict[str, float]]]


def main() -> None:
    """Measures both sides in turns, then how ours grows; prints and, where asked, plots."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gates")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--slices", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--timed", type=int, default=2, help="resamples of the script that are timed in each turn")
    parser.add_argument("--plot", type=Path, help="where to draw how the cost grows, as SVG or PNG")
    chosen = parser.parse_args()
    samples = measure(chosen.rows, chosen.slices, chosen.repeats, chosen.timed)
    grown = growth(chosen.rows, chosen.slices)
    show(samples, grown, chosen.rows, chosen.slices)
    if chosen.plot:
        from benchmarks.gating.plot import draw  # noqa: PLC0415 - only where asked

        draw(grown, chosen.plot)


def measure(rows: int, slices: int, repeats: int, timed: int) -> dict[str, list[dict[str, float]]]:
    """Both sides in turns, after one of each that only warms up."""
    samples: dict[str, list[dict[str, float]]] = {"ours": [], "script": []}
    with made(rows, slices) as folder:
        for turn in range(repeats + 1):
            one, other = fresh(ours.run, folder), fresh(script.run, folder, timed, RESAMPLES)
            progress(f"turn {turn}: {one['seconds']:.2f} s against {other['seconds']:.0f} s")
            if turn:
                samples["ours"].append(one)
                samples["script"].append(other)
    return samples


@contextmanager
def made(rows: int, slices: int) -> Iterator[Path]:
    """A folder with so many rows, made by another process, which is gone with its memory."""
    with tempfile.TemporaryDirectory(prefix="perennial-bench-gates-") as folder:
        fresh(write, Path(folder), rows, slices)
        yield Path(folder)


def fresh(function: Callable[..., dict[str, float]], *arguments: Any) -> dict[str, float]:
    """What the function gives in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        return pool.submit(function, *arguments).result()


def growth(rows: int, slices: int) -> Growth:
    """Our side alone, one thing growing at a time."""
    grown: Growth = {"rows": {}, "slices": {}, "resamples": {}}
    for count in GROWTH_ROWS:
        with made(count, slices) as folder:
            grown["rows"][count] = fresh(ours.run, folder)
    for count in GROWTH_SLICES:
        with made(rows, count) as folder:
            grown["slices"][count] = fresh(ours.run, folder)
    with made(rows, slices) as folder:
        grown["resamples"] = {count: fresh(ours.compare, folder, count) for count in GROWTH_RESAMPLES}
    progress("measured how the cost grows")
    return grown


def show(samples: dict[str, list[dict[str, float]]], grown: Growth, rows: int, slices: int) -> None:
    """The tables and the figures."""
    one, other = samples["ours"], samples["script"]
    seconds, naive = pick(one, "seconds"), pick(other, "seconds")
    memory, size = pick(one, "peak_mb"), pick(one, "rows_mb")
    print(
        f"\n{rows} rows, {slices} slices, {RESAMPLES} resamples; medians of {len(one)}; {machine(os.cpu_count() or 1)}"
    )
    table(
        "All numbers and decisions on rows",
        ("", "gates", "script", "ratio"),
        [
            ("seconds", seconds, naive, naive / seconds),
            ("of these, decisions", pick(one, "decide_seconds"), "", ""),
            ("CPU seconds", pick(one, "cpu_seconds"), "", ""),
            ("one resample of the script, s", "", pick(other, "each"), ""),
            ("peak memory with the rows, MB", memory, pick(other, "peak_mb"), pick(other, "peak_mb") / memory),
            ("the rows themselves, MB", size, "", ""),
            ("peak memory / rows", memory / size, "", ""),
        ],
    )
    for what, measured in grown.items():
        kept = ("cpu_seconds", "peak_mb") if what != "resamples" else ("cpu_seconds",)
        table(
            f"More {what}" + (" (the champion comparison alone)" if what == "resamples" else ""),
            (what, *(name.replace("_", " ") for name in kept)),
            [(f"{count:,}", *(found[name] for name in kept)) for count, found in measured.items()],
        )
    figures: dict[str, Any] = {
        "rows": rows, "slices": slices, "resamples": RESAMPLES, "seconds": seconds, "script_seconds": naive,
        "times_faster": naive / seconds, "peak_mb": memory, "rows_mb": size, "peak_over_rows": memory / size,
        "growth": {what: {str(count): found for count, found in measured.items()} for what, measured in grown.items()},
    }  # fmt: skip
    finish("gates", figures)


if __name__ == "__main__":
    main()

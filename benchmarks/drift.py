"""One daily check of fifty features: from stored profiles, against Evidently and NannyML on the rows.

Ours compares a current day with a reference of ten days that are ten times as many rows; the others get as many rows as
`--rows` on either side. Seconds are of CPU: on a shared machine they are what the work costs. NannyML lives in a Python
of its own: `--nannyml PATH` names it; without one it is left out.
"""

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.drifting import daily, partition
from benchmarks.reporting import finish, machine, pick, progress, table

FEATURES = 50
CURRENT = 1_000_000
ROWS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)  # of the current day; the reference has ten times as many
WIDTHS = (10, 50, 100, 300, 1_000)
DAYS = (10_000, 100_000, 1_000_000)
NANNYML = Path(__file__).parent / "drifting" / "nannyml_daily.py"
Sample = dict[str, float]
Sides = dict[str, list[Sample]]


def main() -> None:
    """Measures all sides in turns, then how ours grows; prints and, where asked, plots."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drift")
    parser.add_argument("--rows", type=int, default=CURRENT, help="of either side, for Evidently and NannyML")
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--nannyml", type=Path, help="a Python that has NannyML")
    parser.add_argument("--plot", type=Path, help="where to draw how the cost grows, as SVG or PNG")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="perennial-bench-drift-") as place:
        folder = Path(place)
        make(folder, chosen.rows)
        sides = in_turns(folder, chosen.rows, chosen.repeats, chosen.nannyml)
        grown = growth(folder)
    show(sides, grown, chosen.rows)
    if chosen.plot:
        from benchmarks.drifting.plot import draw  # noqa: PLC0415 - only where asked

        draw(grown, chosen.plot)


def make(folder: Path, rows: int) -> None:
    """Two files with rows, and what ours stores of ten days and a day."""
    for name, day, many in (("reference", 1, rows), ("current", 2, rows), ("day", 3, CURRENT)):
        if name != "day" or rows != CURRENT:
            fresh(partition.write, folder / f"{name}.parquet", day, many, FEATURES)
    fresh(daily.store, folder, CURRENT, FEATURES)
    progress(f"made two files of {rows:,} rows and {FEATURES} features")


def in_turns(folder: Path, rows: int, repeats: int, nannyml: Path | None) -> Sides:
    """Side after side; of the slow ones no turn is thrown away."""
    day = folder / ("current.parquet" if rows == CURRENT else "day.parquet")
    sides: Sides = {"stored profiles": [], "profiling the day": [], "Evidently": []}
    if nannyml:
        sides["NannyML"] = []
    for turn in range(repeats):
        sides["stored profiles"].append(fresh(daily.ours, folder))
        sides["profiling the day"].append(fresh(daily.profiling, day, FEATURES))
        sides["Evidently"].append(fresh(daily.evidently, *_files(folder), FEATURES))
        if nannyml:
            sides["NannyML"].append(told(nannyml, folder))
        assert {one["features"] for found in sides.values() for one in found} == {FEATURES}
        progress(f"turn {turn}: " + ", ".join(f"{name} {one[-1]['cpu_seconds']:.2f} s" for name, one in sides.items()))
    return sides


def told(python: Path, folder: Path) -> Sample:
    """What NannyML's process prints."""
    quiet = {**os.environ, "NML_DISABLE_USAGE_LOGGING": "1"}
    command = [str(python), str(NANNYML), *map(str, _files(folder))]
    done = subprocess.run(command, env=quiet, check=True, stdout=subprocess.PIPE, text=True)
    sample: Sample = json.loads(done.stdout.splitlines()[-1])
    return sample


def _files(folder: Path) -> tuple[Path, Path]:
    return folder / "reference.parquet", folder / "current.parquet"


def growth(folder: Path) -> dict[str, dict[int, Sample]]:
    """Ours, with more rows and with more features; and the profiling of a day with more rows."""
    grown: dict[str, dict[int, Sample]] = {"rows of the reference": {}, "features": {}, "rows of the day profiled": {}}
    for rows in ROWS:
        fresh(daily.store, folder, rows, FEATURES)
        grown["rows of the reference"][rows * daily.REFERENCE_DAYS] = fresh(daily.ours, folder)
    for features in WIDTHS:
        fresh(daily.store, folder, CURRENT, features)
        grown["features"][features] = fresh(daily.ours, folder)
    for rows in DAYS:
        fresh(partition.write, folder / "grown.parquet", 4, rows, FEATURES)
        grown["rows of the day profiled"][rows] = fresh(daily.profiling, folder / "grown.parquet", FEATURES)
    return grown


def fresh(function: Callable[..., Any], *arguments: Any) -> Any:
    """What the function gives in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        return pool.submit(function, *arguments).result()


def show(sides: Sides, grown: dict[str, dict[int, Sample]], rows: int) -> None:
    """The tables and the figures."""
    print(f"\n{machine(os.cpu_count() or 1)}")
    check, day = (pick(sides[name], "cpu_seconds") for name in ("stored profiles", "profiling the day"))
    table(
        f"A daily check, {FEATURES} features; Evidently and NannyML on {rows:,} rows against {rows:,}",
        ("", "CPU s", "s", "peak MB", "times the comparison", "times the comparison and profiling"),
        [
            (name, pick(found, "cpu_seconds"), pick(found, "seconds"), pick(found, "peak_mb"),
             pick(found, "cpu_seconds") / check,
             pick(found, "cpu_seconds") / (check + day))
            for name, found in sides.items()
        ],
    )  # fmt: skip
    for what, sizes in grown.items():
        table(
            f"More {what}",
            (what, "CPU s", "s", "peak MB", "bytes stored"),
            [
                (f"{size:,}", one["cpu_seconds"], one["seconds"], one["peak_mb"], f"{one.get('bytes', 0):,.0f}")
                for size, one in sizes.items()
            ],
        )
    figures = {what: {str(size): one for size, one in sizes.items()} for what, sizes in grown.items()}
    finish("drift", {"rows": rows, "sides": sides, "growth": figures})


if __name__ == "__main__":
    main()

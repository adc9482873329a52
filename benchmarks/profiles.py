"""The profile of a year from 365 daily profiles, against making it from the rows with pandas and with pyarrow.

And the drift of the last week from the days before, against Evidently's on the rows. Every sample is a process of its
own. NannyML is left out: its calculators have no stored form either, and fit on the rows each time as Evidently does.
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

from benchmarks.merging import accuracy, days, ours, rows
from benchmarks.reporting import finish, machine, pick, progress, table

DAYS, WEEK = 365, 7
GROWTH_ROWS = (300, 1000, 3000)
GROWTH_COLUMNS = (20, 100)
COLUMNS, ROWS = 20, 1000
SIDES = ("profiles", "pyarrow", "pandas")
Sample = dict[str, float]
Sides = dict[str, list[Sample]]


def main() -> None:
    """Measures all sides in turns, then how they grow; prints and, where asked, plots."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profiles")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--plot", type=Path, help="where to draw how the cost grows, as SVG or PNG")
    chosen = parser.parse_args()
    with made(ROWS, COLUMNS) as folder:
        profiled = in_turns(folder, COLUMNS, chosen.repeats)
        compared = compare(folder, chosen.repeats)
        worst = fresh(accuracy.errors, folder, days.DIFFERENT, COLUMNS)
    grown = growth()
    show(profiled, compared, worst, grown)
    if chosen.plot:
        from benchmarks.merging.plot import draw  # noqa: PLC0415 - only where asked

        draw(grown, chosen.plot)


@contextmanager
def made(rows_a_day: int, columns: int) -> Iterator[Path]:
    """A folder with a year of days."""
    with tempfile.TemporaryDirectory(prefix="perennial-bench-profiles-") as folder:
        fresh(days.write, Path(folder), DAYS, rows_a_day, columns)
        progress(f"made {DAYS} days of {rows_a_day} rows and {columns} columns")
        yield Path(folder)


def fresh(function: Callable[..., Any], *arguments: Any) -> Any:
    """What the function gives in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        return pool.submit(function, *arguments).result()


def in_turns(folder: Path, columns: int, repeats: int) -> Sides:
    """The year's profile, side after side; the first turn warms up."""
    sides: Sides = {name: [] for name in SIDES}
    for turn in range(repeats + 1):
        for name, one in one_turn(folder, columns).items():
            sides[name] += [one] if turn else []
    return sides


def one_turn(folder: Path, columns: int) -> dict[str, Sample]:
    """A sample of each side."""
    sample = {
        "profiles": fresh(ours.profile, folder, DAYS),
        "pyarrow": fresh(rows.with_pyarrow, folder, columns),
        "pandas": fresh(rows.with_pandas, folder, DAYS, columns),
    }
    assert len({one["rows"] for one in sample.values()}) == 1
    progress(", ".join(f"{name} {one['seconds']:.1f} s" for name, one in sample.items()))
    return sample


def compare(folder: Path, repeats: int) -> Sides:
    """The drift of the last week, side after side; the first turn warms up."""
    sides: Sides = {"profiles": [], "Evidently": []}
    for turn in range(repeats + 1):
        one, other = fresh(ours.compare, folder, DAYS, WEEK), fresh(rows.with_evidently, folder, DAYS, WEEK)
        progress(f"drift, turn {turn}: {one['seconds']:.1f} s against {other['seconds']:.1f} s")
        if turn:
            sides["profiles"].append(one)
            sides["Evidently"].append(other)
    return sides


def growth() -> dict[str, dict[int, dict[str, Sample]]]:
    """One sample of each side, rows or columns growing; the files were just written."""
    grown: dict[str, dict[int, dict[str, Sample]]] = {"rows a day": {}, "columns": {}}
    for what, count, rows_a_day, columns in [
        *(("rows a day", count, count, COLUMNS) for count in GROWTH_ROWS),
        *(("columns", count, ROWS, count) for count in GROWTH_COLUMNS),
    ]:
        with made(rows_a_day, columns) as folder:
            grown[what][count] = one_turn(folder, columns)
    return grown


def show(
    profiled: Sides, compared: Sides, worst: dict[str, Sample], grown: dict[str, dict[int, dict[str, Sample]]]
) -> None:
    """The tables and the figures."""
    print(f"\n{DAYS} days of {ROWS} rows and {COLUMNS} columns; {machine(os.cpu_count() or 1)}")
    for title, sides in (("The profile of the year", profiled), (f"Drift of {WEEK} days", compared)):
        base = pick(sides["profiles"], "cpu_seconds")
        table(
            title,
            ("", "seconds", "CPU s", "peak MB", "CPU ratio"),
            [
                (name, *(pick(found, one) for one in ("seconds", "cpu_seconds", "peak_mb")),
                 pick(found, "cpu_seconds") / base)
                for name, found in sides.items()
            ],
        )  # fmt: skip
    for what, sizes in grown.items():
        table(
            f"More {what}, CPU s",
            (what, *SIDES, "bytes a day", "bytes of the year"),
            [
                (f"{count:,}", *(found[side]["cpu_seconds"] for side in SIDES),
                 *(f"{found['profiles'][one]:,.0f}" for one in ("bytes_a_day", "bytes_of_the_year")))
                for count, found in sizes.items()
            ],
        )  # fmt: skip
    kinds = ("psi", "of_psi", "ks", "rank", "distinct")
    table(
        "Worst errors of merged profiles",
        ("", *kinds),
        [(shape, *(f"{found[kind]:.4f}" for kind in kinds)) for shape, found in worst.items()],
    )
    figures = {what: {str(count): one for count, one in sizes.items()} for what, sizes in grown.items()}
    finish("profiles", {"profiled": profiled, "compared": compared, "errors": worst, "growth": figures})


if __name__ == "__main__":
    main()

"""A mean of the last seven days for a million rows: ours, DuckDB by hand, and Feast's default offline store.

All three say the same to the bit, which is asserted, of the rows that Feast gives back. Feast makes no aggregates: it
is handed every change of every window and joins. It makes all pairs of a row and its entity's history, so that it is
compared on fewer rows, as many per shop. Every sample is a fresh process; imports are not in the seconds.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.featuring import duck, feast_join, ours
from benchmarks.featuring.rows import DAYS, write
from benchmarks.gates import fresh
from benchmarks.reporting import finish, machine, pick, progress, table

GROWTH_ROWS = (100_000, 300_000, 1_000_000, 3_000_000)
GROWTH_SHOPS = (100, 1_000, 10_000, 100_000)
FEAST_ROWS = (1_000, 3_000, 10_000)
ROWS_PER_SHOP = 1_000
Samples = dict[str, list[dict[str, float]]]
Growth = dict[str, dict[int, dict[str, dict[str, float]]]]
SIDES = {"ours": ours.run, "duckdb": duck.run, "feast": feast_join.run}


def main() -> None:
    """Measures the sides in turns, then how they grow; prints and, where asked, plots."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.features")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--shops", type=int, default=1_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--plot", type=Path, help="where to draw how the cost grows, as SVG or PNG")
    chosen = parser.parse_args()
    whole = measure(chosen.rows, chosen.shops, chosen.repeats, ("ours", "duckdb"))
    few = {rows: measure(rows, rows // ROWS_PER_SHOP, 1, tuple(SIDES)) for rows in FEAST_ROWS}
    grown = growth(chosen.rows, chosen.shops)
    show(whole, few, grown, chosen.rows, chosen.shops)
    if chosen.plot:
        from benchmarks.featuring.plot import draw  # noqa: PLC0415 - only where asked

        draw(grown, {rows: pick(found["feast"], "cpu_seconds") for rows, found in few.items()}, chosen.plot)


def measure(rows: int, shops: int, repeats: int, sides: tuple[str, ...]) -> Samples:
    """These sides in turns, after one of each that only warms up."""
    samples: Samples = {side: [] for side in sides}
    with made(rows, shops) as folder:
        if "feast" in sides:
            fresh(feast_join.prepare, folder)
        for turn in range(repeats + 1):
            found = {side: fresh(SIDES[side], folder) for side in sides}
            said = ", ".join(f"{side} {one['cpu_seconds']:.2f} s of CPU" for side, one in found.items())
            progress(f"{rows} rows, turn {turn}: {said}")
            for side, one in found.items() if turn else ():
                samples[side].append(one)
    return samples


@contextmanager
def made(rows: int, shops: int) -> Iterator[Path]:
    """A lake with so many rows, made by another process, which is gone with its memory."""
    with tempfile.TemporaryDirectory(prefix="perennial-bench-features-") as folder:
        fresh(write, Path(folder), rows, shops)
        yield Path(folder)


def growth(rows: int, shops: int) -> Growth:
    """Ours and DuckDB, one thing growing at a time."""
    grown: Growth = {"rows": {}, "shops": {}}
    for what, sizes in (("rows", GROWTH_ROWS), ("shops", GROWTH_SHOPS)):
        for size in sizes:
            with made(*((size, shops) if what == "rows" else (rows, size))) as folder:
                grown[what][size] = {side: fresh(SIDES[side], folder) for side in ("ours", "duckdb")}
    progress("measured how the cost grows")
    return grown


def show(whole: Samples, few: dict[int, Samples], grown: Growth, rows: int, shops: int) -> None:
    """The tables and the figures."""
    size, repeats = machine(os.cpu_count() or 1), len(whole["ours"])
    print(f"\n{rows} rows of {DAYS} days, {shops} shops; medians of {repeats}; {size}")
    kinds = {"seconds": "seconds", "cpu_seconds": "CPU seconds", "memory": "memory beyond the libraries, MB"}
    medians = {kind: [_of(found, kind) for found in whole.values()] for kind in kinds}
    table(
        "A mean of seven days, known after one",
        ("", *whole, "duckdb / ours"),
        [(kinds[kind], *found, found[1] / found[0]) for kind, found in medians.items()],
    )
    table(
        f"With Feast, {ROWS_PER_SHOP} rows a shop",
        ("rows", "ours CPU s", "duckdb CPU s", "feast CPU s", "feast / ours", "feast MB", "rows Feast loses"),
        [
            (
                f"{count:,}", *(_of(one, "cpu_seconds") for one in found.values()),
                _of(found["feast"], "cpu_seconds") / _of(found["ours"], "cpu_seconds"), _of(found["feast"], "memory"),
                int(pick(found["feast"], "lost")),
            )
            for count, found in few.items()
        ],
    )  # fmt: skip
    for what, measured in grown.items():
        lines = [
            (f"{count:,}", *(_of([one], kind) for kind in ("cpu_seconds", "memory") for one in found.values()))
            for count, found in measured.items()
        ]
        table(f"More {what}", (what, "ours CPU s", "duckdb CPU s", "ours MB", "duckdb MB"), lines)
    figures = {
        "rows": rows, "shops": shops, **{kind: dict(zip(whole, found, strict=True)) for kind, found in medians.items()},
        "feast": {str(count): found["feast"][0] for count, found in few.items()},
        "growth": {what: {str(count): found for count, found in measured.items()} for what, measured in grown.items()},
    }  # fmt: skip
    finish("features", figures)


def _of(samples: list[dict[str, float]], kind: str) -> float:
    """The median of a kind of seconds, or of the memory beyond the libraries."""
    return pick(samples, "peak_mb") - pick(samples, "libraries_mb") if kind == "memory" else pick(samples, kind)


if __name__ == "__main__":
    main()

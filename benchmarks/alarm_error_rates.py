"""How often the watch alarms without a reason, and how soon with one: simulated streams whose faults are known.

Nothing is timed. Two questions:

- in a year in which nothing changes, with fifty features whose days follow each other: how many alarms, at any size;
- of each fault: how often and how soon it is found, by ours, by the textbook rule, by Evidently's drift preset and by
  NannyML's univariate calculator with their defaults, on the same rows.

Everything is seeded. NannyML lives in a Python of its own: `--nannyml PATH` names it; without one it is left out.
"""

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import mean, median
from typing import Any

from threadpoolctl import threadpool_limits

from benchmarks.drifting.judged import WEEK, model
from benchmarks.drifting.scenarios import FAULTS, SEASON, detected, one, world, year
from benchmarks.reporting import finish, machine, progress, table

SIZES = (1, 10, 30, 100, 1_000, 10_000, 100_000, 1_000_000)
NANNYML_SIDE = Path(__file__).parent / "drifting" / "nannyml_side.py"
ROWS = 100  # a day, of the streams with faults
Said = dict[str, list[dict[str, list[bool]]]]  # by fault: of each stream, what each rule says of each week


def main() -> None:
    """Simulates, prints the tables, and leaves nothing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.alarm_error_rates")
    parser.add_argument("--years", type=int, default=10, help="of each size")
    parser.add_argument("--streams", type=int, default=10, help="of each fault")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--nannyml", type=Path, help="a Python that has NannyML")
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="perennial-bench-alarms-") as folder,
        ProcessPoolExecutor(
            chosen.processes, mp_context=get_context("spawn"), initializer=threadpool_limits, initargs=(1,)
        ) as pool,
    ):
        asked = {
            name: [pool.submit(one, name, ROWS, seed, folder) for seed in range(chosen.streams)] for name in FAULTS
        }
        years = {rows: [pool.submit(year, rows, seed) for seed in range(chosen.years)] for rows in reversed(SIZES)}
        said: Said = {}
        for name, jobs in asked.items():
            said[name] = [job.result() for job in jobs]
            told = ", ".join(f"{rule} {_told(found)}" for rule, found in rates(name, said[name]).items())
            progress(f"{len(jobs)} streams, {name}: {told}")
        if chosen.nannyml:
            add_nannyml(said, chosen.nannyml, folder)
        quiet = {}
        for rows, simulated in years.items():
            quiet[rows] = average([job.result() for job in simulated])
            progress(f"{len(simulated)} years of {rows} rows a day: {quiet[rows]['alarms']:.2f} alarms")
    show(quiet, said)
    print(f"\n{machine(chosen.processes)}")
    finish("alarm_error_rates", {"years": quiet, "faults": {name: rates(name, found) for name, found in said.items()}})


def add_nannyml(said: Said, python: Path, folder: str) -> None:
    """Has NannyML judge every stream that was left in the folder."""
    command = [str(python), str(NANNYML_SIDE), folder, str(WEEK * ROWS)]
    quiet = {**os.environ, "NML_DISABLE_USAGE_LOGGING": "1"}
    done = subprocess.run(command, env=quiet, check=True, stdout=subprocess.PIPE, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    for place, name in enumerate(FAULTS):
        for seed, stream in enumerate(said[name]):
            stream["NannyML"] = found[f"{place}-{seed}"]


def average(years: list[dict[str, float]]) -> dict[str, float]:
    """Of each figure, the mean of the years."""
    return {what: mean(one[what] for one in years) for what in years[0]}


def rates(name: str, streams: list[dict[str, list[bool]]]) -> dict[str, dict[str, float | None]]:
    """By rule: the share of streams in which the fault is found, the median delay in days, and the share of weeks
    before it on which the rule alarms. Of a season alone every week counts as one before."""
    chosen = world(name, ROWS)
    start = chosen.calm - WEEK + 1
    found: dict[str, dict[str, float | None]] = {}
    for rule in streams[0]:
        delays = [detected(one[rule], start) for one in streams]
        seen = [one for one in delays if one is not None]
        calm = [one[rule] if name == SEASON else one[rule][:start] for one in streams]
        found[rule] = {
            "found": len(seen) / len(delays), "delay": median(seen) if seen else None, "calm": mean(map(mean, calm)),
        }  # fmt: skip
    return found


def show(quiet: Mapping[int, dict[str, float]], said: Said) -> None:
    """The two tables."""
    rate = model().monitoring.false_alarms_per_year
    table(
        f"A year without a change, fifty features, defaults (`false_alarms_per_year: {rate:g}`)",
        ("rows a day", "alarms", "loud days", "trainings asked for", "days on which the textbook fires"),
        [
            (f"{rows:,}", f"{one['alarms']:.2f}", f"{one['loud days']:.2f}", f"{one['requests']:.2f}",
             f"{one['textbook']:.0f} of 365")
            for rows, one in sorted(quiet.items())
        ],
    )  # fmt: skip
    measured: dict[str, Any] = {name: rates(name, streams) for name, streams in said.items()}
    rules = list(next(iter(measured.values())))
    table(
        f"Streams with a fault that are found, and after how many days, {ROWS} rows a day, {WEEK} days a window",
        ("fault", *rules),
        [(name, *(_told(found[rule]) for rule in rules)) for name, found in measured.items()],
    )
    calm = {rule: mean(found[rule]["calm"] for found in measured.values()) for rule in rules}
    table("Weeks before any fault on which a rule alarms", ("", *rules),
          [("share", *(f"{calm[rule]:.0%}" for rule in rules))])  # fmt: skip


def _told(found: dict[str, Any]) -> str:
    return "none" if not found["found"] else f"{found['found']:.0%}, {found['delay']:g}"


if __name__ == "__main__":
    main()

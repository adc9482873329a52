"""The year of real flights replayed under five policies: alarms, trainings and what was realised, in which time.

    python -m benchmarks.replay [--from 2013-04-01] [--to 2013-12-31] [--false-alarms-a-year 2] [--plot year.svg]

Every day is admitted as if it had come in its night; the first champion stands on `--from`.
"""

import argparse
import os
import resource
import tempfile
import time
from datetime import date
from pathlib import Path

from benchmarks.replaying.plot import draw
from benchmarks.replaying.year import admit_year
from benchmarks.reporting import finish, machine, progress
from include.replay import run
from include.replay.report import Report
from include.spec import load_model

MODEL = "flight_delay"


def main() -> None:
    """Admits, replays, measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, default=date(2013, 4, 1))
    parser.add_argument("--to", dest="last", type=date.fromisoformat, default=date(2013, 12, 31))
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--false-alarms-a-year", type=float, help="also try other limits of drift, and suggest some")
    parser.add_argument("--plot", type=Path, help="where to draw it, as .svg or .png")
    given = parser.parse_args()
    spec = load_model(given.model)
    with tempfile.TemporaryDirectory(prefix="perennial-bench-replay-") as folder:
        store, ledger = admit_year(spec.contract, Path(folder))
        started, cpu = time.monotonic(), time.process_time()
        found = run(spec, given.first, given.last, [], None, given.false_alarms_a_year, store, ledger, progress)
        seconds, cpu = time.monotonic() - started, time.process_time() - cpu
    print(f"\n{found.text}\n\n{seconds:.0f} s, {cpu:.0f} s of CPU; {machine(os.cpu_count() or 1)}, {_peak():.0f} MB")
    if given.plot:
        draw(found, given.plot)
    finish(
        "replay", {"seconds": round(seconds), "cpu_seconds": round(cpu), "peak_mb": round(_peak()), **figures(found)}
    )


def figures(found: Report) -> dict[str, object]:
    """By policy what the table says."""
    return {
        one.name: {
            "trainings": len(one.trainings),
            "promoted": one.promoted,
            "alarms": len(one.alarms),
            "false_alarms": one.false_alarms,
            "alarm_days": one.alarm_days,
            "realised": round(one.realised, 5),
            "cpu_seconds": round(one.seconds),
        }
        for one in found.outcomes
    }


def _peak() -> float:
    """Of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()

"""How often the watch alarms without a reason, and how soon with one: simulated streams whose faults are known.

Nothing is timed. Two questions:

- in a year in which nothing changes, with fifty features whose days follow each other: how many alarms, at any size;
- of each fault: how often and how soon the whole watch finds it, by drift or by performance, beside the textbook rule,
  Evidently's drift preset and NannyML's calculators with their defaults, on the same rows.

Everything is seeded. NannyML lives in a Python of its own: `--nannyml PATH` names it; without one it is left out.
"""

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import mean, median

from scipy.stats import beta, chi2
from threadpoolctl import threadpool_limits

from benchmarks.drifting.judged import WEEK
from benchmarks.drifting.scenarios import FAULTS, QUIET, SEASON, detected, measured_year, one, plan, year
from benchmarks.drifting.watched import LABEL_DELAY
from benchmarks.reporting import finish, machine, progress, table
from include.spec import Monitoring

SIZES = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
SMALL = (1, 10)  # which have no verdict at all, unless they are asked for one
NANNYML_SIDE = Path(__file__).parent / "drifting" / "nannyml_side.py"
ROWS = 100  # a day, of the streams with faults
CONFIDENCE = 0.95
Said = dict[str, list[dict[str, list[bool]]]]  # by fault: of each stream, what each rule says of each week
Figures = dict[str, float | None]


def main() -> None:
    """Simulates, prints the tables, and leaves nothing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.alarm_error_rates")
    parser.add_argument("--years", type=int, default=10, help="of each size")
    parser.add_argument("--measured-years", type=int, default=2, help="of each size, of performance")
    parser.add_argument("--streams", type=int, default=10, help="of each fault")
    parser.add_argument("--peer-streams", type=int, default=3, help="of each fault, that Evidently and NannyML see")
    parser.add_argument("--rows", type=int, default=ROWS, help="a day, of the streams")
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
            name: [
                pool.submit(one, name, chosen.rows, seed, folder if seed < chosen.peer_streams else None)
                for seed in range(chosen.streams)
            ]
            for name in FAULTS
        }
        quiet = {
            **{f"{rows:,}": [pool.submit(year, rows, seed) for seed in range(chosen.years)] for rows in SIZES},
            **{f"{rows:,}, `min_rows: 1`": [pool.submit(year, rows, seed, least=1) for seed in range(chosen.years)]
               for rows in SMALL},
        }  # fmt: skip
        measured = {
            f"{rows:,}": [pool.submit(measured_year, rows, seed) for seed in range(chosen.measured_years)]
            for rows in SIZES
        }
        said: Said = {}
        for name, jobs in asked.items():
            said[name] = [job.result() for job in jobs]
            progress(f"{len(jobs)} streams, {name}")
        if chosen.nannyml:
            add_nannyml(said, chosen.nannyml, folder, WEEK * chosen.rows)
        years = {name: [job.result() for job in jobs] for name, jobs in quiet.items()}
        of_labels = {name: [job.result() for job in jobs] for name, jobs in measured.items()}
    found = {name: rates(name, streams, chosen.rows) for name, streams in said.items()}
    show_years(years, of_labels)
    show_faults(found, chosen)
    print(f"\n{machine(chosen.processes)}")
    finish("alarm_error_rates", {"years": years, "measured_years": of_labels, "faults": found})


def add_nannyml(said: Said, python: Path, folder: str, week_rows: int) -> None:
    """Has NannyML judge every stream that was left in the folder. What is measured is known when labels are."""
    command = [str(python), str(NANNYML_SIDE), folder, str(week_rows)]
    quiet = {**os.environ, "NML_DISABLE_USAGE_LOGGING": "1"}
    done = subprocess.run(command, env=quiet, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    for place, name in enumerate(FAULTS):
        for seed, stream in enumerate(said[name]):
            if told := found.get(f"{place}-{seed}"):
                late = [False] * LABEL_DELAY + told["measured"][:-LABEL_DELAY]
                stream["NannyML: drift"] = told["drift"]
                stream["NannyML: performance"] = [a or b for a, b in zip(late, told["estimated"], strict=True)]


def rates(name: str, streams: Sequence[Mapping[str, list[bool]]], rows: int) -> dict[str, Figures]:
    """By rule: in how many streams the fault is found, the median delay in days, and of how many weeks before it there
    is an alarm. Of a season alone every week counts as one before."""
    chosen = plan(name, rows)
    start = chosen.calm - WEEK + 1
    found: dict[str, Figures] = {}
    for rule in dict.fromkeys(rule for stream in streams for rule in stream):
        said = [stream[rule] for stream in streams if rule in stream]
        delays = [delay for one in said if (delay := detected(one, start)) is not None]
        before = [week for one in said for week in (one if name == SEASON else one[:start])]
        found[rule] = {
            "streams": len(said), "found": len(delays), "delay": median(delays) if delays else None,
            "weeks": len(before), "calm_alarms": sum(before),
        }  # fmt: skip
    return found


def show_years(years: Mapping[str, list[dict[str, float]]], of_labels: Mapping[str, list[dict[str, float]]]) -> None:
    """What a year without a change has, with exact bounds of a Poisson count."""
    table(
        f"A year without a change, fifty features, defaults (`false_alarms_per_year: "
        f"{Monitoring().false_alarms_per_year:g}`); bounds at {CONFIDENCE:.0%}",
        ("rows a day", "years", "alarms of drift", "trainings asked for", "loud days", "textbook fires on",
         "performance: years, loud of verdicts"),
        [
            (name, str(len(each)), *(_a_year([one[what] for one in each]) for what in ("alarms", "trainings")),
             f"{mean(one['loud days'] for one in each):.2f}", f"{mean(one['textbook'] for one in each):.0f} of 365",
             _measured(of_labels.get(name, [])))
            for name, each in years.items()
        ],
    )  # fmt: skip


def _measured(years: list[dict[str, float]]) -> str:
    loud, verdicts = (sum(one[what] for one in years) for what in ("loud", "verdicts"))
    return f"{len(years)}, {loud:.0f} of {verdicts:.0f}" if years else ""


def show_faults(found: Mapping[str, Mapping[str, Figures]], chosen: argparse.Namespace) -> None:
    """Of each fault the share found, and the median day; of each rule how often it alarms before."""
    rules = list(next(iter(found.values())))
    table(
        f"Streams in which a rule alarms after the fault began, and on which day (median): {chosen.streams} streams, "
        f"{chosen.rows} rows a day, weekly windows; {chosen.peer_streams} for Evidently and NannyML. "
        f"Bounds of {chosen.streams} of {chosen.streams}: {_share(chosen.streams, chosen.streams)}",
        ("fault", *rules),
        [(f"*{name}*" if name in QUIET else name, *(_told(each[rule]) for rule in rules))
         for name, each in found.items()],
    )  # fmt: skip
    calm = {rule: [sum(float(each[rule][what] or 0) for each in found.values()) for what in ("calm_alarms", "weeks")]
            for rule in rules}  # fmt: skip
    table("Weeks before any fault on which a rule alarms", ("", *rules),
          [("share", *(f"{alarms / weeks:.1%}" for alarms, weeks in calm.values()))])  # fmt: skip


def _told(found: Figures) -> str:
    if found["calm_alarms"] == found["weeks"]:
        return "always"
    return f"{found['found']} of {found['streams']}" + (f", day {found['delay']:g}" if found["found"] else "")


def _a_year(counts: Sequence[float]) -> str:
    """The mean with Garwood's exact bounds (Fiducial Limits for the Poisson Distribution, 1936)."""
    total, tail = sum(counts), (1 - CONFIDENCE) / 2
    lower = chi2.ppf(tail, 2 * total) / 2 if total else 0.0
    upper = chi2.ppf(1 - tail, 2 * total + 2) / 2
    return f"{total / len(counts):.2f} ({lower / len(counts):.2f} to {upper / len(counts):.2f})"


def _share(found: int, of: int) -> str:
    """Exact bounds (Clopper & Pearson, The Use of Confidence or Fiducial Limits, 1934)."""
    tail = (1 - CONFIDENCE) / 2
    lower = float(beta.ppf(tail, found, of - found + 1)) if found else 0.0
    upper = float(beta.ppf(1 - tail, found + 1, of - found)) if found < of else 1.0
    return f"{lower:.0%} to {upper:.0%}"


if __name__ == "__main__":
    main()

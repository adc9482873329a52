"""A year of weekly challengers on real flights, judged by each policy: what it promoted, and what that was worth.

Every Monday a challenger of `flight_delay` is trained as the product trains it (the model's own windows, gap and
pipeline) and judged on its held-out days against the champion of the moment, which each policy has chosen for itself.
The gates are those of `include.gates`. The challengers are shared: about forty fits serve every policy.

Then the same year with accidents: every fourth challenger was made from four weeks of history, by a mistake that raises
no error.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path

from threadpoolctl import threadpool_limits

from benchmarks.judging import tables
from benchmarks.judging.career import career
from benchmarks.judging.forest import draw
from benchmarks.judging.policies import policies
from benchmarks.judging.realised import Outcome, Served
from benchmarks.judging.year import Challenger, Year, challenger, load, mondays
from benchmarks.reporting import finish, machine, progress
from include.spec import load_model

MODEL = "flight_delay"
FIRST_MONDAY = date(2013, 4, 1)
EVERY, SHORT_HISTORY_DAYS = 4, 28


def main() -> None:
    """Trains, judges, measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.policies")
    parser.add_argument("--first", type=date.fromisoformat, default=FIRST_MONDAY, help="day of the first champion")
    parser.add_argument("--plot", type=Path, help="where to draw the comparison with promoting always, as .svg or .png")
    chosen = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="perennial-bench-policies-") as folder:
        year = load(load_model(MODEL), Path(folder))
    sound = trained(year, chosen.first)
    mixed = with_accidents(year, sound)
    fitted = time.monotonic()
    plain, accidents = judged(year, sound), judged(year, mixed)
    print(f"\n{len(sound)} models of {MODEL} as of the Mondays from {sound[0].as_of} to {sound[-1].as_of}, ", end="")
    print(f"served until {year.last}; {sum(one.spoiled for one in mixed)} of them again with an accident")
    print(
        f"{fitted - started:.0f} s to train, {time.monotonic() - fitted:.0f} s to judge; {machine(os.cpu_count() or 1)}"
    )
    tables.judgements(plain)
    tables.worth(plain)
    tables.accidents(accidents)
    if chosen.plot:
        draw({"As they came": plain, "With accidents": accidents}, chosen.plot)
    finish("policies", {"as_they_came": tables.figures(plain), "with_accidents": tables.figures(accidents)})


def trained(year: Year, first: date) -> list[Challenger]:
    """A challenger for every Monday."""
    made = []
    with fitters() as pool:
        for one in pool.map(partial(challenger, year), mondays(first, year.last)):
            progress(f"as of {one.as_of}: {one.stored_score:.4f} on {one.held_out}")
            made.append(one)
    return made


def with_accidents(year: Year, sound: Sequence[Challenger]) -> list[Challenger]:
    """The same challengers, every fourth of them made from too short a history. The first champion is sound."""
    spoiled = [one.as_of for one in sound[EVERY::EVERY]]
    with fitters() as pool:
        made = {one.as_of: one for one in pool.map(partial(challenger, year, history_days=SHORT_HISTORY_DAYS), spoiled)}
    return [made.get(one.as_of, one) for one in sound]


def fitters() -> ThreadPoolExecutor:
    """Fits side by side, each on one core: a fit on several waits for the slowest, and a busy machine has slow ones."""
    return ThreadPoolExecutor(os.cpu_count(), initializer=threadpool_limits, initargs=(1,))


def judged(year: Year, challengers: Sequence[Challenger]) -> dict[str, Outcome]:
    """The year under each policy."""
    served = Served.of(year, challengers[0].as_of)
    careers = {name: career(year, policy, challengers) for name, policy in policies(year.spec.gates).items()}
    said = {name: one.said(year) for name, one in careers.items()}
    always = said["always promote"]
    return {name: Outcome(one, served.compared(said[name], always)) for name, one in careers.items()}


if __name__ == "__main__":
    main()

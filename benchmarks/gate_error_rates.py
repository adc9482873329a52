"""How often the gates are wrong: simulated challengers of known worth, judged by our policies and by the field's rules.

Nothing is timed. Five questions:

- how often a bound of the comparison is on the wrong side of the truth, for days that follow each other;
- how often each rule promotes a challenger that is worse, as good or better;
- how long a window must be for a policy to see what is there;
- how many false promotions a year of comparisons brings;
- how soon one finds a challenger that passes by trying many on one window.

Everything is seeded: the same figures come out on every run.
"""

import argparse
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from benchmarks.gate_simulating import tables
from benchmarks.gate_simulating.coverage import misses
from benchmarks.gate_simulating.repeated import tuned, years
from benchmarks.gate_simulating.rules import WITHOUT_LIMITS, pass_rate, policy, promotion_rates
from benchmarks.gate_simulating.worlds import LossWorld, ScoreWorld
from benchmarks.reporting import finish, machine, progress
from include.spec import ChampionComparison

Jobs = dict[tuple[str, ...], Future[Any]]
PARTS = {"bounds of a mean": 1, "bounds of AUC": 4, "promotions": 4, "many tried": 16, "power": 20}
"""The share of --worlds that each rate is of: one in so many, by what a window costs."""
YEARS_PARTS = {7: 40, 1: 100}
IMPROVEMENTS = (-0.02, -0.01, -0.005, 0.0, 0.005, 0.01, 0.02)
CORRELATIONS = (0.0, 0.3, 0.6)
WINDOWS = (14, 28, 56)
ATTEMPTS = (1, 5, 20, 100)
FALSE_IS = ChampionComparison(metric="mae", policy="significantly_better")
YEARS = {
    "weekly, gate": (7, FALSE_IS),
    "weekly, without limits": (7, FALSE_IS.model_copy(update=WITHOUT_LIMITS)),
    "daily, gate": (1, FALSE_IS),
    "daily, budget alone": (1, FALSE_IS.model_copy(update={"held_out_uses": WITHOUT_LIMITS["held_out_uses"]})),
    "daily, without limits": (1, FALSE_IS.model_copy(update=WITHOUT_LIMITS)),
}


def main() -> None:
    """Simulates, prints the tables, and draws them where asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gate_error_rates")
    parser.add_argument("--worlds", type=int, default=4000, help="windows for a bound of a mean; others take a part")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--plot", type=Path, help="where to write the picture, as .svg or .png")
    chosen = parser.parse_args()
    with ProcessPoolExecutor(
        chosen.processes, mp_context=get_context("spawn"), initializer=threadpool_limits, initargs=(1,)
    ) as pool:
        figures = gathered(submitted(pool.submit, chosen.worlds))
    tables.show(figures)
    tables.precision({what: _part(chosen.worlds, what) for what in PARTS})
    print(f"\n{machine(chosen.processes)}")
    if chosen.plot is not None:
        from benchmarks.gate_simulating.plots import draw  # noqa: PLC0415 - drawing is asked for rarely

        draw(figures, chosen.plot)
    finish("gate_error_rates", {"worlds": chosen.worlds, **figures})


def submitted(submit: Callable[..., Future[Any]], worlds: int) -> Jobs:
    """Every simulation, by the names its figures are found under; the longest first."""
    jobs: Jobs = {}
    for improvement in IMPROVEMENTS:
        for correlation in (0.0, 0.6):
            world = ScoreWorld(improvement=improvement, correlation=correlation)
            jobs["promotes", str(correlation), str(improvement)] = submit(
                promotion_rates, world, _part(worlds, "promotions"), 3
            )
    for days in reversed(WINDOWS):
        for rows in (200, 800):
            for gained in (0.005, 0.01, 0.02):
                world = ScoreWorld(days, rows, improvement=gained - 0.01)
                jobs["power", str(rows), str(days), str(gained)] = submit(
                    pass_rate, policy("non_inferior"), world, _part(worlds, "power"), 4
                )
    for name, (every, rule) in YEARS.items():
        jobs["year", name] = submit(years, rule, every, max(worlds // YEARS_PARTS[every], 2), 6)
    jobs["tuned",] = submit(tuned, ATTEMPTS, _part(worlds, "many tried"), 7)
    for days in WINDOWS:
        for name, bounded in bound_worlds(days).items():
            part = _part(worlds, "bounds of a mean" if isinstance(bounded, LossWorld) else "bounds of AUC")
            jobs["bounds", name, str(days)] = submit(misses, bounded, part, 2)
    return jobs


def _part(worlds: int, what: str) -> int:
    return max(worlds // PARTS[what], 2)


def bound_worlds(days: int) -> dict[str, LossWorld | ScoreWorld]:
    """What bounds are tried on, by name."""
    worlds: dict[str, LossWorld | ScoreWorld] = {
        f"mean, {correlation:g}": LossWorld(days, correlation=correlation) for correlation in CORRELATIONS
    }
    worlds["mean, 0.6, half of it noise"] = LossWorld(days, correlation=0.6, row_sd=10**0.5)
    worlds["mean, 0, skewed days"] = LossWorld(days, skewed=True)
    for correlation in (0.0, 0.6):
        worlds[f"AUC, {correlation:g}"] = ScoreWorld(days, 100, correlation=correlation)
    return worlds


def gathered(jobs: Jobs) -> dict[str, Any]:
    """The figures as nested tables."""
    figures: dict[str, Any] = {}
    for number, (names, job) in enumerate(jobs.items(), 1):
        place = figures
        for name in names[:-1]:
            place = place.setdefault(name, {})
        place[names[-1]] = job.result()
        progress(f"{number} of {len(jobs)}: {', '.join(names)}")
    return figures


if __name__ == "__main__":
    main()

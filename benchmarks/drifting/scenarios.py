"""The faults, and one stream of each under every rule; and years in which nothing changes."""

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.drifting.evidently_side import verdicts
from benchmarks.drifting.judged import LOUD, WEEK, Alarms, ours, textbook
from benchmarks.drifting.streams import Fault, Plan, Stream, steady, stream
from benchmarks.drifting.watched import Performance, Profiles, model, watch
from benchmarks.drifting.worlds import FEATURES, World, simulated
from include.lake.merging import merge
from include.monitoring.outcomes import MOST_ROWS
from include.replay.textbook import tier
from include.spec import Monitoring

COLUMN, WORD, UNIMPORTANT = "number_01", "word_1", "number_21"


def in_inches(column: str) -> Fault:
    """Centimetres about 10, with a deviation of 2, told in inches."""
    return Fault(column, shift=-3.05, scale=0.39)


FAULTS = {
    "no change": Fault(),
    "unit of a feature": in_inches(COLUMN),
    "feature stuck at null": Fault(COLUMN, null=True),
    "category renamed": Fault(WORD, renamed=True),
    "labels flipped": Fault(flipped=True),
    "gradual shift, two deviations in 28 days": Fault(COLUMN, shift=2, growing=28),
    "prior from 0.2 to 0.5": Fault(prior=0.5),
    "concept of a feature flipped": Fault(turned=WORD),
    "season alone": Fault(),
    "unit of a feature without importance": in_inches(UNIMPORTANT),
}
SEASON = "season alone"
QUIET = ("no change", SEASON, "unit of a feature without importance")
"""Those that must not alarm."""
HALF = 0.5
A_YEAR = 430  # days to learn from, where there is a season


def plan(name: str, rows: int) -> Plan:
    """The stream's days. Where there is a season, the model has seen it once before."""
    if name == SEASON:
        return Plan(rows, training=A_YEAR, season=1.0)
    return Plan(rows, fault=FAULTS[name])


def one(name: str, rows: int, seed: int, folder: str | None) -> dict[str, list[bool]]:
    """What each rule says of each week served. Where there is a folder, Evidently is asked, which takes longer than all
    the rest, and the rows go there for tools with a Python of their own.

    Ours compares with days of the same season where there is one, as model.yaml would say; the others have no such
    choice.
    """
    given = stream(plan(name, rows), seed)
    spec = model(reference="matched" if name == SEASON else "training")
    stored = Profiles.of(given, spec)
    days = watch(given, stored)
    found = {
        "ours: told": [day.told for day in days],
        "ours: alarm": [day.loud for day in days],
        "ours: by drift": [day.drift in LOUD for day in days],
        "ours: training": [day.asked for day in days],
        "textbook": _textbook(given, stored),
    }
    if folder is not None:
        evidently = verdicts(given.of(range(given.plan.serves)), map(given.of, weeks(given)))
        found |= {"Evidently": evidently["half"], "Evidently, any column": evidently["any"]}
        _leave(Path(folder) / f"{list(FAULTS).index(name)}-{seed}", given)
    return found


def _textbook(given: Stream, stored: Profiles) -> list[bool]:
    days = list(stored.days.values())
    before = merge(days[: given.plan.serves])
    return [tier(before, merge(days[week.start : week.stop]), FEATURES) == "alert" for week in weeks(given)]


def weeks(given: Stream) -> list[range]:
    """Every week that ends on a day served, the first whole one first."""
    return [range(end - WEEK + 1, end + 1) for end in range(given.plan.serves + WEEK - 1, given.plan.days)]


def _leave(place: Path, given: Stream) -> None:
    said = given.answers.said
    told = given.features.assign(said=said, predicted=(said >= HALF).astype(int), target=given.answers.target)
    told.iloc[given.plan.rows_of(range(given.plan.serves))].to_parquet(f"{place}.reference.parquet")
    parts = [told.iloc[given.plan.rows_of(week)] for week in weeks(given)]
    pd.concat(parts, ignore_index=True).to_parquet(f"{place}.current.parquet")


def year(rows: int, seed: int, *, least: int | None = None) -> dict[str, float]:
    """A year without a change: alarms that rise, trainings asked for, and days on which the textbook fires.

    `least` takes the place of `min_rows`.
    """
    limits = Monitoring() if least is None else Monitoring(min_rows=least)
    counts = simulated(World(rows, after=WEEK - 1 + 365), seed)
    world = World(rows, after=WEEK - 1 + 365)
    alarms = ours(world, counts, limits)
    return {
        "alarms": episodes(alarms, limits.leave_after),
        "loud days": float(alarms.sum()),
        "trainings": episodes(requests(alarms, limits), limits.cool_down_days),
        "textbook": float(textbook(world, counts).sum()),
    }


def measured_year(rows: int, seed: int) -> dict[str, float]:
    """A year of labels without a change: alarms of performance, measured and estimated, on one day of each week.

    Of many rows the watch measures on a sample, and no more are drawn.
    """
    spec = model()
    sampled = min(rows, MOST_ROWS // spec.monitoring.performance_days)
    watched = Performance.of(steady(Plan(sampled, training=0, calm=365, faulty=0), seed), spec)
    loud = np.array([watched.verdict(day).tier in LOUD for day in range(WEEK, 365, WEEK)])
    return {"alarms": episodes(loud, 0), "loud": float(loud.sum()), "verdicts": float(len(loud))}


def requests(alarms: Alarms, limits: Monitoring) -> Alarms:
    """Whether m of the last n verdicts alarm, the newest among them."""
    loud = np.convolve(alarms, np.ones(limits.of_windows), mode="full")[: len(alarms)]
    return np.asarray(alarms & (loud >= limits.violations))


def episodes(alarms: Alarms, rest: int) -> float:
    """How often an alarm rises, `rest` days after the one before at the earliest."""
    last, risen = -rest - 1, 0
    for day in np.flatnonzero(alarms).tolist():
        risen += day - last > rest
        last = day
    return float(risen)


def detected(said: list[bool], start: int) -> int | None:
    """Days from the fault's first to the first alarm, both counted; None without one. `start` is its place."""
    found = np.flatnonzero(said[start:])
    return int(found[0]) + 1 if len(found) else None

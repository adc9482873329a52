"""The faults, and one stream of each under every rule."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.drifting import evidently_side
from benchmarks.drifting.judged import WEEK, Alarms, ends, model, ours, ours_by_counts, requests, textbook
from benchmarks.drifting.rows import frame
from benchmarks.drifting.worlds import Fault, World, stream


def in_inches(column: str) -> Fault:
    """Centimetres about 10, with a deviation of 2, told in inches."""
    return Fault(column, shift=-3.05, scale=0.39)


FAULTS = {
    "no change": Fault(),
    "unit of a feature": in_inches("number_01"),
    "feature stuck at null": Fault("number_02", null=True),
    "category renamed": Fault("word_0", renamed=True),
    "gradual shift, two deviations in 28 days": Fault("number_03", shift=2, growing=28),
    "prior from 0.2 to 0.5": Fault(prior=0.5),
    "unit of a feature without importance": in_inches("number_21"),
    "season alone": Fault(),
}
SEASON = "season alone"
HARMFUL = tuple(FAULTS)[1:6]
YEAR_AND_REFERENCE = 430  # days of reference, where there is a season


def world(name: str, rows: int) -> World:
    """The stream's days. Where there is a season, the reference has had it once before."""
    if name == SEASON:
        return World(rows, reference=YEAR_AND_REFERENCE, season=1.0)
    return World(rows, fault=FAULTS[name])


def one(name: str, rows: int, seed: int, folder: str) -> dict[str, list[bool]]:
    """What each rule says of each week; the stream is left in the folder as rows, for tools with a Python of their own.

    Ours compares with days of the same season where there is one, as model.yaml would say; the others have no such
    choice.
    """
    chosen = world(name, rows)
    counts = stream(chosen, seed)
    spec = model(reference="matched" if name == SEASON else "training")
    alarms = ours(chosen, counts, spec)
    evidently = evidently_side.dataset(chosen, counts)
    _leave(Path(folder) / f"{list(FAULTS).index(name)}-{seed}", chosen, counts)
    found = {
        "ours": alarms,
        "ours, training asked for": requests(alarms, spec),
        "textbook": textbook(chosen, counts),
        "Evidently": evidently["half"],
        "Evidently, any column": evidently["any"],
    }
    return {rule: said.tolist() for rule, said in found.items()}


def _leave(place: Path, chosen: World, counts: Any) -> None:
    frame(chosen, counts, range(chosen.reference)).to_parquet(f"{place}.reference.parquet")
    weeks = [frame(chosen, counts, range(end - WEEK + 1, end + 1)) for end in ends(chosen)]
    pd.concat(weeks, ignore_index=True).to_parquet(f"{place}.current.parquet")


def year(rows: int, seed: int) -> dict[str, float]:
    """A year without a change: alarms that rise, trainings asked for, and days on which the textbook fires."""
    chosen = World(rows, calm=WEEK - 1 + 365, faulty=0)
    counts, spec, begin = stream(chosen, seed), model(), time.process_time()
    alarms = ours_by_counts(chosen, counts, spec.monitoring)
    return {
        "alarms": episodes(alarms, spec.monitoring.leave_after),
        "requests": episodes(requests(alarms, spec), spec.monitoring.cool_down_days),
        "loud days": float(alarms.sum()),
        "textbook": float(textbook(chosen, counts).sum()),
        "seconds": time.process_time() - begin,
    }


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

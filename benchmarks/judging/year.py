"""The year of flights with one challenger for every Monday, made as the product makes them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from include.demo.flights import day, days, load_flights
from include.evaluation.coded import Coded
from include.evaluation.metrics import measure
from include.features.matrix import Floats, feature_frame, target_vector
from include.spec import ModelSpec
from include.training.pipeline import build_pipeline
from include.training.predictions import predict
from include.training.windows import Window, windows

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Year:
    """All flights with a known delay, day by day; the names of `days` are partition keys."""

    spec: ModelSpec
    features: pd.DataFrame
    target: Floats
    days: Coded

    def rows(self, window: Window) -> slice:
        """The rows of a window of days."""
        first = 0 if window.first is None else self._begin(window.first)
        return slice(first, self._begin(window.last + timedelta(days=1)))

    def days_of(self, window: Window) -> Coded:
        """Each row's day, of a window that has a first one."""
        codes = self.days.codes[self.rows(window)]
        return Coded(codes - codes[0], self.days.names[codes[0] : codes[-1] + 1])

    @property
    def last(self) -> date:
        """The newest day."""
        return date.fromisoformat(self.days.names[-1])

    def _begin(self, of: date) -> int:
        before = int(np.searchsorted(self.days.names, of.isoformat()))
        return int(np.searchsorted(self.days.codes, before))


@dataclass(frozen=True)
class Challenger:
    """What a model says of every row from its held-out window on, and the score it got there when it was made.

    A spoiled one was made with a mistake that nobody noticed.
    """

    as_of: date
    held_out: Window
    said: Floats
    first_row: int
    stored_score: float
    spoiled: bool

    def on(self, rows: slice) -> Floats:
        """What it says of these rows."""
        assert rows.start >= self.first_row, "rows it may have learnt from"
        return self.said[rows.start - self.first_row : rows.stop - self.first_row]


def load(spec: ModelSpec, cache: Path) -> Year:
    """The year as admitted partitions would hold it, in their order."""
    flights = load_flights(cache)
    keys = days(flights)
    parts = [day(flights, key) for key in keys]
    table, codes = pa.concat_tables(parts), np.repeat(np.arange(len(keys)), [part.num_rows for part in parts])
    target = target_vector(table, spec)
    known = ~np.isnan(target)
    features = feature_frame(table.filter(pa.array(known)), spec)
    return Year(spec, features, target[known], Coded(codes[known].astype(np.int32), tuple(keys)))


def mondays(first: date, last: date) -> Iterator[date]:
    """Every Monday from the first on that is followed by a whole week until the last day."""
    while first + WEEK <= last + timedelta(days=1):
        yield first
        first += WEEK


def challenger(year: Year, as_of: date, history_days: int | None = None) -> Challenger:
    """Fitted on the model's own training window as of that day, or by mistake on that of a shorter history."""
    spec = year.spec
    if history_days is not None:
        spec = spec.model_copy(update={"training": spec.training.model_copy(update={"history_days": history_days})})
    chosen = windows(spec, as_of)
    learnt, judged = year.rows(chosen.training), year.rows(chosen.held_out)
    assert learnt.start < learnt.stop <= judged.start
    pipeline = build_pipeline(spec).fit(year.features.iloc[learnt], year.target[learnt])
    said = predict(spec, pipeline, year.features.iloc[judged.start :])
    metric = spec.gates.champion_comparison.metric
    score = measure(metric, year.target[judged], said[: judged.stop - judged.start])
    return Challenger(as_of, chosen.held_out, said, judged.start, score, spoiled=history_days is not None)

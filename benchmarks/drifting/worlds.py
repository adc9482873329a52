"""Days of fifty features and a prediction in which nothing changes: counts of rows per cell of a grid, so that a day of
a million rows is as cheap as one of ten.

Rows are drawn from a distribution, cell by cell, which is what counting drawn rows would give. Days follow each other:
the mean of a column is partly that of the day before, and partly new.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from scipy.special import expit, ndtr

from include.lake.cells import Cells, Floats, Integers
from include.lake.profile import CategoryProfile, ColumnProfile, NumericProfile, Profile
from include.training.predictions import PREDICTION

NUMBERS = tuple(f"number_{place:02}" for place in range(40))
WORDS = tuple(f"word_{place}" for place in range(10))
FEATURES = (*NUMBERS, *WORDS)
EDGES = np.arange(-8, 8.001, 0.05)
VALUES = (EDGES[1:] + EDGES[:-1]) / 2
CUTS = np.array([-1.5, -0.6, 0.5, 1.0, 1.6])  # a word's kinds, by what lies behind it
BETWEEN = (0.0, 0.05, 0.1, 0.2, 0.3)  # by how much days differ, in standard deviations of a day's rows, in turns
CORRELATION = 0.6  # of a day with the one before
FIRST = date(2012, 1, 1)


@dataclass(frozen=True)
class World:
    """Days of so many rows: those of the reference, and those after it."""

    rows: int
    reference: int = 70
    after: int = 365

    @property
    def days(self) -> int:
        """All of them."""
        return self.reference + self.after


def keys(days: int) -> list[str]:
    """The partition of each day."""
    return [(FIRST + timedelta(days=day)).isoformat() for day in range(days)]


def simulated(world: World, seed: int) -> dict[str, Integers]:
    """Rows per day and cell of each column; the last cell are rows without a value, of which there are none."""
    random = np.random.default_rng(seed)
    names = (*FEATURES, PREDICTION)
    wandering = following(random, world.days, len(names), CORRELATION)
    return {
        name: random.multinomial(world.rows, _shares(BETWEEN[place % len(BETWEEN)] * wandering[:, place]))
        for place, name in enumerate(names)
    }


def following(random: np.random.Generator, days: int, columns: int, correlation: float) -> Floats:
    """Standard normal days, each correlated with the one before."""
    fresh = random.normal(size=(days, columns))
    for day in range(1, days):
        fresh[day] = correlation * fresh[day - 1] + np.sqrt(1 - correlation**2) * fresh[day]
    return fresh


def profiles(
    world: World, counts: Mapping[str, Integers], names: Sequence[str], days: Sequence[int]
) -> dict[str, Profile]:
    """The profile of each of these days, as admission and scoring would store it."""
    every = keys(world.days)
    return {
        every[day]: Profile(rows=world.rows, columns={name: _profile(name, counts[name][day]) for name in names})
        for day in days
    }


def _shares(means: Floats) -> Floats:
    """Of each day's rows, per cell and without a value."""
    shares = np.diff(ndtr(EDGES[None, :] - means[:, None]), axis=1)
    shares /= shares.sum(axis=1, keepdims=True)
    return np.column_stack([shares, np.zeros(len(means))])


def _profile(name: str, counts: Integers) -> ColumnProfile:
    rows = counts[:-1]
    if name in WORDS:
        kinds = np.bincount(np.searchsorted(CUTS, VALUES), weights=rows, minlength=len(CUTS) + 1).astype(int)
        said = {f"kind_{place}": int(many) for place, many in enumerate(kinds) if many}
        return CategoryProfile(count=int(rows.sum()), nulls=int(counts[-1]), counts=said)
    values, there = (expit(VALUES) if name == PREDICTION else VALUES)[rows > 0], rows[rows > 0]
    mean = float(np.average(values, weights=there))
    return NumericProfile(
        count=int(there.sum()), nulls=int(counts[-1]), min=float(values[0]), max=float(values[-1]), mean=mean,
        m2=float(there @ (values - mean) ** 2), cells=Cells.of_counted(values, there).encoded(),
    )  # fmt: skip

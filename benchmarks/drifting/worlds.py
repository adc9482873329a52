"""Days of fifty features and a prediction: counts of rows per cell of a grid, so that a day of a million rows is cheap.

Days follow each other: the mean of a column is that of the day before, partly, and partly new. Nothing changes until a
fault begins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
CUTS = np.array([-1.2, -0.5, 0.1, 0.7, 1.3])  # a word's categories, by what lies behind it
BETWEEN = (0.0, 0.05, 0.1, 0.2, 0.3)  # by how much days differ, in standard deviations of a day's rows, in turns
TELLING = 5  # so many features differ between the classes; each has a fifth of the skill
APART, SAID_APART = 0.5, 1.2  # the classes, in such a feature and in the prediction, in standard deviations
PRIOR = 0.2
FIRST = date(2012, 1, 1)
YEAR = 365.25


@dataclass(frozen=True)
class Fault:
    """What happens from its first day on; `growing` are the days until it is whole."""

    column: str = ""
    shift: float = 0.0
    scale: float = 1.0
    null: bool = False
    renamed: bool = False
    prior: float = PRIOR
    growing: int = 1


@dataclass(frozen=True)
class World:
    """How many days of how many rows, and how alike days are that follow each other. `season` is a year's amplitude."""

    rows: int
    reference: int = 70
    calm: int = 21
    faulty: int = 28
    correlation: float = 0.6
    season: float = 0.0
    fault: Fault = field(default_factory=Fault)

    @property
    def start(self) -> int:
        """The day on which the fault begins."""
        return self.reference + self.calm

    @property
    def days(self) -> int:
        """All of them."""
        return self.start + self.faulty


IMPORTANCE: Mapping[str, float] = {
    **{name: 0.2 if place < TELLING else 0.02 if place < 20 else 0.0 for place, name in enumerate(NUMBERS)},
    **{name: 0.3 if place == 0 else 0.02 for place, name in enumerate(WORDS)},
}
"""Half of the numbers mean nothing to the model."""


def keys(world: World) -> list[str]:
    """The partition of each day."""
    return [(FIRST + timedelta(days=day)).isoformat() for day in range(world.days)]


def stream(world: World, seed: int) -> dict[str, Integers]:
    """Rows per day and cell of each column; the last cell are rows without a value."""
    random = np.random.default_rng(seed)
    names = (*FEATURES, PREDICTION)
    drifting = _following(random, world.days, len(names), world.correlation)
    progress = np.clip((np.arange(world.days) - world.start + 1) / world.fault.growing, 0, 1)
    prior = PRIOR + (world.fault.prior - PRIOR) * progress
    counts = {}
    for place, name in enumerate(names):
        means = BETWEEN[place % len(BETWEEN)] * drifting[:, place]
        if world.season and place % 2 == 0 and place < len(NUMBERS):
            means = means + world.season * np.sin(2 * np.pi * np.arange(world.days) / YEAR)
        means, scale, null = _broken(world, name, means, progress)
        apart = SAID_APART if name == PREDICTION else APART if place < TELLING else 0.0
        counts[name] = random.multinomial(world.rows, _shares(means, scale, null, apart, prior))
    return counts


def _broken(world: World, name: str, means: Floats, progress: Floats) -> tuple[Floats, Floats, Floats]:
    """The means, the scale and the share of nulls of each day, where the fault is this column's."""
    fault = world.fault
    if name != fault.column:
        return means, np.ones(world.days), np.zeros(world.days)
    scale = 1 + (fault.scale - 1) * progress
    return means * scale + fault.shift * progress, scale, progress * fault.null


def _shares(means: Floats, scale: Floats, null: Floats, apart: float, prior: Floats) -> Floats:
    """Of each day's rows, per cell and without a value: two classes, each a normal distribution."""
    below = np.zeros((len(means), len(EDGES)))
    for label, share in ((0.0, 1 - prior), (1.0, prior)):
        centre = means + apart * (label - PRIOR)
        below += share[:, None] * ndtr((EDGES[None, :] - centre[:, None]) / scale[:, None])
    shares = np.maximum(np.diff(below, axis=1), 0)
    shares *= ((1 - null) / shares.sum(axis=1))[:, None]
    return np.column_stack([shares, np.maximum(0, 1 - shares.sum(axis=1))])


def _following(random: np.random.Generator, days: int, columns: int, correlation: float) -> Floats:
    """Standard normal days, each correlated with the one before."""
    fresh = random.normal(size=(days, columns))
    for day in range(1, days):
        fresh[day] = correlation * fresh[day - 1] + np.sqrt(1 - correlation**2) * fresh[day]
    return fresh


def profiles(
    world: World, counts: Mapping[str, Integers], names: Sequence[str], days: Sequence[int]
) -> dict[str, Profile]:
    """The profile of each of these days, as admission and scoring would store it."""
    every = keys(world)
    return {
        every[day]: Profile(
            rows=world.rows, columns={name: _profile(world, name, counts[name][day], day) for name in names}
        )
        for day in days
    }


def _profile(world: World, name: str, counts: Integers, day: int) -> ColumnProfile:
    if name in WORDS:
        said = categories(world, name, counts, day)
        return CategoryProfile(count=int(counts[:-1].sum()), nulls=int(counts[-1]), counts=said)
    there = counts[:-1] > 0
    if not there.any():
        return NumericProfile.of_nulls(world.rows)
    values, rows = measured(name)[there], counts[:-1][there]
    mean = float(np.average(values, weights=rows))
    return NumericProfile(
        count=int(rows.sum()), nulls=int(counts[-1]), min=float(values[0]), max=float(values[-1]), mean=mean,
        m2=float(rows @ (values - mean) ** 2), cells=Cells.of_counted(values, rows).encoded(),
    )  # fmt: skip


def measured(name: str) -> Floats:
    """What is stored of the values of each cell: a prediction is a probability."""
    return np.asarray(expit(2 * VALUES - 2)) if name == PREDICTION else VALUES


def categories(world: World, name: str, counts: Integers, day: int) -> dict[str, int]:
    """Rows per category. A renamed one has its new name from the first day of the fault."""
    rows = np.bincount(np.searchsorted(CUTS, VALUES), weights=counts[:-1], minlength=len(CUTS) + 1)
    renamed = world.fault.renamed and name == world.fault.column and day >= world.start
    return {
        ("renamed" if renamed and place == 2 else f"kind_{place}"): int(many) for place, many in enumerate(rows) if many
    }

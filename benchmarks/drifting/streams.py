"""Rows of a model under watch: fifty features, its answers and what came true; from a known day on something is wrong.

The model is the best there is of a known truth: each telling feature is normal about one mean for no and another for
yes, and the answer adds up what each says. As of trees, a number beyond what the model has seen says no more than the
farthest it has.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr

from benchmarks.drifting.worlds import BETWEEN, CORRELATION, CUTS, FEATURES, NUMBERS, WORDS, following, keys
from include.evaluation.coded import Coded
from include.evaluation.metrics import measure
from include.lake.cells import Floats
from include.monitoring.outcomes import Outcomes, Said

TELLING: Mapping[str, float] = {
    "number_01": 1.0, "number_02": 0.3, "number_03": 0.3, "number_06": 0.3, "number_07": 0.3, "word_1": 1.2,
}  # fmt: skip
"""How far yes lies from no in each feature that tells them apart, in standard deviations; all others say nothing."""

PRIOR = 0.2
FARTHEST = 2.5  # standard deviations, that the model has seen
KINDS = np.array([f"kind_{place}" for place in range(len(CUTS) + 1)], object)
COMMON = "kind_2"
APART = 1.6  # yes from no, in what the model makes of all features
YEAR = 365.25


@dataclass(frozen=True)
class Fault:
    """What happens from its first day on; `growing` are the days until it is whole.

    `column` is told in another unit, shifted, missing, or has one of its words renamed. `flipped` turns labels round,
    and `turned` the way in which one feature goes with them. `prior` is the share of yes.
    """

    column: str = ""
    shift: float = 0.0
    scale: float = 1.0
    null: bool = False
    renamed: bool = False
    flipped: bool = False
    turned: str = ""
    prior: float = PRIOR
    growing: int = 1


@dataclass(frozen=True)
class Plan:
    """How many days of how many rows: those the model learnt from, its held-out ones, quiet ones, and those at fault.

    `season` is how far a year moves every other number, which the model, having seen a year, allows for.
    """

    rows: int
    training: int = 70
    held_out: int = 14
    calm: int = 21
    faulty: int = 28
    season: float = 0.0
    fault: Fault = field(default_factory=Fault)

    @property
    def serves(self) -> int:
        """The first day on which the model answers."""
        return self.training + self.held_out

    @property
    def start(self) -> int:
        """The day on which the fault begins."""
        return self.serves + self.calm

    @property
    def days(self) -> int:
        """All of them."""
        return self.start + self.faulty

    @property
    def keys(self) -> list[str]:
        """The partition of each day."""
        return keys(self.days)

    def rows_of(self, days: range) -> slice:
        """The place of these days' rows."""
        return slice(days.start * self.rows, max(days.start, days.stop) * self.rows)


@dataclass(frozen=True)
class Answers:
    """Of all rows in the order of their days: what was said, and what came true."""

    plan: Plan
    said: Floats
    target: Floats

    def of(self, days: range) -> Outcomes:
        """Those of these days."""
        rows, keys = self.plan.rows_of(days), tuple(self.plan.keys)
        codes = np.repeat(np.asarray(days, np.int32), self.plan.rows)
        return Outcomes(Said(self.said[rows], Coded(codes, keys)), self.target[rows])


@dataclass(frozen=True)
class Stream:
    """All rows in the order of their days: the features, and the answers."""

    plan: Plan
    features: pd.DataFrame
    answers: Answers

    def of(self, days: range) -> pd.DataFrame:
        """The features of these days."""
        return self.features.iloc[self.plan.rows_of(days)]


def stream(plan: Plan, seed: int) -> Stream:
    """A stream of this plan, seeded."""
    random, day = np.random.default_rng(seed), np.repeat(np.arange(plan.days), plan.rows)
    fault, progress = plan.fault, np.clip((np.arange(plan.days) - plan.start + 1) / plan.fault.growing, 0, 1)
    wandering = following(random, plan.days, len(FEATURES), CORRELATION)
    late = random.random(len(day)) < (PRIOR + (fault.prior - PRIOR) * progress)[day]
    turns = progress[day] > 0
    columns = {}
    for place, name in enumerate(FEATURES):
        sign = np.where(turns & (name == fault.turned), -1, 1)
        means = (BETWEEN[place % len(BETWEEN)] * wandering[:, place] + _season(plan, place))[day]
        behind = means + sign * TELLING.get(name, 0.0) * (late - PRIOR) + random.normal(size=len(day))
        columns[name] = _told(name, behind, fault, progress[day])
    features = pd.DataFrame(columns)
    target = np.asarray(late ^ turns if fault.flipped else late, np.float64)
    return Stream(plan, features, Answers(plan, model(plan, features), target))


def steady(plan: Plan, seed: int) -> Answers:
    """Answers as good as the model's in which nothing changes, without the features behind them."""
    random = np.random.default_rng(seed)
    wandering = BETWEEN[1] * following(random, plan.days, 1, CORRELATION)[:, 0]
    late = random.random(plan.days * plan.rows) < PRIOR
    seen = APART * (late - PRIOR) + random.normal(size=len(late)) + np.repeat(wandering, plan.rows)
    return Answers(plan, expit(logit(PRIOR) + APART * (seen - APART * (0.5 - PRIOR))), late.astype(np.float64))


def model(plan: Plan, features: pd.DataFrame) -> Floats:
    """Its probability of yes, for each row of all days."""
    said = np.full(len(features), logit(PRIOR))
    for name in TELLING:
        values = features[name].to_numpy()
        said += _of_word(name, values) if name in WORDS else _of_number(plan, name, values)
    return np.asarray(expit(said))


@cache
def importance() -> dict[str, float]:
    """The share of the model's skill that goes with each feature, as its robustness would have it measured."""
    plan = Plan(50_000, training=1, held_out=0, calm=0, faulty=0)
    rows = stream(plan, 0)
    target, skill = rows.answers.target, measure("auc", rows.answers.target, rows.answers.said) - 0.5
    without = {name: model(plan, rows.features.assign(**{name: None})) for name in TELLING}
    lost = {name: 1 - (measure("auc", target, said) - 0.5) / skill for name, said in without.items()}
    return {**dict.fromkeys(FEATURES, 0.0), **lost}


def _season(plan: Plan, place: int) -> Floats:
    moved = plan.season if place % 2 and place < len(NUMBERS) else 0.0
    return np.asarray(moved * np.sin(2 * np.pi * np.arange(plan.days) / YEAR))


def _told(name: str, behind: Floats, fault: Fault, progress: Floats) -> Floats | NDArray[np.object_]:
    """What the source says of what lies behind."""
    at_fault = name == fault.column
    if name in WORDS:
        words = KINDS[np.searchsorted(CUTS, behind)]
        return np.where(at_fault & fault.renamed & (progress > 0) & (words == COMMON), "renamed", words)
    if not at_fault:
        return behind
    moved = behind * (1 + (fault.scale - 1) * progress) + fault.shift * progress
    return np.where(fault.null & (progress > 0), np.nan, moved)


def _of_number(plan: Plan, name: str, values: NDArray[np.object_]) -> Floats:
    """The log of how much likelier the number is of yes than of no; nothing of one that is missing."""
    apart = TELLING[name]
    usual = np.asarray(values, np.float64) - np.repeat(_season(plan, FEATURES.index(name)), plan.rows)
    seen = np.clip(usual, -FARTHEST, FARTHEST)
    return np.nan_to_num(apart * (seen - apart * (0.5 - PRIOR)))


def _of_word(name: str, values: NDArray[np.object_]) -> Floats:
    """The same of a word; nothing of one that the model never saw."""
    edges = np.concatenate([[-np.inf], CUTS, [np.inf]])
    yes, no = (np.diff(ndtr(edges - TELLING[name] * (label - PRIOR))) for label in (1, 0))
    says = dict(zip(KINDS, np.log(yes / no), strict=True))
    return pd.Series(values).map(says).fillna(0.0).to_numpy(np.float64)

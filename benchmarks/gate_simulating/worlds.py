"""Held-out windows of a challenger whose true improvement is known, as evidence for the gate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.random import Generator
from scipy import stats

from include.evaluation.coded import Coded
from include.evaluation.evidence import Evidence, Summary
from include.evaluation.history import Comparison
from include.features.matrix import Floats
from include.spec.metrics import Task

WARM_UP = 50
FIRST_DAY = date(2013, 1, 1)


def day_effects(days: int, correlation: float, random: Generator, *, skewed: bool = False) -> Floats:
    """Effects with mean 0 and variance 1 that follow each other as a first-order autoregression does."""
    count = days + WARM_UP
    noise = random.exponential(1, count) - 1 if skewed else random.standard_normal(count)
    effects = noise.copy()
    for day in range(1, count):
        effects[day] = correlation * effects[day - 1] + np.sqrt(1 - correlation**2) * noise[day]
    return effects[WARM_UP:]


@dataclass(frozen=True)
class LossWorld:
    """A regression: each row's gain in absolute error is the true one, plus the day's effect, plus the row's own."""

    days: int = 14
    rows_a_day: int = 10
    improvement: float = 0.0
    correlation: float = 0.0
    row_sd: float = 1.0
    skewed: bool = False

    def evidence(self, random: Generator) -> Evidence:
        """One held-out window."""
        by_day = day_effects(self.days, self.correlation, random, skewed=self.skewed)
        return window(self.gains(by_day, random), self.rows_a_day)

    def gains(self, by_day: Floats, random: Generator) -> Floats:
        """What the challenger gains on each row of days with these effects."""
        own = random.normal(0, self.row_sd, len(by_day) * self.rows_a_day)
        return self.improvement + np.repeat(by_day, self.rows_a_day) + own


def window(
    gains: Floats, rows_a_day: int, first: date = FIRST_DAY, history: Sequence[Comparison] = (), run: str = "run"
) -> Evidence:
    """Evidence of a champion that is always wrong by 100 and a challenger that gains so much of it."""
    zero = np.zeros(len(gains))
    return _evidence("regression", zero, 100 - gains, zero + 100, rows_a_day, first, tuple(history), run)


@dataclass(frozen=True)
class ScoreWorld:
    """A classification with normal scores, so that every AUC is known in closed form.

    Positives (a fifth of the rows) score higher by 1, plus what all models find easier on some days than on others,
    plus what only this one does: both are the same for all positives of a day. Noise on top, most of it alike for both
    models, makes a model as good as it is. The AUC over all days is then
    Phi(1 / sqrt(2 (1 + noise) + both day variances)).

    The variances are about those of consecutive weekly models of the demonstration's flights: daily differences of AUC
    spread by 0.015, and with 900 rows a day the standard error by day is three times that by row.
    """

    days: int = 14
    rows_a_day: int = 200
    improvement: float = 0.0
    correlation: float = 0.0
    champion_noise: float = 0.6
    all_models: float = 0.3
    own: float = 0.06
    alike: float = 0.95

    def evidence(self, random: Generator) -> Evidence:
        """One held-out window, both models on the same rows."""
        easier = self.all_models * day_effects(self.days, self.correlation, random)
        positive = random.random(self.days * self.rows_a_day) < 0.2
        signal, alike = random.standard_normal((2, len(positive)))
        challenger, champion = (
            signal + positive * self._lift(easier, random) + self._noisy(noise, alike, random)
            for noise in (self._noise(), self.champion_noise)
        )
        target = positive.astype(np.float64)
        return _evidence("binary", target, challenger, champion, self.rows_a_day, FIRST_DAY, (), "run")

    def _lift(self, easier: Floats, random: Generator) -> Floats:
        by_day = easier + self.own * day_effects(self.days, self.correlation, random)
        return np.repeat(1 + by_day, self.rows_a_day)

    def _noisy(self, noise: float, alike: Floats, random: Generator) -> Floats:
        own = random.standard_normal(len(alike))
        return np.sqrt(noise) * (np.sqrt(self.alike) * alike + np.sqrt(1 - self.alike) * own)

    def _noise(self) -> float:
        """The variance that makes the challenger better by the true improvement."""
        between = self.all_models**2 + self.own**2
        champion = stats.norm.cdf(1 / np.sqrt(2 * (1 + self.champion_noise) + between))
        wanted = 1 / stats.norm.ppf(champion + self.improvement)
        return float((wanted**2 - between) / 2 - 1)


def _evidence(
    task: Task, target: Floats, challenger: Floats, champion: Floats, rows_a_day: int, first: date,
    history: tuple[Comparison, ...], run: str,
) -> Evidence:  # fmt: skip
    days = len(target) // rows_a_day
    names = tuple((first + timedelta(days=day)).isoformat() for day in range(days))
    summary = Summary(
        model="simulated", run_id=run, as_of=(first + timedelta(days=days)).isoformat(), task=task,
        training_window="", held_out_window=f"{names[0]} to {names[-1]}", training_snapshot="", held_out_snapshot="",
        rows=len(target), champion_version="1", challenger_metrics={}, champion_metrics={}, history=history,
    )  # fmt: skip
    codes = np.repeat(np.arange(days, dtype=np.int32), rows_a_day)
    nothing = np.zeros(0)
    return Evidence(summary, Coded(codes, names), target, challenger, champion, nothing, nothing)

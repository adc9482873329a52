"""Testing again and again: a year of challengers, and many challengers tuned on one window."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.random import Generator

from benchmarks.gate_simulating.rules import WITHOUT_LIMITS
from benchmarks.gate_simulating.worlds import LossWorld, day_effects, window
from include.evaluation.history import Comparison
from include.features.matrix import Floats
from include.gates.champion_comparison import decide
from include.spec import ChampionComparison

BEGIN = date(2013, 1, 1)
WINDOW_DAYS = 14
YEAR_DAYS = 364
SHARED = np.sqrt(0.5)  # half of a day's variance is the day's, for every challenger; half is the challenger's own
ROWS = LossWorld()


@dataclass(frozen=True)
class Year:
    """A year of comparisons of challengers none of which is better."""

    comparisons: int
    refused: int
    ours: int
    by_score: int
    smallest_alpha: float


def year(rule: ChampionComparison, every_days: int, random: Generator) -> Year:
    """One challenger after the other against the same champion, each on the newest 14 days."""
    shared = day_effects(YEAR_DAYS + WINDOW_DAYS, 0.3, random)
    history: list[Comparison] = []
    promoted = by_score = refused = 0
    for start in range(0, YEAR_DAYS, every_days):
        gains = _gains(shared[start : start + WINDOW_DAYS], random)
        first = BEGIN + timedelta(days=start)
        result = decide(window(gains, ROWS.rows_a_day, first, history, f"run-{start}"), rule)
        promoted += result.passed
        by_score += gains.mean() > 0
        refused += result.comparison is None
        history += [] if result.comparison is None else [result.comparison]
    return Year(len(history), refused, promoted, by_score, min(one.alpha for one in history))


def years(rule: ChampionComparison, every_days: int, count: int, seed: int) -> dict[str, float]:
    """Means over so many years, the false promotions with two standard errors."""
    random = np.random.default_rng(seed)
    made = [year(rule, every_days, random) for _ in range(count)]
    return {
        "comparisons": float(np.mean([one.comparisons for one in made])),
        "refused": float(np.mean([one.refused for one in made])),
        "false_promotions": float(np.mean([one.ours for one in made])),
        "false_promotions_sure_to": float(2 * np.std([one.ours for one in made]) / np.sqrt(count)),
        "false_promotions_by_score": float(np.mean([one.by_score for one in made])),
        "smallest_alpha": min(one.smallest_alpha for one in made),
        "years": count,
    }


def tuned(attempts: tuple[int, ...], count: int, seed: int) -> dict[str, dict[str, float]]:
    """How often one of so many challengers that are no better passes on the same window, tried one after the other."""
    random = np.random.default_rng(seed)
    limited = ChampionComparison(metric="mae", policy="significantly_better")
    rules = {"gate": limited, "gate_without_limits": limited.model_copy(update=WITHOUT_LIMITS)}
    firsts: dict[str, list[int]] = {"score": [], **{name: [] for name in rules}}
    for _ in range(count):
        shared = day_effects(WINDOW_DAYS, 0.0, random)
        tried = [_gains(shared, random) for _ in range(max(attempts))]
        firsts["score"].append(next((number for number, gains in enumerate(tried) if gains.mean() > 0), max(attempts)))
        for name, rule in rules.items():
            firsts[name].append(_first_pass(tried, rule))
    return {
        name: {str(number): float(np.mean(np.array(found) < number)) for number in attempts}
        for name, found in firsts.items()
    }


def _first_pass(tried: list[Floats], rule: ChampionComparison) -> int:
    """The number of the first challenger that passes, or how many there are."""
    history: list[Comparison] = []
    for number, gains in enumerate(tried):
        result = decide(window(gains, ROWS.rows_a_day, BEGIN, history, f"run-{number}"), rule)
        if result.passed:
            return number
        history += [] if result.comparison is None else [result.comparison]
    return len(tried)


def _gains(shared: Floats, random: Generator) -> Floats:
    return ROWS.gains(SHARED * (shared + day_effects(len(shared), 0.0, random)), random)

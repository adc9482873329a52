"""Drift weighed by what it may cost: an effect alarms where it is large, sure, and in something the model leans on."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from include.chance.false_discovery import adjusted
from include.drift.chance import Days, Effect, effect_of
from include.drift.measures import Measures
from include.drift.tiers import TIERS, Tier, tier_of
from include.spec import Monitoring
from include.spec.contract import Measured

DAYS_OF_A_YEAR = 365
CONFIDENCE = 0.95  # of the interval, both sides together
LEAST_CHANCE = 0.001  # that is told by its number


class WeighedDrift(Measured):
    """One column: how far it moved, how sure that is, and what the model has at stake in it.

    `effect` is PSI less what chance adds, `lower` and `upper` its interval by days. `chance` is the smallest false
    discovery rate at which it counts. `importance` is the share of the champion's skill that goes with the column, 1
    for the prediction and where it was not measured; times the share of rows that moved, it is `expected_loss`.
    """

    feature: str
    effect: float
    lower: float
    upper: float
    chance: float
    importance: float
    expected_loss: float
    tier: Tier
    sure: bool
    measures: Measures

    @property
    def harmless(self) -> bool:
        """Whether it surely moved far enough to alarm, and does not, because the model hardly leans on it."""
        return self.sure and self.tier == "ok"

    @property
    def sentence(self) -> str:
        """Feature, effect, chance and importance: `temp 4.10 (chance 0.3 %, importance 0.06)`."""
        chance = f"{100 * self.chance:.1f} %" if self.chance >= LEAST_CHANCE else f"below {100 * LEAST_CHANCE:g} %"
        return f"{self.feature} {self.effect:.2f} (chance {chance}, importance {self.importance:.2f})"


@dataclass(frozen=True)
class Column:
    """One column's days of both windows, and every measure of them together."""

    name: str
    days: Days
    measures: Measures


def weigh(columns: Sequence[Column], importance: Mapping[str, float], limits: Monitoring) -> tuple[WeighedDrift, ...]:
    """Every column, the loudest and then the dearest first.

    One that is not sure at the rate of false alarms asked for is ok, however large; so is one whose expected loss is
    below `harmless`. A seasonal one is never louder than warn. False discoveries are controlled among the columns that
    can alarm, so that many columns which cannot do not hide one that can.
    """
    effects = [effect_of(one.days, CONFIDENCE) for one in columns]
    stakes = np.array([_stake(importance.get(one.name, 1.0)) for one in columns])
    chances = np.array([one.p_value for one in effects], dtype=np.float64)
    for family in (stakes >= limits.harmless, stakes < limits.harmless):
        chances[family] = adjusted(chances[family])
    found = [
        _weighed(column, effect, float(chance), float(stake), limits)
        for column, effect, chance, stake in zip(columns, effects, chances, stakes, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: (-TIERS.index(one.tier), -one.expected_loss, one.feature)))


def allowed(limits: Monitoring) -> float:
    """The chance that a day's verdict may have to find anything where nothing changed.

    A request for training takes `violations` such days, so that a year of 365 has at most `false_alarms_per_year` of
    them on average, however alike its days are: expectations add up.
    """
    return min(1.0, limits.false_alarms_per_year * limits.violations / DAYS_OF_A_YEAR)


def _weighed(column: Column, effect: Effect, chance: float, stake: float, limits: Monitoring) -> WeighedDrift:
    loud = tier_of(effect.value, limits)
    sure = loud != "ok" and chance <= allowed(limits)
    loss = stake * column.measures.moved
    tier: Tier = loud if sure and loss >= limits.harmless else "ok"
    return WeighedDrift(
        feature=column.name,
        effect=effect.value,
        lower=effect.lower,
        upper=effect.upper,
        chance=chance,
        importance=stake,
        expected_loss=loss,
        tier=min(tier, "warn", key=TIERS.index) if column.name in limits.seasonal else tier,
        sure=sure,
        measures=column.measures,
    )


def _stake(importance: float) -> float:
    """Between none of the skill and all of it; what could not be measured counts in full."""
    return 1.0 if math.isnan(importance) else min(1.0, max(0.0, importance))

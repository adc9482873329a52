"""An effect alarms where it is large, sure, and in something the model leans on."""

import math

import numpy as np
import pytest

from include.drift import TIERS, WeighedDrift, weigh
from include.drift.chance import Days
from include.drift.measures import measures
from include.drift.weighed import Column, allowed
from include.lake.cells import Floats
from include.spec import Monitoring
from tests.profiles import words

LIMITS = Monitoring()


def counts(days: int, share: float, restless: float = 0.0) -> Floats:
    """Days of a thousand rows, so many of them in the second of two bins; none is missing."""
    wave = restless * np.sin(np.arange(days) / 3)
    second = np.round(1000 * np.clip(share + wave, 0, 1))
    return np.column_stack([1000 - second, second, np.zeros(days)])


def column(name: str, share: float, restless: float = 0.0) -> Column:
    before, now = counts(70, 0.5, restless), counts(7, share)
    profiles = [words({"a": int(one[:, 0].sum()), "b": int(one[:, 1].sum())}) for one in (before, now)]
    return Column(name, Days(before, now, before), measures(*profiles))


def weighed(*columns: Column, limits: Monitoring = LIMITS, **importance: float) -> dict[str, WeighedDrift]:
    return {one.feature: one for one in weigh(columns, importance, limits)}


def test_a_large_and_sure_effect_has_the_tier_of_its_size() -> None:
    found = weighed(column("same", 0.5), column("some", 0.67), column("more", 0.72), column("far", 0.9))
    assert {name: one.tier for name, one in found.items()} == {
        "same": "ok", "some": "warn", "more": "alert", "far": "critical",
    }  # fmt: skip
    assert [one.sure for one in found.values()] == [True, True, True, False]
    assert list(found) == ["far", "more", "some", "same"]


def test_an_effect_that_the_references_own_weeks_have_is_not_sure_and_is_ok() -> None:
    found = weighed(column("calm", 0.8), column("restless", 0.8, restless=0.45))
    assert found["restless"].effect > LIMITS.critical
    assert (found["restless"].tier, found["restless"].sure, found["restless"].harmless) == ("ok", False, False)
    assert (found["calm"].tier, found["calm"].sure) == ("critical", True)


@pytest.mark.parametrize(
    ("importance", "tier"), [(0.0, "ok"), (-0.1, "ok"), (0.12, "ok"), (0.13, "critical"), (3.0, "critical")]
)
def test_drift_that_may_cost_too_little_is_told_and_does_not_alarm(importance: float, tier: str) -> None:
    """Two fifths of the rows moved: an eighth of the skill at stake makes a loss of a twentieth."""
    found = weighed(column("x", 0.9), x=importance)["x"]
    assert (found.tier, found.harmless) == (tier, tier == "ok")
    assert found.sure
    assert found.expected_loss == pytest.approx(0.4 * min(1, max(0, importance)))


def test_what_was_never_measured_counts_in_full_and_so_does_the_prediction() -> None:
    found = weighed(column("x", 0.9), column("prediction", 0.9), x=math.nan)
    assert [(one.importance, one.tier) for one in found.values()] == [(1, "critical"), (1, "critical")]


def test_of_equal_tiers_the_dearer_comes_first() -> None:
    found = weighed(column("near", 0.85), column("far", 0.95), near=1.0, far=0.5)
    assert found["near"].effect < found["far"].effect
    assert list(found) == ["near", "far"]


def test_many_columns_that_cannot_alarm_do_not_hide_one_that_can() -> None:
    others = [column(f"n{number}", 0.5) for number in range(200)]
    alone, among = weighed(column("x", 0.7)), weighed(column("x", 0.7), *others, **dict.fromkeys(map_names(200), 0.0))
    assert among["x"].chance == alone["x"].chance
    assert weighed(column("x", 0.7), *others)["x"].chance > alone["x"].chance


def map_names(count: int) -> list[str]:
    return [f"n{number}" for number in range(count)]


def test_a_seasonal_column_is_never_louder_than_a_warning() -> None:
    found = weighed(column("x", 0.9), column("y", 0.9), limits=Monitoring(seasonal=("x",)))
    assert (found["x"].tier, found["y"].tier) == ("warn", "critical")
    assert TIERS.index(found["x"].tier) < TIERS.index(found["y"].tier)


def test_the_rate_of_false_alarms_is_that_of_the_days_a_request_takes() -> None:
    assert allowed(Monitoring(false_alarms_per_year=1, violations=3)) == pytest.approx(3 / 365)
    assert allowed(Monitoring(false_alarms_per_year=4, violations=1)) == pytest.approx(4 / 365)
    assert allowed(Monitoring(false_alarms_per_year=1000)) == 1


@pytest.mark.parametrize(
    ("chance", "told"), [(0.0004, "below 0.1 %"), (0.001, "0.1 %"), (0.0123, "1.2 %"), (1.0, "100.0 %")]
)
def test_the_sentence_names_feature_effect_chance_and_importance(chance: float, told: str) -> None:
    """And no interval, which reaches to 0 for a column that is sure all the same: of one silent day in a week."""
    found = weighed(column("x", 0.9), x=0.25)["x"].model_copy(update={"chance": chance})
    assert found.sentence == f"x {found.effect:.2f} (chance {told}, importance 0.25)"

"""What follows from measured and estimated performance: a table of situations and the verdict on each."""

import math
from typing import Any

import pytest

from include.evaluation.estimate import Estimate
from include.evaluation.skill import Skill
from include.monitoring.performance import Change, Check, Estimated, Labels, Measurements, Realised, judge
from include.monitoring.telling import told
from tests.declared import spec

MODEL = spec(gates={"absolute_floor": {"auc": 0.6}, "calibration": {"max_error": 0.1}})
MINUTES = spec(
    task="regression",
    target={"column": "late"},
    gates={"absolute_floor": {"mae": 30}, "champion_comparison": {"metric": "mae"}},
)


def about(value: float, reach: float = 0.02) -> Estimate:
    return Estimate(value=value, lower=value - reach, upper=value + reach)


def realised(auc: Estimate, **changes: Any) -> Realised:
    return Realised(first="a", last="b", days=14, rows=900, metrics={"auc": auc, "brier": about(0.2)}, **changes)


def estimated(auc: Estimate) -> Estimated:
    return Estimated(first="c", last="d", rows=900, value=auc)


def found(**changes: Any) -> Measurements:
    """Promoted at 0.80, which is 0.30 better than saying the same of every row."""
    return Measurements(
        metric="auc",
        labels=Labels(watermark="b", age=1, shares=(1.0,)),
        promoted=about(0.8),
        skill=Skill(gained=0.3, possible=0.5),
        **changes,
    )


def tier(**changes: Any) -> str:
    return judge(found(**changes), MODEL.gates, MODEL.monitoring).tier


def sentence(**changes: Any) -> str:
    given = found(**changes)
    return told(given, judge(given, MODEL.gates, MODEL.monitoring), MODEL.gates)


@pytest.mark.parametrize(
    ("auc", "expected"),
    [(0.85, "ok"), (0.8, "ok"), (0.75, "ok"), (0.73, "warn"), (0.70, "alert"), (0.67, "critical")],
)
def test_the_tier_is_that_of_the_skill_surely_lost(auc: float, expected: str) -> None:
    """Surely lost is what is left of the loss after 0.028, the two bounds of 0.02 put together."""
    assert tier(realised=realised(about(auc))) == expected


@pytest.mark.parametrize(
    ("lately", "expected"), [(0.85, "ok"), (0.75, "ok"), (0.73, "warn"), (0.70, "alert"), (0.67, "critical")]
)
def test_what_is_surely_lost_in_the_newest_week_counts_as_much(lately: float, expected: str) -> None:
    assert tier(realised=realised(about(0.8)), lately=about(lately)) == expected
    assert tier(realised=realised(about(0.67)), lately=about(lately)) == "critical"


@pytest.mark.parametrize(
    ("whole", "lately", "told"),
    [
        (0.8, None, ()),
        (0.8, 0.8, ()),
        (0.8, 0.7, ("surely 24% of it in the newest week of them",)),
        (0.7, 0.7, ("surely 24% of its skill lost",)),
        (0.7, 0.6, ("surely 24% of its skill lost", "surely 57% of it in the newest week of them")),
    ],
)
def test_the_newest_week_is_told_where_it_lost_more(whole: float, lately: float | None, told: tuple[str, ...]) -> None:
    said = sentence(realised=realised(about(whole)), lately=None if lately is None else about(lately))
    assert tuple(part for part in said.split("; ") if part.startswith("surely")) == told


def test_a_loss_that_may_be_chance_is_none() -> None:
    assert tier(realised=realised(about(0.67, reach=0.2))) == "ok"


def test_below_a_floor_it_warns_and_surely_below_it_is_critical() -> None:
    assert tier(realised=realised(about(0.59, reach=0.3))) == "warn"
    assert tier(realised=realised(about(0.5, reach=0.05))) == "critical"
    assert "surely below the floor of 0.6" in sentence(realised=realised(about(0.5, reach=0.05)))


def test_surely_below_a_floor_is_critical_where_hardly_anything_was_lost() -> None:
    poor = found(realised=realised(about(0.57))).model_copy(update={"promoted": about(0.61)})
    verdict = judge(poor, MODEL.gates, MODEL.monitoring)
    assert verdict.lost is not None
    assert verdict.lost.lower < MODEL.monitoring.warn
    assert verdict.tier == "critical"


def test_what_is_lost_has_bounds_of_both_sides() -> None:
    """The worse side of one belongs with the better side of the other; their reaches add up as squares."""
    then, now = Estimate(value=0.8, lower=0.77, upper=0.82), Estimate(value=0.7, lower=0.65, upper=0.74)
    given = found(realised=realised(now)).model_copy(update={"promoted": then})
    lost = judge(given, MODEL.gates, MODEL.monitoring).lost
    assert lost is not None
    assert (lost.value, lost.lower) == (pytest.approx(0.1 / 0.3), pytest.approx((0.1 - 0.05) / 0.3))
    assert lost.upper == pytest.approx((0.1 + math.hypot(0.02, 0.05)) / 0.3)


def test_calibration_on_the_edge_of_what_is_allowed_is_well() -> None:
    edge = Estimate(value=0.15, lower=0.1, upper=0.2)
    assert tier(realised=realised(about(0.8), calibration=edge)) == "ok"


def test_probabilities_that_are_surely_off_warn() -> None:
    off, maybe = about(0.15, reach=0.03), about(0.15, reach=0.06)
    assert tier(realised=realised(about(0.8), calibration=off)) == "warn"
    assert tier(realised=realised(about(0.8), calibration=maybe)) == "ok"
    told_of_it = sentence(realised=realised(about(0.8), calibration=off))
    assert "calibration error 0.15 (0.12 to 0.18), required <= 0.1" in told_of_it


@pytest.mark.parametrize(
    ("auc", "weeks", "outside", "expected"),
    [
        (0.55, 4, 1, "alert"),  # it would be critical, were it measured
        (0.71, 4, 0, "alert"),
        (0.73, 2, 0, "warn"),
        (0.55, 1, 0, "warn"),  # nobody knows yet whether it holds
        (0.55, 4, 2, "ok"),  # it was wrong too often
        (0.80, 0, 0, "ok"),
    ],
)
def test_an_estimate_is_as_loud_as_it_was_right(auc: float, weeks: int, outside: int, expected: str) -> None:
    assert tier(estimated=estimated(about(auc)), check=Check(weeks=weeks, outside=outside)) == expected


def test_an_estimate_that_is_not_to_be_trusted_says_so() -> None:
    text = sentence(estimated=estimated(about(0.55)), check=Check(weeks=4, outside=2), missing="no day has labels")
    assert text == (
        "ok: nothing measured yet, no day has labels; estimated 0.55 (0.53 to 0.57) from c to d, not to be trusted, "
        "outside its band in 2 of 4 weeks; labels are in up to b"
    )


@pytest.mark.parametrize(
    ("auc", "expected_auc", "change"),
    [
        (0.67, about(0.8), "concept"),
        (0.67, about(0.66), "covariate"),
        (0.67, about(0.68), "covariate"),
        (0.79, about(0.8), "none"),
        (0.79, about(0.9), "concept"),  # the inputs became easier, and nothing came of it
        (0.85, about(0.8), "none"),  # better than was to be expected is no drift to worry about
        (0.67, None, "none"),
        (0.67, Estimate(value=0.8), "covariate"),
    ],
)
def test_concept_drift_is_what_the_inputs_do_not_explain(
    auc: float, expected_auc: Estimate | None, change: Change
) -> None:
    given = found(realised=realised(about(auc), expected=expected_auc))
    assert judge(given, MODEL.gates, MODEL.monitoring).change == change


def test_on_the_edge_of_the_band_the_inputs_explain_it_and_no_loss_needs_no_reason() -> None:
    edge = found(realised=realised(about(0.7), expected=Estimate(value=0.8, lower=0.7, upper=0.9)))
    assert judge(edge, MODEL.gates, MODEL.monitoring).change == "covariate"
    same = found(realised=realised(about(0.75, 0), expected=about(0.75))).model_copy(
        update={"promoted": about(0.75, 0)}
    )
    assert judge(same, MODEL.gates, MODEL.monitoring).change == "none"


@pytest.mark.parametrize(
    ("weeks", "outside", "trust"),
    [
        (0, 0, "unchecked"), (1, 0, "unchecked"), (2, 0, "trusted"), (2, 1, "trusted"), (4, 1, "trusted"),
        (4, 2, "not to be trusted"),
    ],
)  # fmt: skip
def test_two_weeks_check_an_estimate_and_two_misses_end_its_trust(weeks: int, outside: int, trust: str) -> None:
    assert Check(weeks=weeks, outside=outside).trust == trust
    assert Check() == Check(weeks=0, outside=0)


def test_of_what_is_better_when_it_is_less_the_lower_bound_is_the_better_side() -> None:
    now = Realised(first="a", last="b", days=14, rows=900, metrics={"mae": Estimate(value=26, lower=25, upper=29)})
    given = Measurements(
        metric="mae",
        labels=Labels(watermark="b", age=1, shares=()),
        promoted=Estimate(value=20, lower=19, upper=22),
        skill=Skill(gained=10, possible=30),
        realised=now,
    )
    lost = judge(given, MINUTES.gates, MINUTES.monitoring).lost
    assert lost is not None
    assert lost.lower == pytest.approx((6 - math.hypot(2, 1)) / 10)
    assert lost.upper == pytest.approx((6 + math.hypot(1, 3)) / 10)


def test_where_less_is_better_a_rise_is_the_loss() -> None:
    now = Realised(first="a", last="b", days=14, rows=900, metrics={"mae": about(26, reach=0.5)})
    given = Measurements(
        metric="mae",
        labels=Labels(watermark="b", age=1, shares=()),
        promoted=about(20, reach=0.5),
        skill=Skill(gained=10, possible=30),
        realised=now,
    )
    verdict = judge(given, MINUTES.gates, MINUTES.monitoring)
    assert verdict.tier == "critical"
    assert verdict.lost is not None
    assert verdict.lost.value == pytest.approx(0.6)
    assert "mae 26 (25.5 to 26.5) on 900 labelled rows from a to b, 20 at promotion" in told(
        given, verdict, MINUTES.gates
    )
    worse = given.model_copy(update={"realised": now.model_copy(update={"metrics": {"mae": about(40)}})})
    assert "surely above the floor of 30" in told(worse, judge(worse, MINUTES.gates, MINUTES.monitoring), MINUTES.gates)


def test_labels_that_are_awaited_are_named() -> None:
    labels = Labels(watermark=None, age=3, shares=(), waiting=("2013-01-02", "2013-01-03"))
    given = found(missing="none has come").model_copy(update={"labels": labels})
    text = told(given, judge(given, MODEL.gates, MODEL.monitoring), MODEL.gates)
    assert text.endswith("no labels are in; still awaited: those of 2013-01-02, 2013-01-03")

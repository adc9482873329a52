"""Leakage: each probe at its limit, beyond it, and not measured."""

from typing import Any

import pytest

from include.evaluation.leakage import Leakage
from include.evaluation.probes import Probes
from include.gates import leakage
from include.gates.result import GateResult, Status
from include.spec import Leakage as Rule
from tests.evaluations import GOOD, NAN, TARGET, held_out

RULE = Rule(max_strength=0.75, max_optimism=0.25, max_shuffled=0.125)
SOUND: dict[str, Any] = {
    "rows": 900, "known_after": ("late", "told"), "strengths": {"bus": 0.5, "line": 0.25},
    "ordered": 0.5, "mixed": 0.625, "shuffled": 0.0,
}  # fmt: skip


def decided(**changes: Any) -> GateResult:
    found = Leakage.model_validate({**SOUND, **changes})
    return leakage.decide(held_out(TARGET, GOOD, probes=Probes(leakage=found)), RULE)


def status_of(result: GateResult, check: str) -> Status:
    return next(one.status for one in result.checks if one.name == check)


def test_a_sound_model_passes_and_everything_is_said() -> None:
    result = decided()
    assert result.status == "pass"
    assert [one.name for one in result.checks] == ["known_after", "alone:bus", "optimism", "shuffled"]
    assert result.checks[0].sentence == "no feature is among the columns known only after the event: late, told"
    assert (result.checks[0].observed, result.checks[0].threshold) == (0.0, 0.0)
    assert result.checks[3].sentence == "order known by fits on shuffled labels is 0, required <= 0.125"
    assert "(0.625 over 0.500) is 0.125, required <= 0.25" in result.sentence


@pytest.mark.parametrize(
    ("strength", "status"),
    [(0.0, "pass"), (0.749, "pass"), (0.75, "pass"), (0.751, "fail"), (1.0, "fail"), (NAN, "error")],
)
def test_one_feature_alone(strength: float, status: Status) -> None:
    result = decided(strengths={"bus": 0.1, "waited": strength})
    assert result.status == status
    assert ("strength of waited alone" in result.sentence) == (strength > 0.1 or status == "error")


def test_a_strength_that_is_no_number_comes_first() -> None:
    names = [one.name for one in decided(strengths={"bus": 0.5, "left": NAN, "waited": 0.9, "line": 0.1}).checks]
    assert names == ["known_after", "alone:left", "alone:waited", "optimism", "shuffled"]


def test_every_feature_that_is_too_strong_is_named() -> None:
    result = decided(strengths={"left": 0.9, "bus": 0.2, "waited": 0.95})
    assert [one.name for one in result.checks if one.status == "fail"] == ["alone:waited", "alone:left"]
    assert "bus" not in result.sentence


def test_without_features_nothing_was_probed() -> None:
    assert [one.name for one in decided(strengths={}).checks] == ["known_after", "optimism", "shuffled"]


@pytest.mark.parametrize(
    ("mixed", "status"), [(0.5, "pass"), (0.25, "pass"), (0.75, "pass"), (0.76, "fail"), (1.0, "fail"), (NAN, "error")]
)
def test_a_split_that_ignores_time_may_flatter_a_little(mixed: float, status: Status) -> None:
    result = decided(mixed=mixed)
    assert (result.status, status_of(result, "optimism")) == (status, status)
    assert status_of(result, "shuffled") == "pass"


@pytest.mark.parametrize(
    ("shuffled", "status"),
    [(0.0, "pass"), (-0.5, "pass"), (0.125, "pass"), (0.13, "fail"), (0.9, "fail"), (NAN, "error")],
)
def test_shuffled_labels_teach_nothing(shuffled: float, status: Status) -> None:
    result = decided(shuffled=shuffled)
    assert (result.status, status_of(result, "shuffled")) == (status, status)
    assert status_of(result, "optimism") == "pass"


def test_a_feature_known_after_the_event_fails_even_if_it_got_past_the_declaration() -> None:
    result = decided(known_after=("late", "line", "bus"))
    assert (result.status, status_of(result, "known_after")) == ("fail", "fail")
    assert result.sentence == "known only after the event and yet a feature: bus, line"
    assert (result.checks[0].observed, result.checks[0].threshold) == (2, 0.0)


def test_a_pipeline_that_could_not_be_fitted_is_an_error() -> None:
    result = decided(error="ValueError: no", ordered=NAN, mixed=NAN, shuffled=NAN)
    assert result.status == "error"
    assert result.sentence == "the pipeline could not be fitted on a sample: ValueError: no"
    assert [one.name for one in result.checks] == ["known_after", "alone:bus", "fits"]
    assert (status_of(result, "alone:bus"), status_of(result, "fits")) == ("pass", "error")

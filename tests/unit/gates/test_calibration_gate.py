"""Calibration: clear pass, clear fail, the limit itself, chance, too few, missing, no champion yet."""

from typing import Any

import numpy as np
import pytest

from include.evaluation.calibration import CalibrationView, ModelCalibration, Rows, ViewName, calibration
from include.evaluation.coded import Coded
from include.evaluation.estimate import Estimate
from include.evaluation.evidence import Evidence
from include.evaluation.reliability import BrierParts
from include.gates import DECIDE
from include.gates.result import GateResult, Status
from include.spec import Calibration
from tests.evaluations import GOOD, NAN, POOR, TARGET, held_out

RULE = Calibration(max_error=0.1, max_increase=0.05, min_rows=100)
BRIER = BrierParts(score=0.2, reliability=0.01, resolution=0.03, uncertainty=0.22, within=0.0)


def estimate(value: float, by: float = 0.02) -> Estimate:
    return Estimate(value=value, lower=value - by, upper=value + by)


def side(error: Estimate, **changes: Any) -> ModelCalibration:
    return ModelCalibration(error=error, plain_error=0.123, brier=BRIER, **changes)


def view(error: Estimate, increase: Estimate | None = None, name: ViewName = "probability", **changes: Any) -> Any:
    sides = {"challenger": side(error), "champion": None if increase is None else side(error), "increase": increase}
    stated = {"view": name, "rows": 120, "days": 10, "confidence": 0.95, **sides, **changes}
    return CalibrationView.model_validate(stated)


def judged(*views: CalibrationView, rule: Calibration = RULE, version: str | None = "4", **changes: Any) -> GateResult:
    """What the gate says of evidence with these measurements."""
    champion = None if version is None else POOR
    evidence = held_out(TARGET, GOOD, champion, calibration=views, **changes)
    return DECIDE["calibration"](evidence, rule)


def statuses(result: GateResult) -> dict[str, Status]:
    return {check.name: check.status for check in result.checks}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (estimate(0.0), "pass"),
        (estimate(0.099), "pass"),
        (estimate(0.1), "pass"),
        (estimate(0.101), "inconclusive"),
        (estimate(0.12), "inconclusive"),  # the lower bound is the limit itself
        (estimate(0.121), "fail"),
        (estimate(0.4), "fail"),
        (Estimate(value=0.09, lower=0.0, upper=0.9), "pass"),
        (Estimate(value=NAN), "error"),
        (Estimate(value=float("inf")), "error"),
    ],
)
def test_the_error_is_held_against_its_limit(error: Estimate, status: Status) -> None:
    result = judged(view(error, estimate(0.0)))
    assert statuses(result) == {"probability": status, "probability, increase": "pass"}
    assert (result.gate, result.status) == ("calibration", status)
    assert result.checks[0].threshold == 0.1
    if status != "error":
        seen = result.checks[0]
        assert (seen.observed, seen.lower, seen.upper) == (error.value, error.lower, error.upper)


@pytest.mark.parametrize(
    ("increase", "status"),
    [
        (estimate(-0.3), "pass"),
        (estimate(0.0), "pass"),
        (estimate(0.05), "pass"),
        (estimate(0.051), "inconclusive"),
        (estimate(0.07), "inconclusive"),
        (estimate(0.071), "fail"),
        (Estimate(value=NAN), "error"),
    ],
)
def test_the_increase_over_the_champion_is_held_against_its_own_limit(increase: Estimate, status: Status) -> None:
    result = judged(view(estimate(0.02), increase))
    assert statuses(result) == {"probability": "pass", "probability, increase": status}
    assert result.status == status
    assert result.checks[1].threshold == 0.05


def test_without_a_champion_only_the_error_is_judged() -> None:
    good, bad = judged(view(estimate(0.02)), version=None), judged(view(estimate(0.3)), version=None)
    assert (good.status, "no champion yet" in good.sentence) == ("pass", True)
    assert statuses(bad) == {"probability": "fail", "probability, increase": "pass"}


@pytest.mark.parametrize(
    ("rows", "days", "status"),
    [(100, 5, "pass"), (99, 5, "inconclusive"), (100, 4, "inconclusive"), (5000, 1, "inconclusive")],
)
def test_too_few_rows_or_days_cannot_tell(rows: int, days: int, status: Status) -> None:
    result = judged(view(estimate(0.02), estimate(0.0), rows=rows, days=days))
    assert set(statuses(result).values()) == {status}
    assert (f"{rows} rows of {days} days are too few to tell, 100 rows of 5 days" in result.sentence) == (
        status == "inconclusive"
    )


def test_too_few_rows_are_no_failure_however_large_the_error() -> None:
    few = judged(view(estimate(0.5), estimate(0.5), days=4))
    nothing = judged(view(Estimate(value=NAN), Estimate(value=NAN), days=1))
    assert (few.status, nothing.status) == ("inconclusive", "inconclusive")


@pytest.mark.parametrize("missing", [None, ()])
def test_what_was_not_measured_does_not_pass(missing: tuple[()] | None) -> None:
    result = DECIDE["calibration"](held_out(TARGET, GOOD, POOR, calibration=missing), RULE)
    assert result.status == "error"
    assert "the evidence has no calibration, or a prediction is not a finite number" in result.sentence
    assert result.checks[0].threshold == 0.1


def test_a_champion_that_was_not_measured_does_not_pass() -> None:
    alone = judged(view(estimate(0.02)))
    assert statuses(alone) == {"probability": "pass", "probability, increase": "error"}
    assert "a prediction of champion v4 is not a finite number" in alone.sentence
    unscored = held_out(
        TARGET, GOOD, champion_version="4", champion_problem="it lacks column bus",
        calibration=(view(estimate(0.02)),),
    )  # fmt: skip
    result = DECIDE["calibration"](unscored, RULE)
    assert (result.status, "it lacks column bus" in result.sentence) == ("error", True)


def test_bounds_of_another_confidence_are_not_those_asked_for() -> None:
    asked, other = view(estimate(0.02), estimate(0.0)), view(estimate(0.02), estimate(0.0), confidence=0.9)
    assert judged(asked, asked).status == "pass"
    for views in ((other,), (other, asked)):
        result = judged(*views)
        assert result.status == "error"
        assert "bounds at 90%, required 95%: evaluate again" in result.sentence


def test_every_view_of_several_classes_must_pass() -> None:
    top, each = view(estimate(0.02), estimate(0.0), "top_label"), view(estimate(0.3), estimate(0.0), "classwise")
    result = judged(top, each)
    assert statuses(result) == {
        "top_label": "pass", "top_label, increase": "pass", "classwise": "fail", "classwise, increase": "pass",
    }  # fmt: skip
    assert result.status == "fail"
    assert "of the classes, each against the rest, is 0.3000 (0.2800 to 0.3200 at 95% each side)" in result.sentence


@pytest.mark.parametrize(
    ("name", "error", "increase", "sentence"),
    [
        ("probability", 0.05, 0.0, "of the probability is 0.0500 (0.0300 to 0.0700 at 95% each side), "
         "required <= 0.1: within the limit (Brier 0.2000"),
        ("top_label", 0.11, 0.0, "of the likeliest class is 0.1100 (0.0900 to 0.1300 at 95% each side), "
         "required <= 0.1: beyond the limit, but it may be chance (Brier"),
        ("probability", 0.05, 0.3, "calibration error of the probability exceeds that of champion v4 by 0.3000 "
         "(0.2800 to 0.3200 at 95% each side), required <= 0.05: even the lower bound is beyond the limit"),
        ("probability", NAN, 0.0, "required <= 0.1: no part of the forecasts has rows of two days (Brier"),
    ],
)  # fmt: skip
def test_the_sentence_says_what_was_seen_and_why_that_is_the_verdict(
    name: ViewName, error: float, increase: float, sentence: str
) -> None:
    assert sentence in judged(view(estimate(error), estimate(increase), name)).sentence


def test_the_sentence_shows_brier_score_plain_error_and_the_worst_class() -> None:
    named = view(
        estimate(0.3), estimate(0.0), "classwise", challenger=side(estimate(0.3), by_class={"a": 0.1, "b": 0.4})
    )
    sentence = judged(named).sentence
    assert "Brier 0.2000: reliability 0.0100, resolution 0.0300, uncertainty 0.2200" in sentence
    assert "plain error 0.1230; worst class b 0.4000" in sentence
    assert "worst class" not in judged(view(estimate(0.3), estimate(0.0))).sentence


@pytest.mark.parametrize(("too_high", "status"), [(0.0, "pass"), (0.3, "fail")])
def test_measured_evidence_is_judged_as_it_is(too_high: float, status: Status) -> None:
    """The whole way from rows to verdict, on twelve days of a hundred rows."""
    random = np.random.default_rng(1)
    said, days = random.uniform(0.1, 0.6, 1200), Coded.of(np.repeat([f"2013-01-{day:02}" for day in range(12)], 100))
    target = (random.random(1200) < said).astype(float)
    evidence: Evidence = held_out(
        target, said + too_high, said, calibration=calibration(Rows((), target, days), said + too_high, said, 0.95)
    )
    assert statuses(DECIDE["calibration"](evidence, Calibration())) == {
        "probability": status, "probability, increase": status,
    }  # fmt: skip

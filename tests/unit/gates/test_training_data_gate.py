"""Training data: what the window lacks and how far it lies from the champion's, at each limit and beyond."""

from typing import Any

import pytest

from include.drift import FeatureDrift
from include.evaluation.probes import Probes
from include.evaluation.window_data import ChampionDistance, Days, WindowData
from include.gates import training_data
from include.gates.result import GateResult, Status
from include.spec import TrainingData as Rule
from tests.evaluations import GOOD, NAN, TARGET, held_out

RULE = Rule(max_missing_share=0.25, max_warned_share=0.5, max_unlabelled_share=0.5, max_drift=2.0)
CHAMPION = GOOD[::-1].copy()


def days(missing: int = 0, quarantined: int = 0, warned: int = 0, expected: int = 8) -> Days:
    def named(count: int, prefix: str) -> tuple[str, ...]:
        return tuple(f"{prefix}{number}" for number in range(count))

    return Days(
        expected=expected,
        missing=named(missing, "m"),
        quarantined=named(quarantined, "q"),
        warned=named(warned, "w"),
    )


def distance(seasonal: tuple[str, ...] = (), others: tuple[str, ...] = (), **effects: float) -> ChampionDistance:
    drifts = (
        FeatureDrift(feature=name, effect=effect, tier="ok", missing_reference=0, missing_current=0)
        for name, effect in sorted(effects.items(), key=lambda pair: -pair[1])
    )
    return ChampionDistance(version="4", drift=tuple(drifts), seasonal=seasonal, others=others)


def decided(champion: bool = True, **changes: Any) -> GateResult:
    stated = {"days": days(), "rows": 100, "unlabelled_rows": 10, "distance": distance(bus=0.1) if champion else None}
    found = WindowData.model_validate({**stated, **changes})
    evidence = held_out(TARGET, GOOD, CHAMPION if champion else None, probes=Probes(window_data=found))
    return training_data.decide(evidence, RULE)


def status_of(result: GateResult, check: str) -> Status:
    return next(one.status for one in result.checks if one.name == check)


def test_a_whole_window_near_the_champions_passes() -> None:
    result = decided()
    assert result.status == "pass"
    assert [one.name for one in result.checks] == ["missing", "warned", "unlabelled", "drift:bus"]


@pytest.mark.parametrize(
    ("missing", "quarantined", "status"),
    [(0, 0, "pass"), (2, 0, "pass"), (0, 2, "pass"), (1, 1, "pass"), (2, 1, "fail"), (3, 0, "fail"), (0, 3, "fail")],
)
def test_days_that_are_missing_or_quarantined(missing: int, quarantined: int, status: Status) -> None:
    result = decided(days=days(missing, quarantined))
    assert (result.status, status_of(result, "missing")) == (status, status)
    assert f"missing ({missing}) or quarantined ({quarantined})" in result.checks[0].sentence
    assert result.checks[0].observed == (missing + quarantined) / 8


@pytest.mark.parametrize(("warned", "status"), [(4, "pass"), (5, "fail")])
def test_days_with_a_warning(warned: int, status: Status) -> None:
    result = decided(days=days(warned=warned))
    assert (result.status, status_of(result, "warned")) == (status, status)
    assert f"share of 8 days with a warning: w0, w1, w2 and {warned - 3} more is" in result.checks[1].sentence


def test_the_first_days_are_named_and_the_others_counted() -> None:
    assert ": m0, m1, q0 and 2 more is 0.625" in decided(days=days(2, 3)).sentence
    assert ": m0, m1, q0 is 0.375" in decided(days=days(2, 1)).sentence
    assert ": m0, q0 is 0.25" in decided(days=days(1, 1)).sentence
    assert "missing (0) or quarantined (0) is 0," in decided().sentence


@pytest.mark.parametrize(("unlabelled", "status"), [(0, "pass"), (50, "pass"), (51, "fail"), (100, "fail")])
def test_rows_without_a_label(unlabelled: int, status: Status) -> None:
    result = decided(unlabelled_rows=unlabelled)
    assert (result.status, status_of(result, "unlabelled")) == (status, status)
    assert result.checks[2].sentence == f"share of 100 rows without a label is {unlabelled / 100:g}, required <= 0.5"


def test_a_window_without_days_or_rows_cannot_be_judged() -> None:
    assert status_of(decided(days=days(expected=0)), "missing") == "error"
    assert status_of(decided(rows=0, unlabelled_rows=0), "unlabelled") == "error"


@pytest.mark.parametrize(
    ("effect", "status"),
    [(0.0, "pass"), (1.999, "pass"), (2.0, "pass"), (2.001, "fail"), (float("inf"), "error"), (NAN, "error")],
)
def test_drift_from_the_champions_window(effect: float, status: Status) -> None:
    result = decided(distance=distance(bus=effect))
    assert (result.status, status_of(result, "drift:bus")) == (status, status)
    assert "champion v4" in next(one.sentence for one in result.checks if one.name == "drift:bus")


def test_every_feature_that_is_too_far_is_named() -> None:
    result = decided(distance=distance(bus=3.0, line=9.0, full=0.2))
    assert [one.name for one in result.checks if one.status == "fail"] == ["drift:line", "drift:bus"]


def test_a_seasonal_feature_is_shown_and_not_judged() -> None:
    result = decided(distance=distance(seasonal=("bus", "full"), bus=9.0, line=0.3, full=0.1))
    assert (result.status, status_of(result, "seasonal")) == ("pass", "pass")
    assert "seasonal, not judged: bus, full" in result.sentence
    assert status_of(result, "drift:line") == "pass"
    assert decided(distance=distance(seasonal=("line",), bus=9.0, line=0.3)).status == "fail"
    assert decided(distance=distance(seasonal=("bus",), bus=9.0)).status == "pass"


def test_a_feature_the_champion_did_not_have_is_told() -> None:
    result = decided(distance=distance(others=("full",), bus=0.1))
    assert (result.status, status_of(result, "new")) == ("pass", "pass")
    assert "not in the window of the champion, nothing to compare with: full" in result.sentence


def test_no_champion_is_its_own_case() -> None:
    result = decided(champion=False)
    assert (result.status, status_of(result, "drift"), "no champion yet" in result.sentence) == ("pass", "pass", True)
    assert decided(champion=False, days=days(missing=8)).status == "fail"


@pytest.mark.parametrize(("problem", "why"), [(None, "it is not in the evidence"), ("No such file", "No such file")])
def test_a_champion_whose_window_is_not_on_record_is_an_error(problem: str | None, why: str) -> None:
    result = decided(distance=None, problem=problem)
    assert (result.status, status_of(result, "drift")) == ("error", "error")
    assert result.sentence == f"the training window of champion v4 could not be compared: {why}"

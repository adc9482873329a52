"""The figures of a replay: what alarms were worth, what a policy gained, and which limits are suggested."""

import math
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pytest

from include.evaluation.estimate import Estimate
from include.lake.profile import Profile
from include.replay import textbook
from include.replay.outcome import Alarm, Day, Outcome, Training, better, by_weeks
from include.replay.page import page
from include.replay.policies import POLICIES, Policy
from include.replay.report import Report, report, suggestion
from tests.declared import spec
from tests.profiles import numbers, words

FIRST = date(2013, 4, 1)


def outcome(
    name: str = "never",
    metrics: Sequence[float] = (0.7,) * 28,
    losses: Sequence[float] = (),
    policy: Policy | None = None,
    loud: int = 0,
) -> Outcome:
    days = [
        Day(
            day=FIRST + timedelta(days=place), champion=FIRST, metric=metric, tier="ok",
            alarm="alert" if place < loud else "warn",
        )
        for place, metric in enumerate(metrics)
    ]  # fmt: skip
    alarms = [Alarm(day=FIRST + timedelta(days=7 * place), tier="alert", loss=one) for place, one in enumerate(losses)]
    trainings = (
        Training(as_of=FIRST, why="schedule", promoted=True, against="", seconds=2.5),
        Training(as_of=FIRST, why="<drift>", promoted=False, against="slices: worse", seconds=1.0),
    )
    return Outcome(
        name=name, policy=policy or POLICIES["never"], days=tuple(days), trainings=trainings, alarms=tuple(alarms),
        margin=0.01,
    )  # fmt: skip


def test_an_alarm_is_false_where_a_model_of_that_morning_was_better_by_no_more_than_the_margin() -> None:
    found = outcome(losses=(0.02, 0.01, -0.1, math.nan), loud=5)
    assert (len(found.alarms), found.false_alarms, found.alarm_days) == (4, 2, 5)
    assert found.false_alarms_per_year == pytest.approx(2 * 365 / 28)


def test_days_without_a_metric_are_left_out_of_the_mean() -> None:
    assert outcome(metrics=(0.6, math.nan, 0.8)).realised == pytest.approx(0.7)
    found = better("auc", outcome(metrics=[0.8, 0.7] * 14), outcome(metrics=[0.7, math.nan] * 14))
    assert found.value == pytest.approx(0.1)


@pytest.mark.parametrize(("metric", "sign"), [("auc", 1), ("brier", -1)])
def test_better_is_up_or_down_by_the_metric_and_bounded_by_weeks(metric: str, sign: int) -> None:
    random = np.random.default_rng(1)
    base = random.normal(0.5, 0.02, 140)
    ours = base + 0.05 + random.normal(0, 0.01, 140)
    found = better(metric, outcome(metrics=list(ours)), outcome(metrics=list(base)))  # type: ignore[arg-type]
    assert found.value == pytest.approx(sign * 0.05, abs=0.005)
    assert found.lower < found.value < found.upper
    assert (found.lower > 0) == (sign > 0)


def test_days_beyond_whole_weeks_belong_to_the_last_one() -> None:
    gained = np.array([0.1] * 14 + [0.4] * 3)
    assert by_weeks(gained).value == pytest.approx(gained.mean())
    assert by_weeks(gained[:3]).lower == -math.inf  # one week alone does not tell how weeks differ


def tried(false_alarms: dict[float, int]) -> list[Outcome]:
    return [
        outcome(
            f"on_alarm x{factor:g}", metrics=(0.7,) * 73, losses=(0.0,) * count,
            policy=Policy(monitoring={"warn": 0.1 * factor, "alert": 0.2 * factor, "critical": 0.3 * factor}),
        )
        for factor, count in false_alarms.items()
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (20, "warn: 0.05, alert: 0.1, critical: 0.15} (on_alarm x0.5: 4 in 73 days)"),
        (5, "warn: 0.2, alert: 0.4, critical: 0.6} (on_alarm x2: 1 in 73 days)"),
        (4, "No limits up to 3 times the declared ones had 4 false alarms a year or fewer."),
    ],
)
def test_the_lowest_limits_with_few_enough_false_alarms_are_suggested(wanted: float, said: str) -> None:
    assert said in suggestion(spec(), [outcome(), *tried({0.5: 4, 1: 2, 2: 1})], wanted)


def made(*outcomes: Outcome) -> Report:
    return report(spec(), FIRST, FIRST + timedelta(days=27), outcomes, None)


def test_the_table_has_a_row_per_policy_and_compares_with_the_first() -> None:
    found = made(outcome("never"), outcome("weekly", metrics=(0.72,) * 28, losses=(0.0,)))
    head, never, weekly = found.table
    assert head[-2:] == ["better than never by", "CPU s"]
    assert never[:5] == ["never", "2", "1", "0", "0"]
    assert weekly[:6] == ["weekly", "2", "1", "1", "1", "13.0"]
    assert (never[-2], weekly[-2], weekly[-1]) == ("", "+0.0200 (+0.0200 to +0.0200)", "4")
    lines = found.text.splitlines()
    assert lines[0] == "trip_late from 2013-04-01 to 2013-04-28, 28 days served"
    assert len({len(line) for line in lines[2:]}) == 1


def test_figures_survive_their_json() -> None:
    found = made(outcome("never", losses=(math.nan,)), outcome("weekly"))
    again = Report.model_validate_json(found.model_dump_json())
    assert again.table == found.table
    assert isinstance(again.gained["weekly"], Estimate)


def test_the_page_shows_each_policy_and_what_it_did_as_text() -> None:
    html = page(
        made(
            outcome("never", losses=(0.0, 0.2, math.nan), loud=3), outcome("weekly", metrics=(math.nan, *(0.72,) * 27))
        )
    )
    assert html.count("<svg") == html.count("<polyline") == 2
    assert html.count('class="a-alert"') == 3
    assert [html.count(f'class="a-{look}"') for look in ("false", "true", "open")] == [1, 1, 1]
    assert "2013-04-01 kept out: slices: worse (&lt;drift&gt;)" in html
    assert "nan" not in html


@pytest.mark.parametrize(
    ("now", "tier"),
    [
        ({"bus": numbers(range(200)), "line": words({"red": 100, "blue": 100})}, "ok"),
        ({"bus": numbers(range(60, 260)), "line": words({"red": 100, "blue": 100})}, "alert"),
        ({"bus": numbers(range(200)), "line": words({"red": 180, "blue": 20})}, "alert"),
        (
            {"bus": numbers([value * 0.85 for value in range(200)] * 5), "line": words({"red": 100, "blue": 100})},
            "alert",
        ),
        ({"line": words({"red": 100, "blue": 100})}, "alert"),
    ],
    ids=["the same", "moved", "a category", "small and sure of it", "gone"],
)
def test_the_textbook_alarms_at_psi_or_a_small_p_value(now: dict[str, object], tier: str) -> None:
    before = Profile(rows=200, columns={"bus": numbers(list(range(200)) * 5), "line": words({"red": 100, "blue": 100})})
    assert textbook.tier(before, Profile(rows=200, columns=now), ("bus", "line")) == tier  # type: ignore[arg-type]

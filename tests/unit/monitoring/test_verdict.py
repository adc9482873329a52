"""The daily verdict: the worst feature decides, and a window that is too small gets none."""

import numpy as np
import pytest

from include.drift import Tier
from include.lake.profile import NumericProfile, Profile
from include.monitoring.verdict import CurrentWindow, Verdict, judge
from include.spec import ModelSpec
from tests.declared import spec
from tests.profiles import numbers

NAMES = tuple(f"n{number}" for number in range(8))
WINDOW = CurrentWindow("2013-01-25", "2013-01-31", days=7)


def model() -> ModelSpec:
    return spec(features={"numeric": ["bus"], "categorical": ["full"]}, monitoring={"min_rows": 200})


def profile(bus: float = 0.0, flag: float = 0.0, prediction: float = 0.0, rows: int = 1000) -> Profile:
    def column(mean: float) -> NumericProfile:
        return numbers(np.random.default_rng(1).normal(mean, 1, rows))

    return Profile(rows=rows, columns={"bus": column(bus), "full": column(flag), "prediction": column(prediction)})


def judged(current: Profile, window: CurrentWindow = WINDOW) -> Verdict:
    return judge(model(), "4", window, profile(rows=5000), current)


def test_without_drift_the_verdict_is_ok_and_says_of_what() -> None:
    found = judged(profile())
    assert (found.tier, found.key, found.window, found.rows) == ("ok", "2013-01-31", "2013-01-25 to 2013-01-31", 1000)
    assert {one.feature for one in found.drifts} == {"bus", "full", "prediction"}
    assert found.sentence.startswith("ok: no drift beyond the warn limit (champion v4, 2013-01-25 to 2013-01-31, 1000")


@pytest.mark.parametrize("drifted", ["bus", "flag", "prediction"])
def test_one_drifted_column_is_named_and_decides_the_prediction_among_them(drifted: str) -> None:
    found = judged(profile(**{drifted: 3.0}))
    name = {"flag": "full"}.get(drifted, drifted)
    assert found.tier == "critical"
    assert found.drifts[0].feature == name
    assert found.sentence.startswith(f"critical: drift of {name} ")
    assert [one.tier for one in found.drifts] == ["critical", "ok", "ok"]


@pytest.mark.parametrize(("rows", "tier"), [(199, "ok"), (200, "critical")])
def test_too_few_rows_get_no_verdict(rows: int, tier: Tier) -> None:
    found = judged(profile(bus=3.0, rows=rows))
    assert found.tier == tier
    assert ("no verdict yet, 199 rows have come, required 200" in found.sentence) == (rows < 200)
    assert (found.drifts == ()) == (rows < 200)


@pytest.mark.parametrize(("days", "tier"), [(1, "ok"), (4, "ok"), (5, "critical"), (7, "critical")])
def test_a_window_of_which_most_days_are_missing_gets_no_verdict(days: int, tier: Tier) -> None:
    found = judged(profile(bus=3.0), CurrentWindow("2013-01-25", "2013-01-31", days))
    assert found.tier == tier
    assert (f"{days} of 7 days have come, required 5" in found.sentence) == (tier == "ok")


@pytest.mark.parametrize(("drifted", "more"), [(5, ""), (6, " and 1 more"), (9, " and 4 more")])
def test_more_drifted_features_than_fit_a_sentence_are_counted(drifted: int, more: str) -> None:
    many = spec(
        contract=spec().contract.model_copy(
            update={"columns": {**spec().contract.columns, **dict.fromkeys(NAMES, spec().contract.columns["bus"])}}
        ),
        features={"numeric": list(NAMES)},
    )
    columns = (*NAMES, "prediction")
    before = Profile(rows=1000, columns=dict.fromkeys(columns, numbers([1.0] * 1000)))
    after = Profile(rows=1000, columns={**before.columns, **dict.fromkeys(columns[:drifted], numbers([2.0] * 1000))})
    sentence = judge(many, "4", WINDOW, before, after).sentence
    assert f"{more} (champion v4" in sentence
    assert (" more" in sentence) == (drifted > 5)
    assert judge(many, "4", WINDOW, before, before).tier == "ok"


def test_a_verdict_survives_its_file_even_with_an_infinite_effect() -> None:
    found = judged(profile(bus=3.0))
    endless = found.model_copy(update={"drifts": (found.drifts[0].model_copy(update={"effect": float("inf")}),)})
    assert Verdict.model_validate_json(endless.model_dump_json()) == endless

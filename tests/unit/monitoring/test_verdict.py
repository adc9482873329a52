"""The daily verdict: the worst column decides, a harmless one is told, and a window that is too small gets none."""

from datetime import date

import pytest

from include.drift import Tier
from include.lake.profile import ColumnProfile
from include.monitoring.verdict import CurrentWindow, Verdict, judge
from include.spec import ModelSpec
from tests.daily import normal_days, profiles, reference
from tests.declared import spec

NAMES = tuple(f"n{number}" for number in range(6))
BEFORE = reference({"bus": normal_days(28, 1), "full": normal_days(28, 2)}, normal_days(28, 3))


def model() -> ModelSpec:
    return spec(features={"numeric": ["bus"], "categorical": ["full"]}, monitoring={"min_rows": 200})


def window(days: int = 7, rows: int = 200, importance: dict[str, float] | None = None, **means: float) -> CurrentWindow:
    """The last days of January; a named column has another mean."""
    seeds = {"bus": 11, "full": 12, "prediction": 13}
    columns = {name: normal_days(days, seed, rows, means.get(name, 0.0)) for name, seed in seeds.items()}
    return CurrentWindow(profiles(columns, date(2013, 2, 1)), lambda _: True, importance or {})


def judged(current: CurrentWindow) -> Verdict:
    return judge(model(), "4", current, BEFORE)


def test_without_drift_the_verdict_is_ok_and_says_of_what() -> None:
    found = judged(window())
    assert (found.tier, found.key, found.window, found.rows) == ("ok", "2013-02-07", "2013-02-01 to 2013-02-07", 1400)
    assert {one.feature for one in found.drifts} == {"bus", "full", "prediction"}
    assert found.sentence == (
        "ok: no drift that is large, sure and may cost the model "
        "(champion v4, 2013-02-01 to 2013-02-07, 1400 rows)"
    )  # fmt: skip


@pytest.mark.parametrize("drifted", ["bus", "full", "prediction"])
def test_one_drifted_column_is_named_and_decides_the_prediction_among_them(drifted: str) -> None:
    found = judged(window(**{drifted: 3.0}))  # type: ignore[arg-type]
    assert found.tier == "critical"
    assert found.drifts[0].feature == drifted
    assert found.sentence.startswith(f"critical: drift of {found.drifts[0].sentence} (champion v4")
    assert [one.tier for one in found.drifts] == ["critical", "ok", "ok"]


def test_drift_of_what_the_model_does_not_lean_on_is_told_and_does_not_alarm() -> None:
    found = judged(window(bus=3.0, importance={"bus": 0.01, "full": 1.0}))
    assert found.tier == "ok"
    told = next(one for one in found.drifts if one.feature == "bus")
    assert f"may cost the model; harmless: {told.sentence} (champion v4" in found.sentence
    assert "importance 0.01" in told.sentence
    both = judged(window(bus=3.0, full=3.0, importance={"bus": 0.01, "full": 1.0}))
    assert both.tier == "critical"
    assert both.sentence.index("drift of full") < both.sentence.index("harmless: bus")


@pytest.mark.parametrize(("rows", "tier"), [(28, "ok"), (29, "critical")])
def test_too_few_rows_get_no_verdict(rows: int, tier: Tier) -> None:
    found = judged(window(rows=rows, bus=5.0))
    assert found.tier == tier
    assert ("no verdict yet, 196 rows have come, required 200" in found.sentence) == (tier == "ok")
    assert (found.drifts == ()) == (tier == "ok")


@pytest.mark.parametrize(("days", "tier"), [(1, "ok"), (4, "ok"), (5, "critical"), (7, "critical")])
def test_a_window_of_which_most_days_are_missing_gets_no_verdict(days: int, tier: Tier) -> None:
    found = judged(window(days=days, bus=3.0))
    assert found.tier == tier
    assert (f"{days} of 7 days have come, required 5" in found.sentence) == (tier == "ok")


@pytest.mark.parametrize(("drifted", "more"), [(3, ""), (4, " and 1 more"), (6, " and 3 more")])
def test_more_drifted_features_than_fit_a_sentence_are_counted(drifted: int, more: str) -> None:
    columns = {**spec().contract.columns, **dict.fromkeys(NAMES, spec().contract.columns["bus"])}
    many = spec(contract=spec().contract.model_copy(update={"columns": columns}), features={"numeric": list(NAMES)})
    before, same, moved = normal_days(28, 1), normal_days(7, 2), normal_days(7, 2, mean=3.0)
    days: dict[str, list[ColumnProfile]] = {name: moved if n < drifted else same for n, name in enumerate(NAMES)}
    current = CurrentWindow(profiles({**days, "prediction": same}), lambda _: True, {})
    sentence = judge(many, "4", current, reference(dict.fromkeys(NAMES, before), before)).sentence
    assert f"{more} (champion v4" in sentence
    assert (" more (" in sentence) == (drifted > 3)


def test_a_verdict_survives_its_file_even_with_an_infinite_effect() -> None:
    found = judged(window(bus=3.0))
    endless = found.model_copy(update={"drifts": (found.drifts[0].model_copy(update={"effect": float("inf")}),)})
    assert Verdict.model_validate_json(endless.model_dump_json()) == endless

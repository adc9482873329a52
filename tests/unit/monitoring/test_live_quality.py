"""The quality of a day of live traffic: each flaw, its limit, and how few rows prove too little."""

import pytest

from include.drift import Reference
from include.lake.profile import Profile
from include.monitoring.quality import Day, Quality, at_least, judge
from include.monitoring.traffic import Traffic
from include.spec import ModelSpec
from include.spec.windows import WindowFeature
from tests.declared import spec
from tests.profiles import numbers, words

ROLLOUT = {"rollout": {"slo": {"error_rate": 0.05}}}


def model(**changes: object) -> ModelSpec:
    return spec(features={"numeric": ["bus"], "categorical": ["line"]}, **changes)


def columns(rows: int, nulls: int = 0, counts: dict[str, int] | None = None) -> dict[str, object]:
    return {
        "bus": numbers([float(one) for one in range(rows)]),
        "line": words(counts or {"red": rows - nulls}, nulls),
    }


def reference(worst: int = 0) -> Reference:
    """Four days of a hundred rows, on one of which so many lines are missing."""
    days = {
        f"2013-01-0{number}": Profile(rows=100, columns=columns(100, worst if number == 3 else 0))  # type: ignore[arg-type]
        for number in range(1, 5)
    }
    said = {key: Profile(rows=100, columns={"prediction": numbers([0.5] * 100)}) for key in days}
    return Reference.of(days, said)


def traffic(
    rows: int = 1000, nulls: int = 0, counts: dict[str, int] | None = None, glass: int = 0, others: int = 0,
    failed: dict[str, int] | None = None,
) -> Traffic:  # fmt: skip
    """A day that v1 answered, but for what it failed."""
    mine = rows - glass - others
    said = Profile(rows=mine, columns=columns(mine, nulls, counts))  # type: ignore[arg-type]
    return Traffic(
        day="2026-03-08", files=("a",), features=("bus", "line"), rows=rows, glass=glass, failed=failed or {},
        versions={"1": said} if mine else {},
    )  # fmt: skip


def judged(today: Traffic, *before: int, worst: int = 0, model: ModelSpec = model(), lines: float = 1.0) -> Quality:  # noqa: B008
    days = [traffic(rows) for rows in before]
    return judge(model, "1", Day("2026-03-08", today, days, {"line": lines}), reference(worst))


def test_a_day_like_any_other_is_ok() -> None:
    found = judged(traffic(), 1000, 900, 1100)
    assert (found.flaws, found.tier) == ((), "ok")
    assert found.sentence == (
        "ok: nothing is missing, unseen or failing that was not before (champion v1, 2026-03-08, 1000 rows)"
    )
    assert found.shares == {"failed": 0, "fallback": 0, "glass": 0, "unknown": 0}


@pytest.mark.parametrize(
    ("nulls", "worst", "tier"),
    [(100, 0, "ok"), (160, 0, "warn"), (280, 0, "alert"), (400, 0, "critical"), (400, 40, "ok"), (1000, 90, "ok"),
     (1000, 80, "warn"), (1000, 60, "critical")],
)  # fmt: skip
def test_a_feature_may_be_missing_as_often_as_on_the_worst_day_of_training(nulls: int, worst: int, tier: str) -> None:
    found = judged(traffic(nulls=nulls), worst=worst)
    assert found.tier == tier
    assert [(one.kind, one.about) for one in found.flaws] == ([] if tier == "ok" else [("missing", "line")])
    assert (f"line is null in {nulls / 1000:.0%} of rows, at most {worst}% on a day" in found.sentence) == (
        tier != "ok"
    )


@pytest.mark.parametrize(("rows", "tier"), [(2, "ok"), (4, "warn"), (5, "alert"), (6, "critical")])
def test_few_rows_prove_little(rows: int, tier: str) -> None:
    """The lower bound of all of n is the n-th root of a thousandth: 0.03, 0.18, 0.25, 0.32."""
    assert judged(traffic(rows, nulls=rows)).tier == tier
    assert at_least(rows, rows) == pytest.approx(0.001 ** (1 / rows))
    assert at_least(0, rows) == 0


@pytest.mark.parametrize(("green", "tier"), [(100, "ok"), (160, "warn"), (1000, "critical")])
def test_categories_that_training_never_had_are_named(green: int, tier: str) -> None:
    counts = {"red": 1000 - green, "green": green} if green < 1000 else {"green": 1000}
    found = judged(traffic(counts=counts))
    assert found.tier == tier
    assert ("categories unseen in training in" in found.sentence) == (tier != "ok")
    assert ("green" in found.sentence) == (tier != "ok")


@pytest.mark.parametrize(("stake", "tier"), [(0.05, "critical"), (0.049, "ok"), (float("nan"), "critical")])
def test_a_flaw_in_what_the_model_hardly_leans_on_is_told_and_does_not_alarm(stake: float, tier: str) -> None:
    found = judged(traffic(nulls=1000), lines=stake)
    assert (found.tier, [one.tier for one in found.flaws]) == (tier, [tier])
    assert ("harmless: line is null" in found.sentence) == (tier == "ok")


@pytest.mark.parametrize(
    ("failed", "rules", "tier"),
    [(20, None, "ok"), (30, None, "alert"), (200, None, "critical"), (30, ROLLOUT, "ok"), (200, ROLLOUT, "alert")],
)
def test_failures_beyond_the_promised_rate_are_the_champion_s(
    failed: int, rules: dict[str, object] | None, tier: str
) -> None:
    today = traffic(glass=failed, failed={"1": failed, "2": 500})
    found = judged(today, model=model(release=rules or {}))
    assert found.tier == tier
    assert found.shares == {"failed": failed / 1000, "fallback": 0.5, "glass": failed / 1000, "unknown": 0}
    assert [one.kind for one in found.flaws] == ([] if tier == "ok" else ["failed"])


def test_a_glass_that_a_person_broke_is_told() -> None:
    found = judged(traffic(1000, glass=1000))
    assert [(one.kind, one.tier) for one in found.flaws] == [("glass", "warn")]
    assert "100.0% of rows were answered by no version" in found.sentence


@pytest.mark.parametrize(
    ("rows", "before", "tier"),
    [(1000, (2000, 2300, 2600), "ok"), (700, (2000, 2300, 2600), "warn"), (100, (2000, 2300, 2600), "alert"),
     (5200, (2000, 2300, 2600), "ok"), (6000, (2000, 2300, 2600), "warn"), (30000, (2000, 2300, 2600), "alert"),
     (100, (2000, 2300), "ok"), (1, (4, 5, 6), "ok")],
)  # fmt: skip
def test_a_volume_far_from_all_days_before_is_told(rows: int, before: tuple[int, ...], tier: str) -> None:
    found = judged(traffic(rows), *before)
    assert found.tier == tier
    assert [one.kind for one in found.flaws] == ([] if tier == "ok" else ["volume"])


def test_what_the_feature_store_could_not_say_is_named_as_such() -> None:
    window = WindowFeature.model_validate({"by": ["line"], "aggregate": "count", "window": "7d"})
    declared = model().model_copy(update={"windows": {"line": window}})
    found = judged(traffic(nulls=400), model=declared)
    assert "line is unknown to the feature store in 40% of rows" in found.sentence
    assert found.shares["unknown"] == 0.4

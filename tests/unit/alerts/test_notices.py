"""What is news: a cause of worry whose tier changed, and nothing else."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from include.alerts import tell
from include.alerts.notice import is_loud, standing
from include.alerts.quarantine import is_held, review
from include.alerts.tasks import TaskEnd, of_task
from include.drift import Tier
from include.ledger import Ledger, PartitionRecord
from tests.notices import notice


def told(ledger: Ledger, about: str = "trip_late") -> list[tuple[str, str]]:
    return [(one.subject, one.outcome) for one in ledger.decisions(about, kind="alert")]


@pytest.mark.parametrize(
    ("tiers", "news"),
    [
        (["ok"], []),
        (["ok", "ok"], []),
        (["alert", "alert"], ["alert"]),
        (["alert", "critical", "critical"], ["alert", "critical"]),
        (["alert", "ok", "ok", "alert"], ["alert", "ok", "alert"]),
        (["warn", "alert", "warn"], ["warn", "alert", "warn"]),
    ],
)
def test_a_cause_is_news_when_its_tier_changes(ledger: Ledger, tiers: list[Tier], news: list[str]) -> None:
    changed = [tell(notice(tier, sentence=f"day {day}"), ledger) for day, tier in enumerate(tiers)]
    assert [outcome for _, outcome in told(ledger)] == news
    assert changed.count(True) == len(news)


def test_causes_and_models_do_not_silence_each_other(ledger: Ledger) -> None:
    for about, cause in (("trip_late", "drift"), ("trip_late", "performance"), ("other", "drift")):
        assert tell(notice(about=about, cause=cause), ledger)
    assert told(ledger) == [("drift", "alert"), ("performance", "alert")]
    assert told(ledger, "other") == [("drift", "alert")]


def test_of_many_who_tell_the_same_at_once_one_is_news(ledger: Ledger) -> None:
    with ThreadPoolExecutor(8) as pool:
        changed = list(pool.map(lambda _: tell(notice(), ledger), range(16)))
    assert changed.count(True) == 1
    assert told(ledger) == [("drift", "alert")]


def test_a_model_and_a_dataset_of_one_name_are_kept_apart(ledger: Ledger) -> None:
    tell(notice(), ledger)
    tell(notice(of="dataset", cause="quarantine of 2013-01-01"), ledger)
    assert [one.cause for one in standing("model", "trip_late", ledger)] == ["drift"]
    assert [one.cause for one in standing("dataset", "trip_late", ledger)] == ["quarantine of 2013-01-01"]


def test_what_stands_is_the_newest_of_each_cause(ledger: Ledger) -> None:
    for tier in ("alert", "critical"):
        tell(notice(tier), ledger)
    assert standing("model", "trip_late", ledger) == [notice("critical")]


@pytest.mark.parametrize(
    ("tier", "limit", "loud"),
    [("warn", "alert", False), ("alert", "alert", True), ("critical", "alert", True), ("alert", "critical", False)],
)
def test_loud_is_at_the_limit_or_above(tier: Tier, limit: Tier, loud: bool) -> None:
    assert is_loud(tier, limit) is loud


def landing(ledger: Ledger, status: Any, fingerprint: str) -> None:
    ledger.record_partition(
        PartitionRecord(
            dataset="trips", key="2013-01-09", fingerprint=fingerprint, status=status, reason="line: unknown",
            evidence="quarantine/trips/report.html",
        )
    )  # fmt: skip


def test_a_quarantined_day_is_told_once_and_recovers_when_it_is_admitted(ledger: Ledger) -> None:
    review("trips", "2013-01-09", ledger)
    assert told(ledger, "trips") == []
    assert not is_held("trips", "2013-01-09", ledger)
    landing(ledger, "quarantined", "one")
    for _ in range(2):
        review("trips", "2013-01-09", ledger)
    assert is_held("trips", "2013-01-09", ledger)
    [found] = standing("dataset", "trips", ledger)
    assert (found.tier, found.sentence, found.runbook) == ("alert", "line: unknown", "a-partition-is-quarantined")
    assert found.pages == {"Evidence": "/perennial/files/quarantine/trips/report.html"}
    landing(ledger, "admitted", "two")
    review("trips", "2013-01-09", ledger)
    assert told(ledger, "trips") == [("quarantine of 2013-01-09", "alert"), ("quarantine of 2013-01-09", "ok")]
    assert not is_held("trips", "2013-01-09", ledger)


@pytest.mark.parametrize(
    ("mapped", "cause"), [(False, "task score_m.score"), (True, "task score_m.score of 2013-01-09")]
)
def test_a_failed_task_is_one_cause_unless_it_works_on_many_keys_at_once(mapped: bool, cause: str) -> None:
    end = TaskEnd("score_m", "score", "2013-01-09", True, "MLflow did not answer", mapped, "http://a/log", "e/x.json")
    found = of_task("model", "m", end)
    assert (found.cause, found.tier, found.runbook) == (cause, "alert", "dag-by-dag")
    assert found.sentence == "score_m.score of 2013-01-09 failed: MLflow did not answer"
    assert found.pages == {"Log": "http://a/log", "Evidence": "/perennial/files/e/x.json"}


def test_a_task_that_ends_well_is_over_and_links_to_nothing_it_does_not_have() -> None:
    found = of_task("model", "m", TaskEnd("train_m", "fit", None, False, ""))
    assert (found.cause, found.tier, found.pages) == ("task train_m.fit", "ok", {})
    assert found.sentence == "train_m.fit ended well again"

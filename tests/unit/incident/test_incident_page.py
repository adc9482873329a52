"""The page of an incident: the numbers it shows are facts, the pictures have something to show, nothing breaks it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from include.incident import bundle
from include.incident.bundle import Event, Incident
from include.incident.comparison import Answered, Comparison, Weight
from include.incident.following import Followed
from include.incident.pictures import pictures
from include.ledger import Decision, Ledger, PredictionRecord, Promotion
from include.ledger.records import DecisionKind
from include.release.served import Said, Served
from tests.declared import spec

AT = datetime(2013, 4, 20, 9, 30, tzinfo=UTC)


def compared(**changes: Any) -> Comparison:
    random = np.random.default_rng(1)
    answers = [
        Answered(name=f"{place / 20:.2f}", before=int(b), after=int(a))
        for place, (b, a) in enumerate(zip(random.integers(0, 90, 20), random.integers(10, 80, 20), strict=True))
    ]
    weights = [
        Weight(feature=name, before=before, after=after)
        for name, before, after in [("bus", 0.21, 0.14), ("temperature", 0.08, 0.01), ("line", None, 0.05)]
    ]
    facts: dict[str, Any] = {
        "first": "2013-04-13", "last": "2013-04-19", "rows": 1000, "labelled": 940, "mean_before": 0.61,
        "mean_after": 0.34, "mean_difference": 0.29, "error_before": 0.41, "error_after": 0.22, "answers": answers,
        "weights": weights, **changes,
    }  # fmt: skip
    return Comparison.model_validate(facts)


def incident(**changes: Any) -> Incident:
    facts: dict[str, Any] = {
        "model": "trip_late", "sequence": 3, "sent_away": "2", "restored": "1", "at": AT, "actor": "watch",
        "reason": "performance critical in 3 of the last 3 verdicts: v1 is to serve again",
        "served_since": AT - timedelta(days=2, hours=5), "followed": Followed(seconds={"a": 0.31, "b": 0.58}),
        "predictions": {"1": 2104, "2": 1377},
        "gates": Promotion(
            model="trip_late", version="2", run_id="run-2", model_hash="h", evidence="e", evidence_sha256="s",
            gates={"absolute_floor": "pass", "champion_comparison": "pass", "slices": "inconclusive"}, overrides=(),
            replaces="1", actor="ann", reason="better on every slice", approval="person", recorded_at=AT,
        ),
        "verdicts": tuple(f"2013-04-{day} warn: drift of bus (0.12)" for day in range(10, 20)),
        "performance": ("2013-04-19 critical: auc 0.58 where 0.71 was promised",), "comparison": compared(),
        "timeline": [Event(at=AT - timedelta(hours=hour), what=f"watch 2013-04-{19 - hour}: warn", who="watch",
                           why="drift of <bus>") for hour in range(6)],
        "missing": (), **changes,
    }  # fmt: skip
    return Incident.model_validate(facts)


def lines() -> list[Served]:
    """Three days, of which version 2 answers the last two, and version 1 after the rollback."""
    begin = (AT - timedelta(days=3)).timestamp()
    found = []
    for number in range(1500):
        at = begin + number * 180
        version = "1" if number < 400 or at > AT.timestamp() else "2"
        found.append(Served(str(number), at, Said(version, 0.5, 0.001), None))
    return found


def judged(ledger: Ledger, kind: DecisionKind, key: str, tier: str, **detail: object) -> None:
    ledger.record_decision(
        Decision(
            model="trip_late", kind=kind, subject=key, outcome=tier, reason=tier, actor="watch",
            detail=json.dumps(detail),
        )
    )  # fmt: skip


@pytest.fixture
def watched(ledger: Ledger) -> Ledger:
    """Four weeks of verdicts, the last of them bad."""
    for day in range(28):
        key = (AT - timedelta(days=28 - day)).date().isoformat()
        tier = "critical" if day > 24 else "ok"
        ledger.record_predictions(
            PredictionRecord(model="trip_late", version="1", key=key, content_hash="c", path="p", rows=900 + day)
        )
        value = 0.72 - day / 400 - (0.08 if day > 24 else 0)
        judged(ledger, "watch", key, tier, version="1", effect=0.2 if day > 23 else 0.02)
        judged(
            ledger, "performance", key, tier, version="1", metric="auc", watermark=key,
            realised=[value, value - 0.1, value + 0.1],
        )  # fmt: skip
    return ledger


def page(found: Incident, served: list[Served], ledger: Ledger) -> str:
    return bundle._page(spec(), found, served, ledger)


def test_the_page_has_the_facts_first_and_four_pictures(watched: Ledger) -> None:
    text = page(incident(), lines(), watched)
    for fact in (
        "for 2 days 5 h, since 2013-04-18 04:30:00", "2 replicas follow after 0.58 s", "v1: 2,104 requests, v2: 1,377",
        "answers differ by 0.29 on average", "ann (person): better on every slice", "drift of &lt;bus&gt;",
        '<span class="chip inconclusive">slices: inconclusive</span>', "not used",
    ):  # fmt: skip
        assert fact in text, fact
    assert text.count("data:image/svg+xml;base64,") == 3
    assert text.count('<svg class="timeline"') == 1
    assert text.count("2013-04-1") < 60  # sentences of the watch are cut short
    assert "<bus>" not in text


def test_what_is_not_known_is_said_and_draws_nothing(ledger: Ledger) -> None:
    bare = incident(
        served_since=None, followed=None, predictions={}, gates=None, comparison=None, verdicts=(), performance=(),
        timeline=(), missing=("the versions were not compared: no <card>",),
    )  # fmt: skip
    text = page(bare, [], ledger)
    for words in (
        "since an unknown moment", "when is not known", "no request over HTTP", "Nothing to compare them on",
        "No record of its promotion", "no verdict on drift", "Left out: the versions were not compared: no &lt;",
    ):  # fmt: skip
        assert words in text, words
    assert "<svg" not in text
    assert "data:image" not in text


def test_a_rollback_within_an_hour_and_classes_without_a_mean_have_a_page_too(ledger: Ledger) -> None:
    classes = [Answered(name=name, before=1, after=2) for name in ("early", "late", "never")]
    found = compared(mean_before=None, mean_after=None, error_before=None, error_after=None, answers=classes)
    text = page(incident(served_since=AT - timedelta(minutes=4), comparison=found), lines()[-3:], ledger)
    assert "for 0 h 4 min" in text
    assert "mean answer" not in text
    assert "no labels" in text


def test_pictures_are_the_same_bytes_every_time() -> None:
    first, again = (pictures("2", "1", AT, lines(), compared()) for _ in range(2))
    assert [one.name for one in first] == ["hours", "answers", "weights"]
    assert [one.svg for one in first] == [one.svg for one in again]

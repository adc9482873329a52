"""The time line of a model: what is on it, on which day, and that its picture can be drawn."""

import json
import re
from datetime import date
from xml.etree import ElementTree

import pytest

from include.board import page
from include.board.drawing import Drawing, Scale
from include.board.timeline import Event, Point, timeline
from include.ledger import Decision, Ledger, PredictionRecord
from include.ledger.records import DecisionKind
from include.monitoring.watched import SERVED
from tests.declared import TRIPS, declare, spec

LIMITS = (0.1, 0.2, 0.3)


@pytest.fixture
def book(models: object, ledger: Ledger) -> Ledger:
    declare(models, contract=TRIPS)  # type: ignore[arg-type] # the folder of the fixture
    return ledger


def answered(book: Ledger, key: str, version: str = "1", rows: int = 40) -> None:
    book.record_predictions(
        PredictionRecord(
            model="trip_late", version=version, key=key, content_hash=f"{key}{version}", path="p", rows=rows
        )
    )


def judged(book: Ledger, kind: DecisionKind, key: str, tier: str, **detail: object) -> None:
    book.record_decision(
        Decision(
            model="trip_late", kind=kind, subject=key, outcome=tier, reason=f"{tier}: <so it was>", actor="watch",
            evidence=f"evidence/trip_late/watch/{key}/verdict.json", detail=json.dumps(detail),
        )
    )  # fmt: skip


def measured(book: Ledger, key: str, watermark: str, auc: float, tier: str = "ok", metric: str = "auc") -> None:
    judged(
        book, "performance", key, tier, metric=metric, watermark=watermark, version="1",
        realised=[auc, auc - 0.1, auc + 0.1], estimated=[auc + 0.01, None, None], promoted=[0.8, 0.7, 0.9],
    )  # fmt: skip


def test_a_model_that_answered_nothing_has_none(book: Ledger) -> None:
    assert timeline(spec(), book) is None
    assert "<svg" not in page.model("trip_late", book)


def test_measured_values_stand_on_the_day_they_end_and_estimates_on_the_newest(book: Ledger) -> None:
    for key in ("2013-01-01", "2013-01-02", "2013-01-05"):
        answered(book, key)
    measured(book, "2013-01-05", "2013-01-02", 0.7)
    found = timeline(spec(), book)
    assert found is not None
    assert found.realised == (Point(date(2013, 1, 2), 0.7, pytest.approx(0.6), pytest.approx(0.8)),)
    assert found.estimated == (Point(date(2013, 1, 5), 0.71, 0.71, 0.71),)
    assert (found.first, found.last, found.days, found.floor) == (date(2013, 1, 1), date(2013, 1, 5), 5, 0.55)


def test_of_two_verdicts_about_the_same_day_the_later_holds(book: Ledger) -> None:
    answered(book, "2013-01-05")
    measured(book, "2013-01-04", "2013-01-02", 0.7)
    measured(book, "2013-01-05", "2013-01-02", 0.6)
    found = timeline(spec(), book)
    assert found is not None
    assert [one.value for one in found.realised] == [0.6]


def test_values_of_another_metric_are_left_out(book: Ledger) -> None:
    answered(book, "2013-01-05")
    measured(book, "2013-01-05", "2013-01-02", 0.3, metric="brier")
    found = timeline(spec(), book)
    assert found is not None
    assert found.realised == ()


def test_champions_alarms_and_what_followed_are_on_their_days(book: Ledger) -> None:
    for number in range(1, 5):
        answered(book, f"2013-01-0{number}", version="1")  # after a rollback, also for the day of v2
    judged(book, "watch", "2013-01-01", "ok", version="1", effect=0.05)
    judged(book, "watch", "2013-01-02", "warn", version="1", effect=0.15)
    judged(book, "watch", "2013-01-03", "alert", version="2", effect=0.25)
    judged(book, "watch", "2013-01-04", "ok", version="1", effect=None)
    measured(book, "2013-01-04", "2013-01-03", 0.5, tier="critical")
    judged(book, "retrain_policy", "2013-01-03", "notify")
    judged(book, "retrain_policy", "2013-01-04", "roll_back")
    found = timeline(spec(), book)
    assert found is not None
    assert [(one.day.day, one.kind, one.said) for one in found.events] == [
        (1, "champion", "v1"), (3, "champion", "v2"), (4, "champion", "v1"),
        (3, "alert", "drift: alert: <so it was>"), (4, "critical", "performance: critical: <so it was>"),
        (4, "roll_back", "roll_back: <so it was>"),
    ]  # fmt: skip
    assert [one.effect for one in found.drift] == [0.05, 0.15, 0.25, None]


def test_a_verdict_of_former_days_kept_no_effect_and_is_drawn_all_the_same(book: Ledger) -> None:
    answered(book, "2013-01-05")
    judged(book, "watch", "2013-01-05", "alert", version="1")
    assert 'class="tier-alert"' in page.model("trip_late", book)


def test_the_page_has_the_picture_and_what_was_said_is_text(book: Ledger) -> None:
    for number in range(1, 20):
        answered(book, f"2013-01-{number:02}", rows=1000 + number)
        judged(book, "watch", f"2013-01-{number:02}", "ok", version="1", effect=0.01 * number)
    measured(book, "2013-01-19", "2013-01-18", 0.7, tier="alert")
    text = page.model("trip_late", book)
    drawn = ElementTree.fromstring(text[text.index("<svg") : text.index("</svg>") + 6])
    titles = [one.text or "" for one in drawn.iter("title")]
    assert "2013-01-18: realised auc 0.7 (0.6 to 0.8)" in titles
    assert "2013-01-19: 1,019 rows" in titles
    assert "2013-01-19: performance: alert: <so it was>" in titles
    assert 'id="timeline"' in text
    places = [float(one) for one in re.findall(r' (?:x|x1|x2|cx)="([^"]+)"', text)]
    assert min(places) >= 0
    assert max(places) <= 1000


def test_only_the_last_days_are_drawn(book: Ledger) -> None:
    answered(book, "2012-01-01")
    answered(book, "2013-01-01")
    found = timeline(spec(), book)
    assert found is not None
    assert (found.days, list(found.rows)) == (180, [date(2013, 1, 1)])


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [(0.61, 0.83, (0.7, 0.8)), (0.0, 0.35, (0.0, 0.1, 0.2, 0.3)), (0, 1003, (0, 500, 1000)), (24.2, 29.9, (26, 28))],
)
def test_ticks_are_round(low: float, high: float, ticks: tuple[float, ...]) -> None:
    assert Scale(low, high, 0, 100).ticks == pytest.approx(ticks)


def test_a_value_off_the_panel_is_on_its_edge() -> None:
    scale = Scale(0, 1, 10, 110)
    assert (scale.y(0), scale.y(1), scale.y(7), scale.y(-3), scale.y(0.5)) == (110, 10, 10, 110, 60)


def test_values_that_are_all_alike_have_room() -> None:
    scale = Scale.of([0.7, 0.7, float("nan")], 0, 100)
    assert scale.low < 0.7 < scale.high
    assert Scale.of([], 0, 100).high > 0


def test_a_line_breaks_where_more_than_a_week_is_missing(book: Ledger) -> None:
    answered(book, "2013-01-01")
    answered(book, "2013-01-31")
    judged(book, "watch", "2013-01-01", "ok", version="1")
    line = timeline(spec(), book)
    assert line is not None
    drawing = Drawing.of(line, LIMITS)
    points = [Point(date(2013, 1, day), 0.7, 0.6, 0.8) for day in (1, 8, 20)]
    assert re.sub(r"[\d.,]+", "", drawing.path(points)) == "M L M"
    assert drawing.area([]) == ""
    assert drawing.events("champion") == [Event(date(2013, 1, 1), "champion", "v1")]


def test_what_the_service_answered_has_a_time_line_of_its_own_on_days_of_the_clock(book: Ledger) -> None:
    assert timeline(spec(), book, SERVED) is None
    assert 'id="served"' not in page.model("trip_late", book)
    answered(book, "2013-01-05")
    for day, tier in ((1, "ok"), (2, "alert")):
        key = f"2026-03-0{day}"
        judged(book, "served_quality", key, tier, version="1", rows=100 * day, shares={})
        judged(book, "served_drift", key, "ok", version="1", effect=0.01)
    judged(book, "served_performance", "2026-03-02", "critical", metric="auc", watermark="2026-03-01",
           realised=[0.5, 0.4, 0.6])  # fmt: skip
    judged(book, "served_policy", "2026-03-02", "roll_back")
    found = timeline(spec(), book, SERVED)
    assert found is not None
    first, last = date(2026, 3, 1), date(2026, 3, 2)
    assert found.rows == {first: 100, last: 200}
    assert found.realised == (Point(first, 0.5, 0.4, 0.6),)
    assert {(one.day, one.kind, one.said.partition(":")[0]) for one in found.events} == {
        (first, "champion", "v1"), (last, "alert", "quality"), (last, "critical", "performance"),
        (last, "roll_back", "roll_back"),
    }  # fmt: skip
    assert list(timeline(spec(), book).rows) == [date(2013, 1, 5)]  # type: ignore[union-attr]
    text = page.model("trip_late", book)
    assert text.index('id="timeline"') < text.index('id="served"')
    assert "2026-03-02: 200 rows" in text
    assert '<span class="chip roll_back">roll back</span>' in text

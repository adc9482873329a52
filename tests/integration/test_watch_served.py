"""The watch over live traffic: real segments by the real log and roller, a real ledger; what is spoilt is found."""

from pathlib import Path
from typing import Any

import pytest

from include.alerts.notice import standing
from include.errors import NothingToDo
from include.lake import Store
from include.ledger import Ledger
from include.monitoring import served, served_performance
from include.monitoring.following import apply_policy
from include.monitoring.watched import SERVED
from include.steps import STEPS
from tests.answering import MODEL, World, day
from tests.asking import Clients, features, refer, when
from tests.declared import LATE, TRIPS, declare, spec


@pytest.fixture
def clients(lake: Store, ledger: Ledger, tracking: str, tmp_path: Path) -> Clients:
    """Those who ask v1, the champion."""
    World(lake, ledger).promote("1", tracking)
    refer(lake)
    return Clients(tmp_path / "serving", lake)


def assessed(clients: Clients, ledger: Ledger, number: int) -> served.Assessed:
    return served.assess(MODEL, when(number), clients.lake, ledger)


def outcomes(ledger: Ledger, kind: Any) -> list[tuple[str, str]]:
    return [(one.subject, one.outcome) for one in ledger.decisions(MODEL.name, kind=kind)]


def causes(ledger: Ledger) -> dict[str, str]:
    return {one.cause: one.tier for one in standing("model", MODEL.name, ledger)}


def test_an_unchanged_stream_is_ok_and_on_record(clients: Clients, ledger: Ledger) -> None:
    clients.live(range(7))
    found = assessed(clients, ledger, 6)
    assert found.drift is not None
    assert (found.drift.rows, found.drift.key, found.drift.tier, found.quality.tier) == (420, "2026-03-08", "ok", "ok")
    assert {one.feature for one in found.drift.drifts} == {"bus", "full", "line", "prediction"}
    for kind in ("drift", "quality"):
        [only] = ledger.decisions(MODEL.name, kind=f"served_{kind}")  # type: ignore[arg-type]
        assert (only.subject, only.outcome) == ("2026-03-08", "ok")
        assert only.evidence == f"evidence/trip_late/served/2026-03-08/{kind}.json"
        assert clients.lake.exists(only.evidence)
    assert causes(ledger) == {}


def test_a_unit_that_changes_in_one_feature_is_found_and_named(clients: Clients, ledger: Ledger) -> None:
    for number in range(7):
        one = day(number)
        rows = [{**row, "bus": row["bus"] * 1000} for row in features(one)]
        clients.ask(when(number), one, rows=rows)
    found = assessed(clients, ledger, 6)
    assert found.drift is not None
    assert (found.drift.tier, found.drift.drifts[0].feature) == ("critical", "bus")
    assert found.quality.tier == "ok"


def test_a_feature_that_comes_no_more_is_found_on_its_first_day(clients: Clients, ledger: Ledger) -> None:
    clients.live(range(6))
    one = day(6)
    clients.ask(when(6), one, rows=[{**row, "line": None} for row in features(one)])
    found = assessed(clients, ledger, 6)
    assert found.drift is not None
    assert [(flaw.kind, flaw.about, flaw.tier) for flaw in found.quality.flaws] == [("missing", "line", "critical")]
    assert "line is null in 100% of rows, at most 0% on a day of the reference" in found.sentence
    assert causes(ledger) == {"served quality": "critical"}


def test_the_alarm_of_a_day_ends_after_as_many_good_ones_as_any_other(clients: Clients, ledger: Ledger) -> None:
    one = day(0)
    clients.ask(when(0), one, rows=[{**row, "line": None} for row in features(one)])
    clients.live(range(1, 4))
    told = []
    for number in range(4):
        assessed(clients, ledger, number)
        told.append(causes(ledger)["served quality"])
    assert told == ["critical", "critical", "critical", "ok"]
    assert len(ledger.decisions(MODEL.name, kind="alert")) == 2


def test_answers_that_move_alone_are_prediction_drift(clients: Clients, ledger: Ledger) -> None:
    for number in range(7):
        clients.ask(when(number), day(number), said=[[0.99]] * 60)
    found = assessed(clients, ledger, 6)
    assert found.drift is not None
    assert (found.drift.tier, found.drift.drifts[0].feature) == ("critical", "prediction")
    assert [one.tier for one in found.drift.drifts[1:]] == ["ok"] * 3


def test_records_that_come_later_are_read_and_a_day_without_new_ones_is_not_read_again(
    clients: Clients, ledger: Ledger
) -> None:
    clients.live(range(5))
    assert assessed(clients, ledger, 4).quality.rows == 60
    kept = clients.lake.read_bytes("evidence/trip_late/served/2026-03-06/traffic.json")
    clients.ask(when(4), day(40))
    assert assessed(clients, ledger, 4).quality.rows == 120
    assert clients.lake.read_bytes("evidence/trip_late/served/2026-03-06/traffic.json") != kept


def test_a_champion_that_answered_nothing_yet_has_no_drift_and_a_rolling_reference_needs_days(
    clients: Clients, ledger: Ledger
) -> None:
    clients.live(range(21))
    clients.ask(when(21), day(21), version="", slot="break_glass", error="broken by a person")
    found = assessed(clients, ledger, 21)
    assert (found.drift, found.quality.tier) == (None, "warn")
    assert "no verdict on drift yet" in found.sentence
    rolling = spec(monitoring={"min_rows": 50, "reference": "rolling", "reference_days": 14})
    judged = [served.assess(rolling, when(number), clients.lake, ledger).drift for number in (20, 19)]
    assert [one and one.tier for one in judged] == ["ok", None]


def test_a_day_on_which_nobody_asks_is_no_verdict(clients: Clients, ledger: Ledger) -> None:
    clients.live(range(2))
    with pytest.raises(NothingToDo, match="trip_late: nobody asked the service on 2026-03-04"):
        assessed(clients, ledger, 2)
    assert outcomes(ledger, "served_quality") == []


def test_performance_is_measured_where_labels_came_back(clients: Clients, ledger: Ledger) -> None:
    clients.live(range(16))
    found = served_performance.measure(MODEL, when(15), clients.lake, ledger)
    assert (found.answers, found.labelled, found.tier) == (16 * 60, 15 * 60, "ok")
    assert found.found.realised is not None
    assert (found.found.realised.first, found.found.realised.last) == ("2026-03-03", "2026-03-16")
    assert found.found.labels.watermark == "2026-03-16"
    assert "labels of 900 of 960 answers came" in found.sentence
    assert outcomes(ledger, "served_performance") == [("2026-03-17", "ok")]


def test_too_few_labels_are_said_and_nothing_is_made_of_them(clients: Clients, ledger: Ledger) -> None:
    for number in range(8):
        clients.ask(when(number), day(number))
    found = served_performance.measure(MODEL, when(7), clients.lake, ledger)
    assert (found.found.realised, found.labelled, found.found.labels.waiting) == (None, 0, ())
    assert "nothing measured yet, 0 days of this version have labels, required 5" in found.sentence


def test_labels_that_come_after_the_day_are_not_seen_by_it(clients: Clients, ledger: Ledger) -> None:
    clients.live(range(10), lag=3)
    found = served_performance.measure(MODEL, when(9), clients.lake, ledger)
    assert (found.labelled, found.found.labels.age) == (7 * 60, 3)


def test_a_champion_that_fails_those_who_ask_is_rolled_back(
    clients: Clients, ledger: Ledger, tracking: str, models: Path
) -> None:
    World(clients.lake, ledger).promote("2", tracking)
    refer(clients.lake, "2")
    for number in range(20):
        one = day(number, flipped=True)
        ids = clients.ask(when(number), one, version="2")
        clients.label(when(number + 1), ids, (one.late * 30).tolist())
    for number in (17, 18, 19):
        assessed(clients, ledger, number)
        assert served_performance.measure(MODEL, when(number), clients.lake, ledger).tier == "critical"
        decided = apply_policy(MODEL, when(number).isoformat(), ledger, SERVED)
    assert decided.action == "roll_back"
    assert outcomes(ledger, "served_policy")[-1] == (when(19).isoformat(), "roll_back")
    assert causes(ledger)["served performance"] == "critical"
    kept = MODEL.model_copy(update={"monitoring": MODEL.monitoring.model_copy(update={"roll_back": False})})
    assert apply_policy(kept, when(19).isoformat(), ledger, SERVED).action != "roll_back"
    rules = {"min_rows": 50, "roll_back": True}
    declare(models, model={**LATE, "label_delay_days": 1, "monitoring": rules}, contract=TRIPS)
    World(clients.lake, ledger).land(day(3))
    done = STEPS["apply-served-policy"].run("trip_late", {"day": when(19).isoformat()})
    assert (done.facts["version"], done.facts["replaces"]) == ("1", "2")
    champion = ledger.champion("trip_late")
    assert champion is not None
    assert (champion.version, champion.action, champion.actor) == ("1", "roll_back", "watch")
    assert str(done.evidence).endswith("incident.html")


def test_the_steps_do_it_all_and_a_training_stands_on_the_data_there_is(
    clients: Clients, ledger: Ledger, models: Path
) -> None:
    rules = {"min_rows": 50, "violations": 1, "of_windows": 1}
    declare(models, model={**LATE, "label_delay_days": 1, "monitoring": rules}, contract=TRIPS)
    World(clients.lake, ledger).land(day(3))
    for number in range(7):
        one = day(number)
        clients.ask(when(number), one, rows=[{**row, "bus": row["bus"] * 1000} for row in features(one)])
    on = {"day": when(6).isoformat()}
    result = STEPS["assess-served"].run("trip_late", on)
    assert (result.facts["tier"], result.facts["rows"]) == ("critical", 60)
    assert STEPS["measure-served"].run("trip_late", on).facts["labelled"] == 0
    asked = STEPS["apply-served-policy"].run("trip_late", on)
    assert asked.announces == ("2013-01-19",)
    with pytest.raises(NothingToDo, match="was requested before"):
        STEPS["apply-served-policy"].run("trip_late", on)


def test_a_version_that_is_asked_by_name_or_serves_as_another_is_not_the_champion_s_traffic(
    clients: Clients, ledger: Ledger
) -> None:
    clients.live(range(7))
    clients.ask(when(6), day(50), slot="named", rows=[{**row, "line": "blue"} for row in features(day(50))])
    clients.ask(when(6), day(51), version="9", slot="challenger")
    found = assessed(clients, ledger, 6)
    assert found.drift is not None
    assert (found.drift.rows, found.quality.rows, found.quality.tier) == (420, 120, "ok")

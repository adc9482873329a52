"""The export is OpenMetrics as Prometheus' own parser reads it, and rules and dashboard name nothing else."""

import json
import math
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from include import cli
from include.alerts import deliver, tell
from include.alerts.outbox import Message
from include.errors import Outage
from include.lake import Store
from include.ledger import Decision, Ledger, PartitionRecord, PredictionRecord
from include.openmetrics import collect, render
from include.openmetrics.text import GAUGES, Sample
from include.serving.exposition import exposition
from include.serving.meters import Meters, ReplicaStatus, ServedVersions
from include.settings import REPOSITORY
from include.spec import load_models
from tests.declared import TRIPS, declare
from tests.notices import OPS, notice

MONITORING = REPOSITORY / "docs" / "monitoring"
VERDICT = "evidence/trip_late/watch/2013-04-01/verdict.json"
ENDED = datetime(2013, 4, 2, tzinfo=UTC).timestamp()


def parsed(text: str) -> dict[tuple[str, ...], float]:
    """Name and label values of every sample, as the strict parser reads them."""
    families = list(text_string_to_metric_families(text))
    assert [one.name for one in families] == list(GAUGES)
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


@pytest.fixture
def installed(models: Path, lake: Store, ledger: Ledger) -> Ledger:
    declare(models, contract=TRIPS)
    return ledger


def exported(ledger: Ledger, lake: Store) -> dict[tuple[str, ...], float]:
    return parsed(render(collect(load_models(), ledger, lake)))


def decision(ledger: Ledger, kind: Any, subject: str, outcome: str, **changes: Any) -> Decision:
    return ledger.record_decision(
        Decision(model="trip_late", kind=kind, subject=subject, outcome=outcome, reason="r", actor="t", **changes)
    )


def live(ledger: Ledger, lake: Store) -> tuple[float, float]:
    """A loop in which everything was once; gives when it was promoted and when it was judged."""
    for key, status in (("2013-03-31", "quarantined"), ("2013-03-31", "admitted"), ("2013-04-01", "admitted")):
        ledger.record_partition(
            PartitionRecord(dataset="trips", key=key, fingerprint=f"{key} {status}", status=status, content_hash="c")
        )  # type: ignore[arg-type]
    ledger.record_partition(
        PartitionRecord(dataset="trips", key="2013-04-02", fingerprint="f", status="quarantined", reason="null")
    )
    ledger.record_predictions(
        PredictionRecord(model="trip_late", version="3", key="2013-04-01", content_hash="c", path="p", rows=4)
    )
    promoted = ledger.record_deployment(
        "trip_late", "3", "h", expected=None, action="promote", actor="ann", reason="test"
    )
    for outcome in ("registered", "refused", "refused"):
        decision(ledger, "registration", outcome, outcome)
    drifts = [{"feature": "bus", "effect": 0.25, "more": 1}, {"feature": 'li"ne\\', "effect": "NaN"}]
    lake.write_bytes(VERDICT, json.dumps({"tier": "alert", "drifts": drifts}).encode())
    judged = decision(ledger, "watch", "2013-04-01", "alert", evidence=VERDICT)
    return promoted.recorded_at.timestamp(), judged.recorded_at.timestamp()


def test_an_empty_installation_is_a_valid_exposition(installed: Ledger, lake: Store) -> None:
    assert exported(installed, lake) == {
        ("perennial_quarantined", "trips"): 0, ("perennial_trainings", "trip_late", "registered"): 0,
        ("perennial_trainings", "trip_late", "refused"): 0, ("perennial_deliveries_failed", "trips"): 0,
        ("perennial_deliveries_failed", "trip_late"): 0,
    }  # fmt: skip


def test_every_number_is_the_ledger_s(installed: Ledger, lake: Store) -> None:
    promoted, judged = live(installed, lake)
    found = exported(installed, lake)
    assert math.isnan(found.pop(("perennial_drift", "trip_late", 'li"ne\\')))
    assert found == {
        ("perennial_tier", "trip_late"): 2,
        ("perennial_verdict_timestamp_seconds", "trip_late"): pytest.approx(judged),
        ("perennial_drift", "trip_late", "bus"): 0.25,
        ("perennial_champion_timestamp_seconds", "trip_late"): pytest.approx(promoted),
        ("perennial_champion_version", "trip_late"): 3,
        ("perennial_partition_timestamp_seconds", "trips"): ENDED,
        ("perennial_prediction_timestamp_seconds", "trip_late"): ENDED,
        ("perennial_quarantined", "trips"): 1,
        ("perennial_trainings", "trip_late", "registered"): 1,
        ("perennial_trainings", "trip_late", "refused"): 2,
        ("perennial_deliveries_failed", "trips"): 0,
        ("perennial_deliveries_failed", "trip_late"): 0,
    }


def test_alerts_that_stand_and_those_that_reach_nobody_are_counted(installed: Ledger, lake: Store) -> None:
    def away(_: Message) -> None:
        raise Outage("no mail server")

    tell(notice("critical"), installed)
    deliver("model", "trip_late", {"ops": OPS}, installed, away)
    found = exported(installed, lake)
    assert found["perennial_alert", "trip_late", "drift"] == 3
    assert found["perennial_deliveries_failed", "trip_late"] == 1
    deliver("model", "trip_late", {"ops": OPS}, installed, lambda _: None)
    tell(notice("ok"), installed)
    found = exported(installed, lake)
    assert found["perennial_alert", "trip_late", "drift"] == 0
    assert found["perennial_deliveries_failed", "trip_late"] == 0


@pytest.mark.parametrize("content", [None, b"no json", b'{"drifts": 3}'])
def test_a_verdict_that_cannot_be_read_hides_no_other_number(
    installed: Ledger, lake: Store, content: bytes | None
) -> None:
    decision(installed, "watch", "2013-04-01", "warn", evidence=VERDICT)
    if content is not None:
        lake.write_bytes(VERDICT, content)
    found = exported(installed, lake)
    assert found["perennial_tier", "trip_late"] == 1
    assert not [one for one in found if one[0] == "perennial_drift"]


@pytest.mark.parametrize("value", [0.1, 1e-9, 1e22, float("inf"), float("-inf"), -3.0])
def test_numbers_and_labels_survive_the_format(value: float) -> None:
    label = 'a "b"\\n\nc{}'
    found = parsed(render([Sample("perennial_drift", value, (("model", "m"), ("feature", label)))]))
    assert found == {("perennial_drift", "m", label): value}


def test_the_command_prints_the_same(installed: Ledger, lake: Store, capsys: pytest.CaptureFixture[str]) -> None:
    live(installed, lake)
    assert cli.main(["metrics"]) == 0
    assert capsys.readouterr().out == render(collect(load_models(), installed, lake))


def named(text: str) -> set[str]:
    return set(re.findall(r"perennial_[a-z_]+", text))


@pytest.fixture
def of_the_service() -> dict[str, dict[str, set[str]]]:
    """What /metrics of the service exports, by name: each label with its values."""
    worker = ReplicaStatus("me", 1, 0, 0, 0, {"m": ServedVersions(1, "champion")}, {"m": Meters()})
    worker.meters["m"].count(200)
    worker.meters["m"].predicted("champion", "1", 1)
    found: dict[str, dict[str, set[str]]] = {}
    for family in text_string_to_metric_families(exposition([worker]).decode()):
        for sample in family.samples:
            for label, value in sample.labels.items():
                found.setdefault(sample.name, {}).setdefault(label, set()).add(value)
    return found


def rules() -> dict[str, list[str]]:
    """The expressions of the alert rules by their group."""
    groups = yaml.safe_load((MONITORING / "alert-rules.yaml").read_text(encoding="utf-8"))["groups"]
    return {group["name"]: [rule["expr"] for rule in group["rules"]] for group in groups}


def test_every_metric_of_the_alert_rules_is_exported() -> None:
    assert len(rules()["perennial"]) == 10
    for one in rules()["perennial"]:
        assert named(one), one
        assert named(one) <= set(GAUGES), one


def test_every_metric_and_label_of_the_service_s_rules_is_exported(
    of_the_service: dict[str, dict[str, set[str]]],
) -> None:
    assert len(rules()["perennial-service"]) == 6
    for one in rules()["perennial-service"]:
        assert named(one), one
        assert named(one) <= set(of_the_service), one
        for name, label, value in re.findall(r'(perennial_[a-z_]+){(\w+)="(\w+)"}', one):
            assert value in of_the_service[name][label], one


def test_the_dashboard_shows_every_metric_and_no_other(of_the_service: dict[str, dict[str, set[str]]]) -> None:
    board = json.loads((MONITORING / "grafana-dashboard.json").read_text(encoding="utf-8"))
    expressions = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    service = {"perennial_serving_requests_total", "perennial_serving_lost_total"}
    assert service <= set(of_the_service)
    assert named(" ".join(expressions)) == set(GAUGES) | service
    variables = [one["query"]["query"] for one in board["templating"]["list"] if one["type"] == "query"]
    assert named(" ".join(variables)) == {"perennial_trainings"}
    labels = {"model", "dataset", "feature", "cause", "outcome", "metric", "how", "of", "what", "status"}
    legends = " ".join(target["legendFormat"] for panel in board["panels"] for target in panel["targets"])
    assert set(re.findall(r"{{(\w+)}}", legends)) == labels


def test_performance_is_exported_as_far_as_it_is_known(installed: Ledger, lake: Store) -> None:
    before = {"metric": "auc", "promoted": [0.8, 0.7, 0.9], "estimated": [0.75, None, None]}
    decision(installed, "performance", "2013-04-01", "ok", detail=json.dumps(before))
    found = exported(installed, lake)
    assert found["perennial_performance_tier", "trip_late"] == 0
    assert found["perennial_performance", "trip_late", "auc", "estimated"] == 0.75
    assert ("perennial_performance", "trip_late", "auc", "realised") not in found
    after = json.dumps({**before, "realised": [0.6, 0.5, 0.7]})
    decision(installed, "performance", "2013-04-02", "critical", detail=after)
    found = exported(installed, lake)
    assert found["perennial_performance_tier", "trip_late"] == 3
    assert found["perennial_performance", "trip_late", "auc", "realised"] == 0.6
    assert found["perennial_performance", "trip_late", "auc", "promoted"] == 0.8


def test_what_the_service_answered_is_exported_as_far_as_it_is_known(installed: Ledger, lake: Store) -> None:
    place, shares = "evidence/trip_late/served/2013-04-01/drift.json", {"failed": 0.25, "unknown": 0.5}
    lake.write_bytes(place, json.dumps({"drifts": [{"feature": "bus", "effect": 0.5}]}).encode())
    decision(installed, "served_drift", "2013-04-01", "critical", evidence=place)
    decision(installed, "served_quality", "2013-04-01", "warn", detail=json.dumps({"rows": 40, "shares": shares}))
    measured = {"metric": "auc", "promoted": [0.8, 0.7, 0.9], "realised": [0.6, 0.5, 0.7]}
    decision(installed, "served_performance", "2013-04-01", "alert", detail=json.dumps(measured))
    found = {name: value for name, value in exported(installed, lake).items() if "served" in name[0]}
    assert found == {
        ("perennial_served_tier", "trip_late", "drift"): 3,
        ("perennial_served_tier", "trip_late", "quality"): 1,
        ("perennial_served_tier", "trip_late", "performance"): 2,
        ("perennial_served_drift", "trip_late", "bus"): 0.5,
        ("perennial_served_performance", "trip_late", "auc", "realised"): 0.6,
        ("perennial_served_performance", "trip_late", "auc", "promoted"): 0.8,
        ("perennial_served_rows", "trip_late"): 40,
        ("perennial_served_timestamp_seconds", "trip_late"): ENDED,
        ("perennial_served_share", "trip_late", "failed"): 0.25,
        ("perennial_served_share", "trip_late", "unknown"): 0.5,
    }

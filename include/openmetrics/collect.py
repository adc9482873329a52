"""The numbers, read from the ledger; those of drift from the newest verdict in the lake."""

import json
import logging
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from pydantic import BaseModel, ValidationError

from include.alerts.notice import standing
from include.drift import TIERS
from include.errors import PerennialError
from include.lake.store import Store
from include.ledger import Decision, Ledger
from include.ledger.records import DecisionKind
from include.openmetrics.text import Sample
from include.spec import ContractSpec, Declarations, ModelSpec

log = logging.getLogger(__name__)
Labels = tuple[tuple[str, str], ...]
SERVED_KINDS: tuple[DecisionKind, ...] = ("served_drift", "served_quality", "served_performance")


class _Drift(BaseModel):
    feature: str
    effect: float


class _Verdict(BaseModel):
    """As much of a stored verdict as is shown, whatever else it holds."""

    drifts: tuple[_Drift, ...] = ()


def collect(declared: Declarations, ledger: Ledger, store: Store) -> list[Sample]:
    """Every number about every declared model and dataset. What there is nothing of yet has no sample."""
    found = [one for contract in declared.contracts.values() for one in _dataset(contract, ledger)]
    return found + [one for spec in declared.models.values() for one in _model(spec, ledger, store)]


def _dataset(contract: ContractSpec, ledger: Ledger) -> Iterator[Sample]:
    name, labels = contract.dataset, (("dataset", contract.dataset),)
    if newest := ledger.admitted(name, most=1):
        yield Sample("perennial_partition_timestamp_seconds", _end(contract.day_of(newest[-1].key)), labels)
    last = {one.key: one.status for one in ledger.partitions(name)}
    yield Sample("perennial_quarantined", list(last.values()).count("quarantined"), labels)
    yield from _alerts("dataset", name, ledger)


def _model(spec: ModelSpec, ledger: Ledger, store: Store) -> Iterator[Sample]:
    labels = (("model", spec.name),)
    if champion := ledger.champion(spec.name):
        yield Sample("perennial_champion_timestamp_seconds", champion.recorded_at.timestamp(), labels)
        if champion.version.isdecimal():
            yield Sample("perennial_champion_version", float(champion.version), labels)
    if scored := ledger.newest_scored(spec.name):
        yield Sample("perennial_prediction_timestamp_seconds", _end(spec.contract.day_of(scored)), labels)
    outcomes = Counter(one.outcome for one in ledger.decisions(spec.name, kind="registration"))
    for outcome in ("registered", "refused"):
        yield Sample("perennial_trainings", outcomes[outcome], (*labels, ("outcome", outcome)))
    yield from _verdict(spec.name, ledger, store)
    yield from _performance(spec.name, ledger)
    yield from _served(spec, ledger, store)
    yield from _alerts("model", spec.name, ledger)


def _verdict(model: str, ledger: Ledger, store: Store) -> Iterator[Sample]:
    labels = (("model", model),)
    for one in ledger.newest_decisions(model, "watch", most=1):
        yield Sample("perennial_tier", TIERS.index(one.outcome), labels)
        yield Sample("perennial_verdict_timestamp_seconds", one.recorded_at.timestamp(), labels)
        for drift in _drifts(str(one.evidence), store):
            yield Sample("perennial_drift", drift.effect, (*labels, ("feature", drift.feature)))


def _performance(model: str, ledger: Ledger) -> Iterator[Sample]:
    labels = (("model", model),)
    for one in ledger.newest_decisions(model, "performance", most=1):
        yield Sample("perennial_performance_tier", TIERS.index(one.outcome), labels)
        yield from _measured("perennial_performance", one, labels)


def _measured(gauge: str, verdict: Decision, labels: Labels) -> Iterator[Sample]:
    kept = json.loads(verdict.detail)
    for how in ("realised", "estimated", "promoted"):
        if how in kept:
            yield Sample(gauge, float(kept[how][0]), (*labels, ("metric", str(kept["metric"])), ("how", how)))


def _served(spec: ModelSpec, ledger: Ledger, store: Store) -> Iterator[Sample]:
    labels = (("model", spec.name),)
    newest = {kind: ledger.newest_decisions(spec.name, kind, most=1) for kind in SERVED_KINDS}
    for kind, decisions in newest.items():
        for one in decisions:
            about = (*labels, ("of", kind.removeprefix("served_")))
            yield Sample("perennial_served_tier", TIERS.index(one.outcome), about)
    for one in newest["served_drift"]:
        for drift in _drifts(str(one.evidence), store):
            yield Sample("perennial_served_drift", drift.effect, (*labels, ("feature", drift.feature)))
    for one in newest["served_performance"]:
        yield from _measured("perennial_served_performance", one, labels)
    for one in newest["served_quality"]:
        kept = json.loads(one.detail)
        yield Sample("perennial_served_rows", float(kept["rows"]), labels)
        yield Sample("perennial_served_timestamp_seconds", _end(spec.contract.day_of(one.subject)), labels)
        for what, share in kept["shares"].items():
            yield Sample("perennial_served_share", float(share), (*labels, ("what", what)))


def _drifts(place: str, store: Store) -> tuple[_Drift, ...]:
    """Drift of each feature. One verdict that cannot be read does not hide all other numbers."""
    try:
        return _Verdict.model_validate_json(store.read_bytes(place)).drifts
    except (PerennialError, ValidationError) as problem:
        log.error("The verdict %s cannot be shown in the metrics: %s", place, problem)
        return ()


def _alerts(of: Literal["model", "dataset"], about: str, ledger: Ledger) -> Iterator[Sample]:
    labels = ((of, about),)
    for notice in standing(of, about, ledger):
        yield Sample("perennial_alert", TIERS.index(notice.tier), (*labels, ("cause", notice.cause)))
    last = {one.subject: one.outcome for one in ledger.decisions(about, kind="delivery")}
    yield Sample("perennial_deliveries_failed", list(last.values()).count("failed"), labels)


def _end(day: date) -> float:
    return (datetime.combine(day, time(), UTC) + timedelta(days=1)).timestamp()

"""Measures the champion where labels are in, estimates it where they are not, and records what came out."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import numpy as np
import pandas as pd

from include.errors import NothingToDo
from include.evaluation import evidence
from include.evaluation.answers import MIN_DAYS
from include.evaluation.calibration import Rows, calibration
from include.evaluation.estimate import Estimate
from include.evaluation.evidence import Evidence
from include.evaluation.intervals import estimate
from include.evaluation.metrics import measure as measured_at
from include.evaluation.skill import Skill, constant, skill
from include.features.matrix import Floats
from include.features.reading import read_targets
from include.features.windows import features_of
from include.lake.reading import Mask
from include.lake.store import Store
from include.ledger import Decision, Ledger, PredictionRecord
from include.monitoring.dle import OfErrors
from include.monitoring.estimating import WEEK, WEEKS, Estimator, OfProbabilities, check
from include.monitoring.label_days import LabelDays, label_days
from include.monitoring.maturity import maturity, watermark
from include.monitoring.outcomes import Outcomes, ReadFeatures, Said, outcomes, said
from include.monitoring.performance import Estimated, Finding, Labels, Measurements, Realised, judge
from include.monitoring.references import scored
from include.monitoring.telling import told
from include.monitoring.watch import WATCH, folder
from include.registry import registry, runs
from include.spec import ModelSpec
from include.spec.contract import Measured
from include.spec.metrics import METRICS
from include.training.data import partition_day, partition_key
from include.training.recorded import recorded_data

SEED = 20130403
log = logging.getLogger(__name__)


class Performance(Measured):
    """What is stored of one day: what was measured of which version, and the verdict on it."""

    model: str
    version: str
    key: str
    found: Measurements
    verdict: Finding
    sentence: str


def measure(spec: ModelSpec, key: str, store: Store, ledger: Ledger) -> Performance:
    """The champion's performance as it was known when `key` was the newest partition, stored and recorded.

    Only answers that this version gave first, on days after its held-out window, and labels of days up to the
    watermark. NothingToDo without a champion.
    """
    champion = champion_now(spec, store, ledger)
    found = _measurements(spec, key, champion, store, ledger)
    verdict = judge(found, spec.gates, spec.monitoring)
    made = Performance(
        model=spec.name, version=champion.version, key=key, found=found, verdict=verdict,
        sentence=f"{told(found, verdict, spec.gates)} (champion v{champion.version})",
    )  # fmt: skip
    _record(made, store, ledger)
    log.info("%s on %s: %s", spec.name, key, made.sentence)
    return made


def champion_now(spec: ModelSpec, store: Store, ledger: Ledger) -> "Champion":
    """The champion and what it was judged by. NothingToDo where there is none."""
    deployed = ledger.champion(spec.name)
    if deployed is None:
        raise NothingToDo(f"{spec.name} has no champion yet: there is nothing to measure. Train and release one.")
    run_id = registry.version(spec.name, deployed.version).run_id
    return Champion(deployed.version, run_id, evidence.load(spec.name, run_id, store))


def history_days(spec: ModelSpec) -> int:
    """How far back is looked: as far as the estimate is checked or performance is measured, and labels are awaited."""
    return max(WEEKS * WEEK, spec.monitoring.performance_days) + 2 * max(spec.label_delay_days, WEEK)


def _record(made: Performance, store: Store, ledger: Ledger) -> None:
    place = f"{folder(made.model, made.key)}/performance.json"
    store.write_bytes(place, made.model_dump_json(indent=2).encode())
    ledger.record_decision(
        Decision(
            model=made.model, kind="performance", subject=made.key, outcome=made.verdict.tier, reason=made.sentence,
            actor=WATCH, evidence=place, detail=json.dumps(summary(made)),
        ),
        once=True,
    )  # fmt: skip


def summary(made: Performance) -> dict[str, object]:
    """What the ledger keeps of it beside tier and sentence: enough for a time line."""
    realised, estimated = made.found.realised, made.found.estimated
    numbers = {
        "realised": realised.metrics[made.found.metric] if realised else None,
        "estimated": estimated.value if estimated else None,
        "promoted": made.found.promoted,
    }
    shown = {name: [one.value, one.lower, one.upper] for name, one in numbers.items() if one and np.isfinite(one.value)}
    return {
        "version": made.version, "metric": made.found.metric, "trust": made.verdict.trust,
        "change": made.verdict.change, "watermark": made.found.labels.watermark,
        **{name: [one if np.isfinite(one) else None for one in values] for name, values in shown.items()},
    }  # fmt: skip


@dataclass(frozen=True)
class Champion:
    """Who is measured: the version, the run it is from, and what was measured of it before it was promoted."""

    version: str
    run_id: str
    judged: Evidence

    @property
    def learnt_until(self) -> str:
        """The last key of its held-out window: on days up to there it may know the answers."""
        return max(self.judged.days.names)


@dataclass(frozen=True)
class Question:
    """What is asked of whom: the metric, at which confidence of each bound, and the days."""

    spec: ModelSpec
    champion: Champion
    today: date
    confidence: float

    def since(self, last: date, days: int) -> str:
        """The first key of so many days up to the last."""
        return partition_key(self.spec.contract, last - timedelta(days=days - 1))


def _measurements(spec: ModelSpec, key: str, champion: Champion, store: Store, ledger: Ledger) -> Measurements:
    asked = Question(spec, champion, partition_day(spec.contract, key), spec.gates.champion_comparison.confidence)
    history = history_days(spec)
    labels = label_days(spec, asked.today - timedelta(days=history - 1), asked.today, store, ledger)
    ripe = maturity(labels.arrivals, asked.today, spec.label_delay_days)
    mark = watermark(labels.arrivals, asked.today, ripe.age)
    waiting = tuple(partition_key(spec.contract, day) for day in mark.waiting)
    answers = [
        one
        for one in ledger.first_predictions(spec.name, champion.version, asked.since(asked.today, history), key)
        if one.key > champion.learnt_until
    ]
    until = None if mark.day is None else partition_key(spec.contract, mark.day)
    ripened = [one for one in answers if until is not None and one.key <= until and one.key not in waiting]
    features = partial(_features, spec, store, ledger) if spec.task == "regression" else None
    came = _came(spec, ripened, labels, store, features)
    first = asked.since(asked.today, spec.monitoring.performance_days)
    newest = said(spec, [one for one in answers if one.key >= first], store, features)
    return measurements(
        asked, Labels(watermark=until, age=ripe.age, shares=ripe.shares, waiting=waiting), came, newest, store
    )


def _features(
    spec: ModelSpec, store: Store, ledger: Ledger, files: Sequence[PredictionRecord], kept: Sequence[Mask]
) -> pd.DataFrame:
    return features_of(spec, scored(spec, list(files), ledger), kept, store)


def _came(
    spec: ModelSpec,
    files: Sequence[PredictionRecord],
    labels: LabelDays,
    store: Store,
    features: ReadFeatures | None,
) -> Outcomes:
    pairs = [(file, labels.known(file.key, partition_day(spec.contract, file.key))) for file in files]
    known = [(file, label) for file, label in pairs if label is not None]
    return outcomes(spec, [file for file, _ in known], [label for _, label in known], store, features)


def measurements(asked: Question, labels: Labels, came: Outcomes, newest: Said, store: Store) -> Measurements:
    """All that the verdict stands on: `came` are answers with the labels that are in, `newest` those of newest days."""
    spec, judged, metric = asked.spec, asked.champion.judged, asked.spec.gates.champion_comparison.metric
    estimator = _estimator(spec, asked.champion, store)
    recent = came.newest(spec.monitoring.performance_days)
    lacking = missing(spec, recent)
    return Measurements(
        metric=metric,
        labels=labels,
        promoted=estimate(metric, judged.target, judged.challenger, judged.days.codes, asked.confidence, SEED),
        skill=skill_of(spec, judged.target, judged.challenger),
        realised=None if lacking else realised(spec, asked.confidence, recent, estimator),
        estimated=_estimated(newest, estimator, asked.confidence),
        check=check(estimator, metric, came, asked.confidence),
        missing=lacking,
    )


def _estimator(spec: ModelSpec, champion: Champion, store: Store) -> Estimator:
    """What is said of a number does not say how sure it is: for a regression its features are read, too."""
    judged, metric = champion.judged, spec.gates.champion_comparison.metric
    known = Outcomes(Said(judged.challenger, judged.days), judged.target)
    if spec.task != "regression":
        return OfProbabilities.learn(metric, known)
    held_out = recorded_data(spec, runs.manifest(champion.run_id)).held_out
    labelled = [~np.isnan(one) for one in read_targets(spec, held_out.entries, store)]
    inputs = features_of(spec, held_out, labelled, store)
    return OfErrors.learn(metric, Outcomes(Said(judged.challenger, judged.days, inputs), judged.target))


def missing(spec: ModelSpec, recent: Outcomes) -> str:
    """Why the days with labels are too few to measure on; empty where they are not."""
    days, rows = len(recent.rows.present), len(recent.target)
    if days < MIN_DAYS:
        return f"{days} days of this version have labels, required {MIN_DAYS}"
    if rows < spec.monitoring.min_rows:
        return f"{rows} rows of this version have labels, required {spec.monitoring.min_rows}"
    return ""


def realised(spec: ModelSpec, confidence: float, recent: Outcomes, estimator: Estimator | None) -> Realised:
    """Every metric of these days, with what it was to be expected at where there is an estimator."""
    days, present = recent.rows.days, recent.rows.present
    metrics = {
        name: estimate(name, recent.target, recent.rows.said, days.codes, confidence, SEED)
        for name in METRICS[spec.task]
    }
    return Realised(
        first=days.names[present[0]],
        last=days.names[present[-1]],
        days=len(present),
        rows=len(recent.target),
        metrics=metrics,
        expected=estimator.estimate(recent.rows, confidence) if estimator else None,
        calibration=_calibration(spec, confidence, recent),
    )


def _calibration(spec: ModelSpec, confidence: float, recent: Outcomes) -> Estimate | None:
    if spec.task == "regression":
        return None
    rows = Rows(spec.target.classes, recent.target, recent.rows.days)
    views = calibration(rows, recent.rows.said, None, confidence)
    return views[0].challenger.error if views else None


def _estimated(newest: Said, estimator: Estimator, confidence: float) -> Estimated | None:
    names = [newest.days.names[code] for code in newest.present]
    if len(names) < MIN_DAYS:
        return None
    value = estimator.estimate(newest, confidence)
    return Estimated(first=names[0], last=names[-1], rows=len(newest.said), value=value)


def skill_of(spec: ModelSpec, target: Floats, said: Floats) -> Skill:
    """What answers to held-out rows gained over saying the same of each."""
    metric = spec.gates.champion_comparison.metric
    same = np.broadcast_to(constant(spec, target), said.shape).copy()
    return skill(metric, measured_at(metric, target, said), measured_at(metric, target, same))

"""Measures the champion where labels are in, estimates it where they are not, and records what came out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import numpy as np
import pandas as pd

from include.drift import Tier
from include.errors import NothingToDo
from include.evaluation import evidence
from include.evaluation.evidence import Evidence
from include.features.reading import read_targets
from include.features.windows import features_of
from include.lake.reading import Mask
from include.lake.store import Store
from include.ledger import Ledger, PredictionRecord
from include.monitoring.dle import OfErrors
from include.monitoring.estimating import WEEK, WEEKS, Estimator, OfProbabilities
from include.monitoring.label_days import LabelDays, label_days
from include.monitoring.maturity import maturity, watermark
from include.monitoring.measurements import Promoted, measurements
from include.monitoring.outcomes import Outcomes, ReadFeatures, Said, outcomes, said
from include.monitoring.performance import Finding, Labels, Measurements, judge
from include.monitoring.recording import record
from include.monitoring.references import scored
from include.monitoring.telling import told
from include.monitoring.watch import folder
from include.registry import registry, runs
from include.spec import ModelSpec
from include.spec.contract import Measured
from include.spec.metrics import METRICS
from include.training.data import partition_day, partition_key
from include.training.recorded import recorded_data


class Performance(Measured):
    """What is stored of one day: what was measured of which version, and the verdict on it."""

    model: str
    version: str
    key: str
    found: Measurements
    verdict: Finding
    sentence: str

    @property
    def tier(self) -> Tier:
        """The verdict's."""
        return self.verdict.tier


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
    record("performance", made, f"{folder(spec.name, key)}/performance.json", summary(made), store, ledger)
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

    @property
    def known(self) -> Outcomes:
        """What it said of its held-out rows, and what came true."""
        return Outcomes(Said(self.judged.challenger, self.judged.days), self.judged.target)


def _measurements(spec: ModelSpec, key: str, champion: Champion, store: Store, ledger: Ledger) -> Measurements:
    today, rule = partition_day(spec.contract, key), spec.monitoring
    begin, first = (today - timedelta(days=days - 1) for days in (history_days(spec), rule.performance_days))
    labels = label_days(spec, begin, today, store, ledger)
    ripe = maturity(labels.arrivals, today, spec.label_delay_days)
    mark = watermark(labels.arrivals, today, ripe.age)
    waiting = tuple(partition_key(spec.contract, day) for day in mark.waiting)
    answers = [
        one
        for one in ledger.first_predictions(spec.name, champion.version, partition_key(spec.contract, begin), key)
        if one.key > champion.learnt_until
    ]
    until = None if mark.day is None else partition_key(spec.contract, mark.day)
    ripened = [one for one in answers if until is not None and one.key <= until and one.key not in waiting]
    features = partial(_features, spec, store, ledger) if spec.task == "regression" else None
    came = _came(spec, ripened, labels, store, features)
    recent = [one for one in answers if one.key >= partition_key(spec.contract, first)]
    mature = Labels(watermark=until, age=ripe.age, shares=ripe.shares, waiting=waiting)
    return of_champion(spec, champion, mature, came, said(spec, recent, store, features), store)


def of_champion(
    spec: ModelSpec, champion: Champion, labels: Labels, came: Outcomes, newest: Said, store: Store
) -> Measurements:
    """All that the verdict stands on: `came` are answers with the labels that are in, `newest` those of newest days."""
    promoted, estimator = Promoted.of(spec, champion.known), _estimator(spec, champion, store)
    return measurements(spec, labels, promoted, came, newest, estimator, METRICS[spec.task])


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


def _estimator(spec: ModelSpec, champion: Champion, store: Store) -> Estimator:
    """What is said of a number does not say how sure it is: for a regression its features are read, too."""
    metric, known = spec.gates.champion_comparison.metric, champion.known
    if spec.task != "regression":
        return OfProbabilities.learn(metric, known)
    held_out = recorded_data(spec, runs.manifest(champion.run_id)).held_out
    labelled = [~np.isnan(one) for one in read_targets(spec, held_out.entries, store)]
    inputs = features_of(spec, held_out, labelled, store)
    return OfErrors.learn(metric, Outcomes(replace(known.rows, inputs=inputs), known.target))

"""The daily watch over one model: from stored profiles to a verdict, a report and what follows."""

import math
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from include.drift.classifier import Multivariate, tell_apart
from include.errors import NothingToDo
from include.evaluation import evidence, reference
from include.evaluation.reference import DAY
from include.features.windows import features_of
from include.lake import layout
from include.lake.reading import masks, read_table
from include.lake.store import Store
from include.ledger import Ledger, PredictionRecord
from include.monitoring import references, report
from include.monitoring.recording import record
from include.monitoring.references import scored, seen
from include.monitoring.verdict import CurrentWindow, Verdict, judge
from include.registry import registry
from include.spec import ModelSpec
from include.training.data import partition_day, partition_key
from include.training.predictions import PREDICTION


def folder(model: str, key: str) -> str:
    """Where the evidence of one day's watch lies in the lake."""
    return f"{layout.evidence(model)}/watch/{key}"


def assess(spec: ModelSpec, key: str, store: Store, ledger: Ledger) -> Verdict:
    """The verdict on the window that ends with `key`, stored and recorded. No row of data is read, only profiles."""
    run_id, version = champion_of(spec, ledger)
    predictions = _window(spec, key, ledger)
    compared = references.chosen(spec, run_id, predictions[0].key, store, ledger)
    days = seen(spec, predictions, store, ledger)
    window = CurrentWindow(
        days, references.alike(spec, days, compared.features.keys), evidence.importance(spec.name, run_id, store)
    )
    verdict = judge(spec, version, window, compared)
    record("watch", verdict, f"{folder(spec.name, key)}/verdict.json", summary(verdict), store, ledger)
    return verdict


def summary(verdict: Verdict) -> dict[str, str | float | None]:
    """What the ledger keeps of it beside tier and sentence: the version, and the drift of its predictions."""
    effects = [one.effect for one in verdict.drifts if one.feature == PREDICTION and math.isfinite(one.effect)]
    return {"version": verdict.version, "effect": next(iter(effects), None)}


@dataclass(frozen=True)
class Reported:
    """Where the report of a window lies, and what a classifier made of its rows; None where the days are too few."""

    place: str
    joint: Multivariate | None


def write_report(spec: ModelSpec, key: str, store: Store, ledger: Ledger) -> Reported:
    """The Evidently report of the window that ends with `key`, and the classifier two-sample test, on bounded samples.

    Raises NotFound where the window has no verdict yet.
    """
    verdict = Verdict.model_validate_json(store.read_bytes(f"{folder(spec.name, key)}/verdict.json"))
    run_id, _ = champion_of(spec, ledger)
    before = reference.load_sample(spec.name, run_id, store)
    after = _sample(spec, _window(spec, key, ledger), store, ledger)
    place = f"{folder(spec.name, key)}/report.html"
    store.write_bytes(place, report.html(spec, before, after, verdict))
    joint = _joint(spec, before.to_pandas(), after)
    if joint is not None:
        store.write_bytes(f"{folder(spec.name, key)}/joint.json", joint.model_dump_json(indent=2).encode())
    return Reported(place, joint)


def _joint(spec: ModelSpec, before: pd.DataFrame, after: pd.DataFrame) -> Multivariate | None:
    """The features alone: whether the answers moved the verdict says."""
    keep = references.alike(spec, sorted(after[DAY].unique()), before[DAY].unique())
    alike = before[before[DAY].map(keep)]
    names = list(spec.features.names)
    return tell_apart(alike[names], alike[DAY].tolist(), after[names], after[DAY].tolist())


def _sample(spec: ModelSpec, predictions: list[PredictionRecord], store: Store, ledger: Ledger) -> pd.DataFrame:
    """At most `SAMPLE_ROWS` rows of the window, seeded: their features, what was predicted, and the partition."""
    snapshot, random = scored(spec, predictions, ledger), np.random.default_rng(0)
    chosen = random.choice(snapshot.rows, min(reference.SAMPLE_ROWS, snapshot.rows), replace=False)
    kept = masks(snapshot.entries, chosen)
    answers = read_table(store, predictions, [PREDICTION], masks(predictions, chosen))
    days = np.repeat([entry.key for entry in snapshot.entries], [int(mask.sum()) for mask in kept])
    sample = features_of(spec, snapshot, kept, store)
    return sample.assign(**{PREDICTION: answers[PREDICTION].to_numpy(), DAY: days})


def champion_of(spec: ModelSpec, ledger: Ledger) -> tuple[str, str]:
    """Run and version of the champion. NothingToDo where there is none."""
    deployed = ledger.champion(spec.name)
    if deployed is None:
        raise NothingToDo(f"{spec.name} has no champion yet: there is nothing to watch. Train and release one.")
    return registry.version(spec.name, deployed.version).run_id, deployed.version


def _window(spec: ModelSpec, key: str, ledger: Ledger) -> list[PredictionRecord]:
    last = partition_day(spec.contract, key)
    first = last - timedelta(days=spec.monitoring.window_days - 1)
    found = ledger.predictions(spec.name, partition_key(spec.contract, first), key)
    if not found or found[-1].key != key:
        raise NothingToDo(f"{spec.name} has no predictions for {key} yet: score the partition first.")
    return found

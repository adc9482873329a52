"""Runs the probes of one evaluation, each on what it needs: the stored model, held-out rows, the training window."""

from dataclasses import dataclass

import pandas as pd
from sklearn.pipeline import Pipeline

from include.errors import NotFound
from include.evaluation import reference
from include.evaluation.leakage import measure_leakage
from include.evaluation.probes import Probes
from include.evaluation.resources import Resources, probe, request_for
from include.evaluation.robustness import measure_robustness
from include.evaluation.round_trip import measure_round_trip
from include.evaluation.skill import constant
from include.evaluation.training_sample import training_sample
from include.evaluation.window_data import WindowData, days_of, distance
from include.features.matrix import Floats
from include.lake.store import Store
from include.ledger import Ledger
from include.registry import registry, runs
from include.registry.manifest import Manifest
from include.spec import ModelSpec
from include.training.data import TrainingData


@dataclass(frozen=True)
class Subject:
    """The challenger under probe: its manifest and pipeline, and what it said about the labelled held-out rows."""

    spec: ModelSpec
    made: Manifest
    data: TrainingData
    pipeline: Pipeline
    rows: pd.DataFrame
    target: Floats
    said: Floats


def run_probes(subject: Subject, champion_version: str | None, store: Store, ledger: Ledger) -> Probes:
    """Everything that is measured of a challenger beside its predictions: seconds, whatever the size of the window."""
    spec, made = subject.spec, subject.made
    sample = training_sample(spec, subject.data.training, store)
    base = constant(spec, sample.target)
    return Probes(
        robustness=measure_robustness(spec, subject.pipeline, subject.rows, subject.target, base),
        leakage=measure_leakage(spec, made.parameters, sample),
        resources=_resources(subject),
        round_trip=measure_round_trip(made, subject.data.held_out.id, subject.said),
        window_data=_window(subject, champion_version, store, ledger),
    )


def _resources(subject: Subject) -> Resources:
    with runs.stored_model(subject.made) as folder:
        return probe(request_for(subject.spec, folder, subject.made.model_hash, subject.rows))


def _window(subject: Subject, champion_version: str | None, store: Store, ledger: Ledger) -> WindowData:
    """What ledger and stored profiles say of the window; no row is read."""
    spec, made, data = subject.spec, subject.made, subject.data
    found = WindowData(
        days=days_of(spec, data.training_window, ledger.partitions(spec.dataset)),
        rows=made.training_rows + made.unlabelled_rows,
        unlabelled_rows=made.unlabelled_rows,
    )
    if champion_version is None:
        return found
    try:
        run_id = registry.version(spec.name, champion_version).run_id
        before = reference.load_profile(spec.name, run_id, store)
    except NotFound as problem:
        return found.model_copy(update={"problem": str(problem)})
    now = reference.window_profile(data.training, store)
    return found.model_copy(update={"distance": distance(spec, champion_version, before, now)})

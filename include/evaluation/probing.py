"""Runs the probes of one evaluation, each on what it needs: the stored model, held-out rows, the training window."""

from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
from sklearn.pipeline import Pipeline

from include.errors import NotFound
from include.evaluation import reference
from include.evaluation.held_out import HeldOut
from include.evaluation.leakage import measure_leakage
from include.evaluation.probes import Probes
from include.evaluation.resources import Resources, probe, request_for
from include.evaluation.robustness import Asked, measure_robustness, rows_to_ask
from include.evaluation.round_trip import measure_round_trip
from include.evaluation.skill import constant
from include.evaluation.stratified import stratified
from include.evaluation.training_sample import training_sample
from include.evaluation.window_data import WindowData, days_of, distance
from include.features.matrix import Floats, feature_frame
from include.lake.profile import Profile
from include.lake.store import Store
from include.ledger import Ledger
from include.registry import registry, runs
from include.registry.manifest import Manifest
from include.spec import ModelSpec
from include.training.data import TrainingData

SEED = 20130714


@dataclass(frozen=True)
class Subject:
    """The challenger under probe: its manifest and pipeline, the held-out rows and what it said about them.

    `learnt` is the profile of its training window.
    """

    spec: ModelSpec
    made: Manifest
    data: TrainingData
    learnt: Profile
    pipeline: Pipeline
    rows: HeldOut
    said: Floats


def run_probes(subject: Subject, champion_version: str | None, store: Store, ledger: Ledger) -> Probes:
    """Everything that is measured of a challenger beside its predictions: seconds, whatever the size of the window."""
    spec, made = subject.spec, subject.made
    learnt, asked = training_sample(spec, subject.data.training, store), asked_of(spec, subject.rows)
    return Probes(
        robustness=measure_robustness(spec, subject.pipeline, asked, constant(spec, learnt.targets)),
        leakage=measure_leakage(spec, made.parameters, learnt.rows),
        resources=_resources(subject, asked.features),
        round_trip=measure_round_trip(made, subject.said),
        window_data=_window(subject, champion_version, store, ledger),
    )


def asked_of(spec: ModelSpec, rows: HeldOut) -> Asked:
    """A seeded sample of the held-out rows, in their order."""
    chosen = stratified(spec.task, rows.target, rows_to_ask(spec), SEED)
    features = feature_frame(rows.table.take(pa.array(chosen.places)), spec)
    return Asked(features, rows.target[chosen.places], chosen.weights)


def _resources(subject: Subject, rows: pd.DataFrame) -> Resources:
    with runs.stored_model(subject.made) as folder:
        return probe(request_for(subject.spec, folder, subject.made.model_hash, rows))


def _window(subject: Subject, champion_version: str | None, store: Store, ledger: Ledger) -> WindowData:
    """What ledger and stored profiles say of the window; no row is read."""
    spec, made, data = subject.spec, subject.made, subject.data
    found = WindowData(
        days=days_of(spec, data.training_window, data.training, ledger.partitions(spec.dataset)),
        rows=made.training_rows + made.unlabelled_rows,
        unlabelled_rows=made.unlabelled_rows,
    )
    if champion_version is None:
        return found
    try:
        run_id = registry.version(spec.name, champion_version).run_id
        before = reference.load(spec.name, run_id, store).profile
    except NotFound as problem:
        return found.model_copy(update={"problem": str(problem)})
    return found.model_copy(update={"distance": distance(spec, champion_version, before, subject.learnt)})

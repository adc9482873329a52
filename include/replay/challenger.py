"""Challengers of the past: fitted on what was known on a morning, by the functions of the loop."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pyarrow as pa
from pydantic import JsonValue
from sklearn.pipeline import Pipeline

from include.drift import Reference
from include.evaluation import reference
from include.evaluation.by_group import columns_of_groups
from include.evaluation.disturbances import missing_features
from include.evaluation.held_out import HeldOut, read_held_out
from include.evaluation.metrics import measure
from include.evaluation.probing import asked_of
from include.evaluation.robustness import measure_robustness
from include.evaluation.skill import constant
from include.features.matrix import Floats, feature_frame
from include.lake.merging import merge
from include.lake.profile import Profile
from include.lake.store import Store
from include.monitoring.measurements import Promoted
from include.monitoring.outcomes import Outcomes, Said
from include.spec import ModelSpec
from include.training.data import TrainingData
from include.training.fit import refuse_empty_columns, require_enough
from include.training.learn import learn
from include.training.predictions import PREDICTION, predict, profile
from include.training.rows import LabelledRows, read_labelled


@dataclass(frozen=True)
class Learnt:
    """How many rows a model learnt from and how many had no label, and what a model without skill would say."""

    rows: int
    unlabelled: int
    constant: Floats


@dataclass(frozen=True, eq=False)
class Challenger:
    """A model made on a morning, with what gates and watch need of it. `seconds` of CPU went into it.

    `days` are the profiles of its training window, by key.
    """

    as_of: date
    spec: ModelSpec
    pipeline: Pipeline
    data: TrainingData
    rows: HeldOut
    said: Floats
    learnt: Learnt
    days: Mapping[str, Profile]
    store: Store
    seconds: float

    @property
    def name(self) -> str:
        """Its version: the day it stands on."""
        return self.as_of.isoformat()

    @cached_property
    def training_profile(self) -> Profile:
        """What its training window looks like."""
        return merge(self.days.values())

    @cached_property
    def whole(self) -> Profile:
        """The same with its answers to the held-out rows: what the textbook compares with."""
        return reference.with_columns(self.training_profile, {PREDICTION: profile(self.spec, self.said)})

    @cached_property
    def reference(self) -> Reference:
        """What the watch compares with, should it serve."""
        spec, training = self.spec, self.data.training
        sample, keys = reference.sampled(spec, training, reference.SAMPLE_ROWS, self.store)
        spread = reference.by_day(spec, keys, predict(spec, self.pipeline, sample))
        return Reference.of(self.days, reference.by_day(spec, self.rows.days, self.said), spread)

    @cached_property
    def importance(self) -> dict[str, float]:
        """The share of its skill that goes with each feature, should it serve."""
        spec, asked = self.spec, asked_of(self.spec, self.rows)
        return measure_robustness(spec, self.pipeline, asked, self.learnt.constant, missing_features).importance

    @cached_property
    def promoted(self) -> Promoted:
        """What performance is compared with, should it serve."""
        return Promoted.of(self.spec, Outcomes(Said(self.said, self.rows.days), self.rows.target))

    def on(self, table: pa.Table) -> Floats:
        """What it says of rows that have its columns."""
        return predict(self.spec, self.pipeline, feature_frame(table, self.spec))


def make(spec: ModelSpec, as_of: date, data: TrainingData, days: Mapping[str, Profile], store: Store) -> Challenger:
    """The challenger of a morning. NotFound or BadData where nothing can be learnt from what was known."""
    started = time.thread_time()
    learnt = read_labelled(spec, data.training, store)
    require_enough(spec, data, learnt)
    refuse_empty_columns(spec, learnt.features, str(data.training_window))
    pipeline = learn(spec, _parameters(spec, learnt), learnt)
    rows = read_held_out(spec, data.held_out, (*spec.features.names, *columns_of_groups(spec)), store)
    said = predict(spec, pipeline, feature_frame(rows.table, spec))
    return Challenger(
        as_of=as_of,
        spec=spec,
        pipeline=pipeline,
        data=data,
        rows=rows,
        said=said,
        learnt=Learnt(len(learnt), learnt.unlabelled, constant(spec, learnt.target)),
        days=days,
        store=store,
        seconds=time.thread_time() - started,
    )


def _parameters(spec: ModelSpec, rows: LabelledRows) -> dict[str, JsonValue]:
    """Those of model.yaml, with what its search finds."""
    if spec.training.search is None:
        return spec.training.parameters
    from include.training.search import search  # noqa: PLC0415 - Optuna is loaded where a search is declared

    found = search(spec, spec.training.search, rows, measure, lambda trial: None)  # noqa: ARG005 - nobody is told
    return {**spec.training.parameters, **found.parameters}

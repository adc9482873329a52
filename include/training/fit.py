"""Fit: one challenger from one training window, logged so that it can be made again."""

import logging
import time
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from include.errors import BadData, NotFound
from include.features.matrix import Floats, feature_frame, target_vector
from include.lake.store import Store
from include.ledger import Ledger
from include.registry import runs
from include.registry.manifest import Manifest, lock_hash, spec_hash
from include.settings import commit
from include.spec import ModelSpec
from include.training.data import TrainingData, training_data
from include.training.pipeline import build_pipeline
from include.training.predictions import predict

log = logging.getLogger(__name__)
SAMPLE_ROWS = 100  # rows the model's signature is inferred from


def fit(spec: ModelSpec, as_of: date, reason: str, store: Store, ledger: Ledger) -> Manifest:
    """Fits the model's pipeline on the window before `as_of` and logs it to MLflow.

    Raises NotFound where the window has too few labelled rows to learn from, BadData where their labels are all equal.
    """
    data = training_data(spec, as_of, ledger)
    features, target, unlabelled = labelled(spec, data.training.read(store, columns_of(spec)))
    _require_enough(spec, data, target, unlabelled)
    _refuse_empty_columns(spec, features, str(data.training_window))
    pipeline = build_pipeline(spec)
    with runs.started(spec.name, f"as of {as_of}", {"perennial.reason": reason}) as run_id:
        started = time.monotonic()
        pipeline.fit(features, target)
        seconds = time.monotonic() - started
        sample = features.head(SAMPLE_ROWS)
        made = _manifest(spec, as_of, reason, run_id, data, len(target), unlabelled)
        complete = runs.log_fit(made, pipeline, sample, predict(spec, pipeline, sample), seconds)
    log.info("Fitted %s as of %s on %d rows: MLflow run %s", spec.name, as_of, len(target), run_id)
    return complete


def _require_enough(spec: ModelSpec, data: TrainingData, target: Floats, unlabelled: int) -> None:
    if len(target) < spec.training.min_rows:
        raise NotFound(
            f"{spec.name}: {len(target)} labelled rows from {data.training_window}, required {spec.training.min_rows} "
            f"({unlabelled} rows have no label). Land more days, or lower training.min_rows."
        )
    if target.min() == target.max():
        raise BadData(
            f"{spec.name}: all {len(target)} labelled rows from {data.training_window} are {target[0]:g}: "
            "there is nothing to learn from them. Check target.column and target.above, or learn from more days."
        )


def _refuse_empty_columns(spec: ModelSpec, features: pd.DataFrame, window: str) -> None:
    empty = [name for name in features.columns if features[name].isna().all()]
    if empty:
        raise BadData(
            f"{spec.name}: {', '.join(empty)} has no value in any row from {window}, so nothing can be learnt from it. "
            "Have the source fill it, or take it out of the features."
        )


def columns_of(spec: ModelSpec) -> list[str]:
    """The columns a training reads: the features and the target's."""
    return list(dict.fromkeys([*spec.features.names, spec.target.column]))


def labelled(spec: ModelSpec, table: pa.Table) -> tuple[pd.DataFrame, Floats, int]:
    """Features and target of the rows whose label is known, and how many rows have none."""
    target = target_vector(table, spec)
    known = ~np.isnan(target)
    return feature_frame(table.filter(pa.array(known)), spec), target[known], int((~known).sum())


def _manifest(
    spec: ModelSpec, as_of: date, reason: str, run_id: str, data: TrainingData, rows: int, unlabelled: int
) -> Manifest:
    code = commit()
    return Manifest(
        model=spec.name,
        run_id=run_id,
        as_of=as_of.isoformat(),
        reason=reason,
        commit=code.sha,
        commit_dirty=code.dirty,
        lock_hash=lock_hash(),
        spec_hash=spec_hash(spec),
        training_window=str(data.training_window),
        held_out_window=str(data.held_out_window),
        training_snapshot=data.training.id,
        held_out_snapshot=data.held_out.id,
        training_rows=rows,
        unlabelled_rows=unlabelled,
        parameters=spec.training.parameters,
        seed=spec.training.seed,
    )

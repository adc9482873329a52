"""Fit: one challenger from one training window, logged so that it can be made again."""

import logging
import time
from datetime import date, datetime

import pandas as pd
from pydantic import JsonValue

from include.errors import BadData, NotFound
from include.features.matrix import Floats
from include.lake.store import Store
from include.ledger import Decision, Ledger
from include.registry import manifest, runs
from include.registry.inputs import log_input
from include.registry.manifest import Manifest, SearchOutcome, Snapshots
from include.registry.surroundings import surroundings
from include.registry.trials import log_trial
from include.settings import commit
from include.spec import ModelSpec
from include.training.data import TrainingData, require_kept, training_data
from include.training.learn import answers, learn
from include.training.predictions import predict
from include.training.rows import LabelledRows, Measure, read_labelled

log = logging.getLogger(__name__)
SAMPLE_ROWS = 100  # rows the model's signature is inferred from


def fit(
    spec: ModelSpec,
    as_of: date,
    reason: str,
    store: Store,
    ledger: Ledger,
    measure: Measure,
    known_at: datetime | None = None,
) -> Manifest:
    """Fits the model's pipeline on the window before `as_of` and logs it to MLflow and the ledger.

    With `known_at` on the versions of partitions that were admitted by that moment, whatever landed again since.
    Where model.yaml declares a search, its parameters come first, compared by `measure`. Raises NotFound where the
    window has too few labelled rows to learn from, BadData where their labels are all equal.
    """
    data = training_data(spec, as_of, ledger, known_at)
    rows = read_labelled(spec, data.training, store)
    require_enough(spec, data, rows)
    refuse_empty_columns(spec, rows.features, str(data.training_window))
    with runs.started(spec.name, f"as of {as_of}", {"perennial.reason": reason}) as run_id:
        _claim(spec, run_id, data, store, ledger)
        found, outcome = _searched(spec, rows, run_id, measure)
        parameters = {**spec.training.parameters, **found}
        started = time.monotonic()
        pipeline = learn(spec, parameters, rows)
        seconds = time.monotonic() - started
        held_out = read_labelled(spec, data.held_out, store)  # not before: no choice above may depend on these rows
        said = answers(spec, pipeline, held_out)
        made = _manifest(spec, as_of, reason, run_id, data, rows, said, parameters, found, outcome)
        sample = rows.features.head(SAMPLE_ROWS)
        complete = runs.log_fit(made, pipeline, sample, predict(spec, pipeline, sample), seconds)
    _record(complete, ledger)
    log.info("Fitted %s as of %s on %d rows: MLflow run %s", spec.name, as_of, len(rows), run_id)
    return complete


def _claim(spec: ModelSpec, run_id: str, data: TrainingData, store: Store, ledger: Ledger) -> None:
    """Says what the run stands on, so that nobody removes it; NotFound where somebody did so before."""
    runs.log_snapshots(run_id, Snapshots(training=data.training, held_out=data.held_out))
    log_input(run_id, spec, data.training, "training", store)
    require_kept((data.training, data.held_out), ledger)


def require_enough(spec: ModelSpec, data: TrainingData, rows: LabelledRows) -> None:
    """NotFound where the window has too few labelled rows to learn from, BadData where their labels are all equal."""
    if len(rows) < spec.training.min_rows:
        raise NotFound(
            f"{spec.name}: {len(rows)} labelled rows from {data.training_window}, required {spec.training.min_rows} "
            f"({rows.unlabelled} rows have no label). Land more days, or lower training.min_rows."
        )
    if rows.target.min() == rows.target.max():
        only = spec.target.classes[int(rows.target[0])] if spec.target.classes else f"{rows.target[0]:g}"
        raise BadData(
            f"{spec.name}: all {len(rows)} labelled rows from {data.training_window} are {only}: "
            "there is nothing to learn from them. Check target.column and target.above, or learn from more days."
        )


def refuse_empty_columns(spec: ModelSpec, features: pd.DataFrame, window: str) -> None:
    """BadData where a feature has no value in any row."""
    empty = [name for name in features.columns if features[name].isna().all()]
    if empty:
        raise BadData(
            f"{spec.name}: {', '.join(empty)} has no value in any row from {window}, so nothing can be learnt from it. "
            "Have the source fill it, or take it out of the features."
        )


def _searched(
    spec: ModelSpec, rows: LabelledRows, run_id: str, measure: Measure
) -> tuple[dict[str, JsonValue], SearchOutcome | None]:
    """The parameters a search found, and how; none where model.yaml declares no search."""
    if spec.training.search is None:
        return {}, None
    from include.training.search import search  # noqa: PLC0415 - Optuna is loaded where a search is declared

    found = search(spec, spec.training.search, rows, measure, lambda trial: log_trial(run_id, trial))
    return found.parameters, found.outcome


def _manifest(
    spec: ModelSpec,
    as_of: date,
    reason: str,
    run_id: str,
    data: TrainingData,
    rows: LabelledRows,
    said: Floats,
    parameters: dict[str, JsonValue],
    found: dict[str, JsonValue],
    outcome: SearchOutcome | None,
) -> Manifest:
    code = commit()
    return Manifest(
        model=spec.name,
        run_id=run_id,
        as_of=as_of.isoformat(),
        reason=reason,
        commit=code.sha,
        commit_dirty=code.dirty,
        lock_hash=manifest.lock_hash(),
        spec_hash=manifest.spec_hash(spec),
        contract_hash=manifest.contract_hash(spec),
        features_hash=manifest.features_hash(spec),
        pipeline_hash=manifest.pipeline_hash(spec),
        task=spec.task,
        target=spec.target,
        features=spec.features,
        windows=spec.windows,
        training_window=str(data.training_window),
        held_out_window=str(data.held_out_window),
        training_snapshot=data.training.id,
        held_out_snapshot=data.held_out.id,
        training_rows=len(rows),
        unlabelled_rows=rows.unlabelled,
        held_out_rows=len(said),
        parameters=parameters,
        found=found,
        search=outcome,
        seed=spec.training.seed,
        recalibrate=spec.training.recalibrate,
        recalibrate_share=spec.training.recalibrate_share,
        surroundings=surroundings(),
        predictions_hash=manifest.predictions_hash(said),
    )


def _record(made: Manifest, ledger: Ledger) -> None:
    ledger.record_decision(
        Decision(
            model=made.model, kind="fit", subject=made.run_id, outcome="fitted", reason=made.reason, actor="fit",
            detail=made.model_dump_json(),
        )
    )  # fmt: skip

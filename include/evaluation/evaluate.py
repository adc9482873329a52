"""Evaluate once: champion and challenger on the same held-out rows, stored for every gate and every reader."""

import logging
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.pipeline import Pipeline

from include.errors import NotFound
from include.evaluation import evidence, plots, reference
from include.evaluation.coded import Coded
from include.evaluation.estimate import Estimate
from include.evaluation.evidence import Evidence, Summary
from include.evaluation.metrics import metrics_of
from include.features.matrix import Floats, feature_frame, target_vector
from include.lake.snapshot import Snapshot
from include.lake.store import Store
from include.ledger import Ledger
from include.registry import registry, runs
from include.registry.manifest import Manifest
from include.spec import ModelSpec
from include.spec.metrics import Task
from include.training.data import training_data
from include.training.fit import columns_of
from include.training.pipeline import predict

log = logging.getLogger(__name__)
REFERENCE_DAYS = 7
REFERENCE_ROWS = 2000


@dataclass(frozen=True)
class Contender:
    """A model under judgement: its version (None for the challenger, which has none yet) and its pipeline."""

    version: str | None
    pipeline: Pipeline


def evaluate(spec: ModelSpec, run_id: str, store: Store, ledger: Ledger) -> Evidence:
    """Scores both models on the held-out window and the fixed reference set, and stores what they said.

    The champion is always rescored on these rows; its stored scores are never used.
    """
    made = runs.manifest(run_id)
    challenger = Contender(None, runs.load_fitted(made))
    deployed = ledger.champion(spec.name)
    champion = None
    if deployed is not None:
        champion = Contender(deployed.version, registry.load(registry.version(spec.name, deployed.version)))
    data = training_data(spec, date.fromisoformat(made.as_of), ledger)
    found = _evidence(spec, made, data.held_out, challenger, champion, store, ledger)
    evidence.save(found, store)
    reference.save(spec, found, data.training, challenger.pipeline, store)
    runs.log_evaluation(run_id, _logged_metrics(found), _files(found))
    log.info("Evaluated run %s of %s on %d rows: %s", run_id, spec.name, found.summary.rows, _logged_metrics(found))
    return found


def _evidence(
    spec: ModelSpec,
    made: Manifest,
    held_out: Snapshot,
    challenger: Contender,
    champion: Contender | None,
    store: Store,
    ledger: Ledger,
) -> Evidence:
    table = held_out.read(store, columns_of(spec))
    days = held_out_days(held_out)
    target = target_vector(table, spec)
    known = ~np.isnan(target)
    if not known.any():
        raise NotFound(
            f"{spec.name}: none of the {len(target)} rows from {made.held_out_window} has a label, so nothing can be "
            f"compared. Land partitions with {spec.target.column}, or raise label_delay_days, and train again."
        )
    rows, fixed = feature_frame(table.filter(pa.array(known)), spec), reference_set(spec, store, ledger)
    said = predict(spec, challenger.pipeline, rows)
    champion_said = predict(spec, champion.pipeline, rows) if champion else None
    summary = Summary(
        model=spec.name,
        run_id=made.run_id,
        as_of=made.as_of,
        task=spec.task,
        training_window=made.training_window,
        held_out_window=made.held_out_window,
        training_snapshot=made.training_snapshot,
        held_out_snapshot=held_out.id,
        rows=int(known.sum()),
        champion_version=champion.version if champion else None,
        classes=spec.target.classes,
        challenger_metrics=estimates(spec.task, target[known], said),
        champion_metrics=estimates(spec.task, target[known], champion_said) if champion_said is not None else None,
    )
    return Evidence(
        summary=summary,
        days=days.where(known),
        target=target[known],
        challenger=said,
        champion=champion_said,
        reference_challenger=predict(spec, challenger.pipeline, fixed),
        reference_champion=predict(spec, champion.pipeline, fixed) if champion else None,
    )


def held_out_days(held_out: Snapshot) -> Coded:
    """Each row's partition, in the order the rows are read."""
    rows = [entry.rows for entry in held_out.entries]
    codes = np.repeat(np.arange(len(rows), dtype=np.int32), rows)
    return Coded(codes, tuple(entry.key for entry in held_out.entries))


def estimates(task: Task, target: Floats, said: Floats) -> dict[str, Estimate]:
    """Every metric of the task on these rows."""
    return {name: Estimate(value=value) for name, value in metrics_of(task, target, said).items()}


def reference_set(spec: ModelSpec, store: Store, ledger: Ledger) -> pd.DataFrame:
    """The fixed rows of the sanity gate: a seeded sample of the dataset's first admitted week."""
    first_week = Snapshot.of(spec.dataset, ledger.admitted(spec.dataset)[:REFERENCE_DAYS])
    frame = feature_frame(first_week.read(store, list(spec.features.names)), spec)
    return frame.sample(n=min(REFERENCE_ROWS, len(frame)), random_state=0).sort_index()


def _logged_metrics(found: Evidence) -> dict[str, float]:
    summary = found.summary
    sides = {"held_out": summary.challenger_metrics, "champion": summary.champion_metrics or {}}
    named = {f"{side}_{name}": found.value for side, metrics in sides.items() for name, found in metrics.items()}
    return {name: value for name, value in named.items() if np.isfinite(value)}


def _files(found: Evidence) -> dict[str, bytes]:
    return {"evidence.json": found.summary.model_dump_json(indent=2).encode(), **plots.draw(found)}

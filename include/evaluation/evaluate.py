"""Evaluate once: champion and challenger on the same held-out rows, stored for every gate and every reader."""

import logging
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from include.evaluation import evidence, reference
from include.evaluation.by_group import columns_of_groups, with_groups
from include.evaluation.calibration import CalibrationView, Rows, calibration
from include.evaluation.estimate import Estimate
from include.evaluation.evidence import Evidence, Summary
from include.evaluation.held_out import HeldOut, read_held_out
from include.evaluation.history import Comparison, earlier_comparisons
from include.evaluation.intervals import estimate
from include.evaluation.probing import Subject, run_probes
from include.evaluation.reference_set import ReferenceSet, reference_set
from include.features.matrix import Floats, feature_frame
from include.lake.snapshot import Snapshot
from include.lake.store import Store
from include.ledger import Ledger
from include.registry import registry, runs
from include.registry.manifest import Manifest
from include.spec import ModelSpec
from include.spec.metrics import METRICS, Task
from include.training.data import training_data
from include.training.fit import columns_of
from include.training.predictions import predict

log = logging.getLogger(__name__)
CONFIDENCE = 0.95  # of each bound that is shown
SEED = 19790101


@dataclass(frozen=True)
class Contender:
    """A model under judgement: its version (None for the challenger, which has none yet) and its pipeline."""

    version: str | None
    pipeline: Pipeline

    def predict(self, spec: ModelSpec, rows: pd.DataFrame) -> Floats:
        """What it says about rows."""
        return predict(spec, self.pipeline, rows)


def evaluate(spec: ModelSpec, run_id: str, store: Store, ledger: Ledger) -> Evidence:
    """Scores both models on the held-out window and the fixed reference set, and stores what they said.

    The champion is always rescored on these rows; its stored scores are never used.
    """
    made = runs.manifest(run_id)
    challenger, champion = Contender(None, runs.load_fitted(made)), _champion(spec, ledger)
    data = training_data(spec, date.fromisoformat(made.as_of), ledger)
    rows = read_held_out(spec, data.held_out, (*columns_of(spec), *columns_of_groups(spec)), store)
    history = earlier_comparisons(spec.name, run_id, ledger)
    fixed = reference_set(spec, data.held_out.entries[0].key, history, store, ledger)
    found = _evidence(spec, made, data.held_out, rows, fixed, challenger, champion, history)
    found = with_groups(found, spec, rows, reference.window_profile(data.training, store))
    subject = Subject(spec, made, data, challenger.pipeline, rows, found.challenger)
    probes = run_probes(subject, found.summary.champion_version, store, ledger)
    found = replace(found, summary=found.summary.model_copy(update={"probes": probes}))
    evidence.save(found, store)
    reference.save(spec, found, data.training, challenger.pipeline, store)
    runs.log_evaluation(run_id, _logged_metrics(found), _files(found))
    log.info("Evaluated run %s of %s on %d rows: %s", run_id, spec.name, found.summary.rows, _logged_metrics(found))
    return found


def _champion(spec: ModelSpec, ledger: Ledger) -> Contender | None:
    deployed = ledger.champion(spec.name)
    if deployed is None:
        return None
    return Contender(deployed.version, registry.load(registry.version(spec.name, deployed.version)))


def _evidence(
    spec: ModelSpec,
    made: Manifest,
    held_out: Snapshot,
    rows: HeldOut,
    fixed: ReferenceSet,
    challenger: Contender,
    champion: Contender | None,
    history: tuple[Comparison, ...],
) -> Evidence:
    features = feature_frame(rows.table, spec)
    said = challenger.predict(spec, features)
    champion_said = champion.predict(spec, features) if champion else None
    summary = Summary(
        model=spec.name,
        run_id=made.run_id,
        as_of=made.as_of,
        task=spec.task,
        classes=spec.target.classes,
        training_window=made.training_window,
        held_out_window=made.held_out_window,
        training_snapshot=made.training_snapshot,
        held_out_snapshot=held_out.id,
        rows=len(rows.target),
        champion_version=champion.version if champion else None,
        challenger_metrics=estimates(spec.task, rows, said),
        champion_metrics=estimates(spec.task, rows, champion_said) if champion_said is not None else None,
        history=history,
        reference_window=fixed.window,
        calibration=_calibration(spec, rows, said, champion_said),
    )
    return Evidence(
        summary=summary,
        days=rows.days,
        target=rows.target,
        challenger=said,
        champion=champion_said,
        reference_challenger=challenger.predict(spec, fixed.frame),
        reference_champion=champion.predict(spec, fixed.frame) if champion else None,
    )


def _calibration(
    spec: ModelSpec, rows: HeldOut, said: Floats, champion_said: Floats | None
) -> tuple[CalibrationView, ...] | None:
    """Of a classifier alone."""
    rule = spec.gates.calibration
    judged = Rows(spec.target.classes, rows.target, rows.days)
    return None if rule is None else calibration(judged, said, champion_said, rule.confidence)


def estimates(task: Task, rows: HeldOut, said: Floats) -> dict[str, Estimate]:
    """Every metric of the task on these rows, with bounds by day."""
    return {
        name: estimate(name, rows.target, said, rows.days.codes, CONFIDENCE, SEED) for name in METRICS[task]
    }  # fmt: skip


def _logged_metrics(found: Evidence) -> dict[str, float]:
    summary = found.summary
    sides = {"held_out": summary.challenger_metrics, "champion": summary.champion_metrics or {}}
    named = {f"{side}_{name}": found.value for side, metrics in sides.items() for name, found in metrics.items()}
    return {name: value for name, value in named.items() if np.isfinite(value)}


def _files(found: Evidence) -> dict[str, bytes]:
    return {"evidence.json": found.summary.model_dump_json(indent=2).encode()}

"""Evaluate once: champion and challenger on the same held-out rows, stored for every gate and every reader."""

import logging
from dataclasses import dataclass, replace

import numpy as np

from include.evaluation import evidence, reference
from include.evaluation.by_group import columns_of_groups, with_groups
from include.evaluation.calibration import CalibrationView, Rows, calibration
from include.evaluation.contender import Contender
from include.evaluation.estimate import Estimate
from include.evaluation.evidence import Evidence, Summary
from include.evaluation.held_out import HeldOut, read_held_out
from include.evaluation.history import Comparison, earlier_comparisons
from include.evaluation.intervals import estimate
from include.evaluation.probing import Subject, run_probes
from include.evaluation.reference_set import ReferenceSet, reference_set
from include.features.history import with_history
from include.features.matrix import Floats
from include.lake.merging import merge
from include.lake.snapshot import Snapshot
from include.lake.store import Store
from include.ledger import Ledger
from include.registry import runs
from include.registry.inputs import log_input
from include.spec import ModelSpec
from include.spec.metrics import METRICS, Task
from include.training.recorded import recorded_data

log = logging.getLogger(__name__)
CONFIDENCE = 0.95  # of each bound that is shown
SEED = 19790101


def evaluate(spec: ModelSpec, run_id: str, store: Store, ledger: Ledger) -> Evidence:
    """Scores both models on the held-out window and the reference set, and stores what they said.

    The champion is always rescored on these rows, from its own columns; its stored scores are never used.
    """
    contest = _contest(spec, run_id, ledger)
    asked, both = contest.challenger.spec, contest.spec
    data = recorded_data(asked, contest.challenger.made)
    held_out = with_history(data.held_out, both.windows, both.contract, ledger)
    rows = read_held_out(both, held_out, (*contest.columns, *columns_of_groups(asked)), store)
    history = earlier_comparisons(spec.name, run_id, ledger)
    fixed = reference_set(both, contest.columns, data.held_out.entries[0].key, history, store, ledger)
    found = _evidence(contest, data.held_out, rows, fixed, history)
    days = reference.days_of(asked, data.training, store)
    learnt = merge(days.values())
    found = with_groups(found, asked, rows, learnt)
    subject = Subject(asked, contest.challenger.made, data, learnt, contest.challenger.pipeline, rows, found.challenger)
    probes = run_probes(subject, found.summary.champion_version, store, ledger)
    found = replace(found, summary=found.summary.model_copy(update={"probes": probes}))
    evidence.save(found, store)
    reference.save(asked, found, data.training, days, contest.challenger.pipeline, store)
    log_input(run_id, asked, data.held_out, "evaluation", store)
    runs.log_evaluation(run_id, _logged_metrics(found), _files(found))
    log.info("Evaluated run %s of %s on %d rows: %s", run_id, spec.name, found.summary.rows, _logged_metrics(found))
    return found


@dataclass(frozen=True)
class Contest:
    """Who is compared. `champion` is None while there is none and, with a `problem`, where it cannot be scored."""

    challenger: Contender
    champion: Contender | None
    version: str | None
    problem: str | None

    @property
    def columns(self) -> tuple[str, ...]:
        """What both read, each column once."""
        theirs = self.champion.spec.features.names if self.champion else ()
        return tuple(dict.fromkeys((*self.challenger.spec.features.names, *theirs)))

    @property
    def spec(self) -> ModelSpec:
        """What the challenger is asked, with the window features of both."""
        theirs = self.champion.spec.windows if self.champion else {}
        asked = self.challenger.spec
        return asked.model_copy(update={"windows": {**theirs, **asked.windows}})


def _contest(spec: ModelSpec, run_id: str, ledger: Ledger) -> Contest:
    challenger, champion = Contender.challenger(spec, runs.manifest(run_id)), Contender.champion(spec, ledger)
    if champion is None:
        return Contest(challenger, None, None, None)
    problem = champion.problem(challenger.spec)
    return Contest(challenger, None if problem else champion, champion.version, problem)


def _evidence(
    contest: Contest, held_out: Snapshot, rows: HeldOut, fixed: ReferenceSet, history: tuple[Comparison, ...]
) -> Evidence:
    challenger, champion = contest.challenger, contest.champion
    spec, made = challenger.spec, challenger.made
    said = challenger.predict(rows.table)
    champion_said = champion.predict(rows.table) if champion else None
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
        champion_version=contest.version,
        champion_problem=contest.problem,
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
        reference_challenger=challenger.predict(fixed.table),
        reference_champion=champion.predict(fixed.table) if champion else None,
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

"""Search: better parameters for one training, found inside its window, so that the held-out days stay unseen.

Trials are proposed by a seeded tree-structured Parzen estimator (Bergstra et al., NeurIPS 2011) and given up by the
median rule. The parameters of model.yaml are the first trial: on the folds, what is found is never worse.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import optuna
from optuna.pruners import NopPruner
from optuna.samplers import TPESampler
from optuna.trial import TrialState
from pydantic import JsonValue
from sklearn.pipeline import Pipeline

from include.errors import BadData
from include.registry.manifest import SearchOutcome
from include.registry.trials import Trial
from include.spec import ModelSpec, Search, SearchedParameter
from include.spec.metrics import GREATER_IS_BETTER, Metric
from include.training.fold_rows import FoldRows, fold_rows
from include.training.median_rule import MedianRule
from include.training.pipeline import build_pipeline
from include.training.rows import LabelledRows, Measure

log = logging.getLogger(__name__)
ENDS = {"complete": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "failed": TrialState.FAIL}
optuna.logging.set_verbosity(optuna.logging.WARNING)  # a line per trial otherwise


@dataclass(frozen=True)
class Found:
    """The best parameters of the space, and how they were found."""

    parameters: dict[str, JsonValue]
    outcome: SearchOutcome


def search(
    spec: ModelSpec, declared: Search, rows: LabelledRows, measure: Measure, record: Callable[[Trial], None]
) -> Found:
    """The best parameters for these rows by the mean of the metric over the folds; `record` is told of each trial.

    Raises NotFound where the rows cannot be split into the folds, BadData where no trial could be scored.
    """
    under_way, started = _Search(spec, declared, fold_rows(spec, declared.folds, rows), measure), time.monotonic()
    while (stopped_by := _stop(declared, len(under_way.trials), time.monotonic() - started)) is None:
        record(under_way.try_another())
    found = under_way.best(stopped_by, time.monotonic() - started)
    log.info("Search of %s: %s", spec.name, found)
    return found


class _Search:
    """A search under way: the trials so far, and what to try next."""

    def __init__(self, spec: ModelSpec, declared: Search, folds: list[FoldRows], measure: Measure) -> None:
        self.trials: list[Trial] = []
        self._spec, self._declared, self._folds, self._measure = spec, declared, folds, measure
        self._metric: Metric = declared.metric or spec.gates.champion_comparison.metric
        self._study = optuna.create_study(
            direction="maximize" if GREATER_IS_BETTER[self._metric] else "minimize",
            sampler=TPESampler(seed=spec.training.seed),
            pruner=MedianRule() if declared.pruning else NopPruner(),
        )
        if start := _start(declared, spec.training.parameters):
            self._study.enqueue_trial(start)

    def try_another(self) -> Trial:
        """Proposes parameters, scores them fold by fold, and learns from it."""
        asked, started = self._study.ask(), time.monotonic()
        parameters = {name: _suggested(asked, name, space) for name, space in self._declared.space.items()}
        scores: list[float] = []
        state, reason = self._score(asked, parameters, scores)
        trial = Trial(
            number=len(self.trials), parameters=parameters, metric=self._metric, scores=tuple(scores), state=state,
            reason=reason, seconds=time.monotonic() - started,
        )  # fmt: skip
        self._study.tell(asked, trial.mean if state == "complete" else None, ENDS[state])
        self.trials.append(trial)
        return trial

    def _score(
        self, asked: optuna.Trial, parameters: dict[str, JsonValue], scores: list[float]
    ) -> tuple[Literal["complete", "pruned", "failed"], str]:
        """Adds the score of each fold to `scores`; gives how the trial ended and why it went no further."""
        try:
            pipeline = build_pipeline(self._spec, {**self._spec.training.parameters, **parameters})
            for step, fold in enumerate(self._folds):
                scores.append(self._measured(pipeline, fold))
                asked.report(float(np.mean(scores)), step)
                if step + 1 < len(self._folds) and asked.should_prune():
                    return "pruned", f"behind the median of earlier trials after fold {step + 1} of {len(self._folds)}"
        except Exception as problem:  # whatever an estimator makes of parameters it cannot use
            return "failed", f"{type(problem).__name__}: {problem}"
        return "complete", ""

    def _measured(self, pipeline: Pipeline, fold: FoldRows) -> float:
        score = self._measure(self._metric, fold.target, fold.predictions(pipeline))
        if not np.isfinite(score):
            raise BadData(f"{self._metric} is not defined on the rows from {fold.fold.validation}")
        return score

    def best(self, stopped_by: Literal["trials", "minutes"], seconds: float) -> Found:
        """The best complete trial. BadData where there is none."""
        by_end = {state: [one for one in self.trials if one.state == state] for state in ENDS}
        if not by_end["complete"]:
            raise BadData(
                f"{self._spec.name}: none of the {len(self.trials)} trials of the search could be scored. Trial 0 with "
                f"{self.trials[0].parameters}: {self.trials[0].reason}. "
                "Check training.search.space against build_pipeline, or land more days."
            )
        winner = self.trials[self._study.best_trial.number]
        first = self.trials[0]
        was_declared = set(self._declared.space) <= set(self._spec.training.parameters) and first.state == "complete"
        outcome = SearchOutcome(
            metric=self._metric,
            folds=tuple(f"fitted on {one.fold.fit}, scored on {one.fold.validation}" for one in self._folds),
            complete=len(by_end["complete"]),
            pruned=len(by_end["pruned"]),
            failed=len(by_end["failed"]),
            best=winner.mean,
            declared=first.mean if was_declared else None,
            stopped_by=stopped_by,
            seconds=round(seconds, 1),
        )
        return Found(winner.parameters, outcome)


def _stop(declared: Search, tried: int, seconds: float) -> Literal["trials", "minutes"] | None:
    """Which end of the budget is reached; there is always a first trial."""
    if declared.trials is not None and tried >= declared.trials:
        return "trials"
    if declared.minutes is not None and tried and seconds >= declared.minutes * 60:
        return "minutes"
    return None


def _start(declared: Search, parameters: Mapping[str, JsonValue]) -> dict[str, Any]:
    """The declared parameters as the study's first trial has them: a choice by its place."""
    return {
        name: parameters[name] if space.choices is None else space.choices.index(parameters[name])
        for name, space in declared.space.items()
        if name in parameters
    }


def _suggested(asked: optuna.Trial, name: str, space: SearchedParameter) -> JsonValue:
    """The study's next value of one parameter. Choices go by their place: they may be lists, which it does not take."""
    if space.choices is not None:
        return space.choices[asked.suggest_categorical(name, range(len(space.choices)))]
    low, high = space.min or 0, space.max or 0  # a range has both
    if space.type == "int":
        return asked.suggest_int(name, int(low), int(high), log=space.log)
    return asked.suggest_float(name, low, high, log=space.log)

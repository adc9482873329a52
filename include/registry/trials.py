"""Trials of a search as child runs in MLflow, so that people can see what was tried and what came of it."""

import time
from typing import Literal

from mlflow.entities import Metric, Param, RunTag
from pydantic import JsonValue

from include.registry.client import tracking
from include.spec.contract import Frozen

TrialState = Literal["complete", "pruned", "failed"]
STATUS: dict[TrialState, str] = {"complete": "FINISHED", "pruned": "KILLED", "failed": "FAILED"}


class Trial(Frozen):
    """One set of parameters that was tried: its metric on each fold it got to, and why it went no further."""

    number: int
    parameters: dict[str, JsonValue]
    metric: str
    scores: tuple[float, ...]
    state: TrialState
    reason: str = ""
    seconds: float = 0.0

    @property
    def mean(self) -> float:
        """The metric's mean over the folds it got to."""
        return sum(self.scores) / len(self.scores)


def log_trial(parent_run_id: str, trial: Trial) -> None:
    """Adds the trial as a child run: parameters, the metric of each fold as steps, their mean, and how it ended."""
    now = int(time.time() * 1000)
    scores = [Metric(f"fold_{trial.metric}", score, now, step) for step, score in enumerate(trial.scores)]
    mean = [Metric(f"mean_{trial.metric}", trial.mean, now, 0)] if trial.state == "complete" else []
    params = [Param(name, str(value)) for name, value in trial.parameters.items()]
    told = [RunTag("perennial.trial", trial.state), RunTag("perennial.reason", trial.reason)]
    with tracking() as client:
        experiment = client.get_run(parent_run_id).info.experiment_id
        child = client.create_run(
            experiment,
            start_time=now - int(trial.seconds * 1000),
            run_name=f"trial {trial.number}",
            tags={"mlflow.parentRunId": parent_run_id},
        )
        client.log_batch(child.info.run_id, metrics=[*scores, *mean], params=params, tags=told)
        client.set_terminated(child.info.run_id, STATUS[trial.state])

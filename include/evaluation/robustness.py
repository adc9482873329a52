"""Robustness: what becomes of the predictions when the inputs go wrong, one mishap at a time.

What a missing feature costs is also how much the model leans on it: permutation importance (Breiman, Machine Learning
45, 2001, section 10) with the feature gone in place of shuffled, as it would be gone in operation.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from include.evaluation.disturbances import Disturbance, Kind, count, disturbances
from include.evaluation.metrics import improvement
from include.evaluation.skill import Skill, skill
from include.evaluation.stratified import weighted
from include.features.matrix import Floats
from include.spec import ModelSpec
from include.spec.contract import Measured
from include.spec.metrics import Metric
from include.training.predictions import predict

MOST_ROWS, FEWEST_ROWS = 5000, 500
PREDICTIONS = 1_000_000  # rows times mishaps: models with very many features are tried on fewer rows


class Response(Measured):
    """What the model made of one mishap.

    `error` is what it raised; `not_finite` counts predictions that are no numbers; `mean_change` is the mean absolute
    change of the prediction (of several classes: half the sum over them), in its own units; `skill_lost` is the loss
    of the metric as a share of the model's skill: 0 is none, 1 leaves it as good as a constant (see `Skill.share`).
    """

    kind: Kind
    feature: str | None
    what: str
    stopped: bool
    error: str | None = None
    not_finite: int = 0
    mean_change: float = float("nan")
    skill_lost: float = float("nan")

    @property
    def sentence(self) -> str:
        """The mishap in words: `temp x 1000`."""
        return self.what if self.feature is None else f"{self.feature} {self.what}"


class Robustness(Measured):
    """The mishaps that were tried, on so many held-out rows; the skill is over the constant prediction of training."""

    rows: int
    metric: Metric
    skill: Skill
    responses: tuple[Response, ...]

    @property
    def importance(self) -> dict[str, float]:
        """The share of the skill that goes with each feature, the largest first; NaN where nothing could be said."""
        each = {
            one.feature: one.skill_lost
            for one in self.responses
            if one.kind == "missing_feature" and one.feature is not None
        }
        return dict(sorted(each.items(), key=lambda pair: (np.isnan(pair[1]), -pair[1])))


@dataclass(frozen=True)
class Asked:
    """Held-out rows to ask about, with known targets; see `stratified` for the weights of the classes."""

    features: pd.DataFrame
    target: Floats
    weights: Floats


def rows_to_ask(spec: ModelSpec) -> int:
    """How many rows are enough, and not too many for all mishaps of a model with so many features."""
    return max(FEWEST_ROWS, min(MOST_ROWS, PREDICTIONS // count(spec)))


def measure_robustness(
    spec: ModelSpec,
    pipeline: Pipeline,
    asked: Asked,
    constant: Floats,
    mishaps: Callable[[ModelSpec, pd.DataFrame], Iterator[Disturbance]] = disturbances,
) -> Robustness:
    """Tries the mishaps, all there are if not told otherwise, on a sample of held-out rows.

    `constant` is what a model without skill would say of each row, see `skill.constant`. For the importance of features
    `missing_features` are enough.
    """
    judge = _Judge(spec, pipeline, asked, predict(spec, pipeline, asked.features), constant)
    responses = tuple(judge.response(one) for one in mishaps(spec, asked.features))
    return Robustness(rows=len(asked.target), metric=judge.metric, skill=judge.skill, responses=responses)


class _Judge:
    """Measures answers to spoilt rows against the answers to sound ones."""

    def __init__(self, spec: ModelSpec, pipeline: Pipeline, asked: Asked, said: Floats, constant: Floats) -> None:
        self.spec, self.pipeline, self.asked, self.said = spec, pipeline, asked, said
        self.metric = spec.gates.champion_comparison.metric
        self.undisturbed = self._measure(said)
        same = np.broadcast_to(constant, (len(said), *constant.shape))
        self.skill = skill(self.metric, self.undisturbed, self._measure(np.ascontiguousarray(same)))

    def response(self, mishap: Disturbance) -> Response:
        happened = Response(kind=mishap.kind, feature=mishap.feature, what=mishap.what, stopped=mishap.stopped)
        try:
            now = predict(self.spec, self.pipeline, mishap.rows)
        except Exception as problem:  # whatever a pipeline raises is a finding
            text = " ".join(str(problem).split())
            return happened.model_copy(update={"error": f"{type(problem).__name__}: {text}"[:300]})
        apart = np.abs(now - self.said).reshape(len(now), -1).sum(axis=1)
        return happened.model_copy(
            update={
                "not_finite": int((~np.isfinite(apart)).sum()),
                "mean_change": float(apart.mean()) / (2 if now.ndim > 1 else 1),
                "skill_lost": self.skill.share(improvement(self.metric, self.undisturbed, self._measure(now))),
            }
        )

    def _measure(self, said: Floats) -> float:
        return weighted(self.metric, self.spec.task, self.asked.target, said, self.asked.weights)

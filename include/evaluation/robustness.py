"""Robustness: what becomes of the predictions when the inputs go wrong, one mishap at a time.

What a missing feature costs is also how much the model leans on it: permutation importance (Breiman, Machine Learning
45, 2001, section 10) with the feature gone in place of shuffled, as it would be gone in operation.
"""

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from include.evaluation.disturbances import SEED, Disturbance, Kind, count, disturbances
from include.evaluation.metrics import improvement, measure
from include.evaluation.skill import Skill, skill
from include.features.matrix import Floats
from include.spec import ModelSpec
from include.spec.contract import Measured
from include.spec.metrics import Metric
from include.training.predictions import predict

ROWS, FEWEST_ROWS = 5000, 500
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
    """All mishaps that were tried, on so many held-out rows; the skill is over the constant prediction of training."""

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


def measure_robustness(
    spec: ModelSpec, pipeline: Pipeline, rows: pd.DataFrame, target: Floats, constant: Floats
) -> Robustness:
    """Tries every mishap on a seeded sample of held-out rows with known labels.

    `constant` is what a model without skill would say of each row, see `skill.constant`.
    """
    chosen = _sample(len(target), count(spec))
    rows, target = rows.iloc[chosen].reset_index(drop=True), target[chosen]
    metric = spec.gates.champion_comparison.metric
    said = predict(spec, pipeline, rows)
    judge = _Judge(spec, pipeline, target, said, metric, skill(metric, target, said, constant))
    responses = tuple(judge.response(one) for one in disturbances(spec, rows))
    return Robustness(rows=len(target), metric=metric, skill=judge.skill, responses=responses)


class _Judge:
    def __init__(
        self, spec: ModelSpec, pipeline: Pipeline, target: Floats, said: Floats, metric: Metric, skill: Skill
    ) -> None:
        self.spec, self.pipeline, self.target, self.said = spec, pipeline, target, said
        self.metric, self.skill = metric, skill
        self.undisturbed = measure(metric, target, said)

    def response(self, mishap: Disturbance) -> Response:
        happened = Response(kind=mishap.kind, feature=mishap.feature, what=mishap.what, stopped=mishap.stopped)
        try:
            now = predict(self.spec, self.pipeline, mishap.rows)
        except Exception as problem:
            text = " ".join(str(problem).split())
            return happened.model_copy(update={"error": f"{type(problem).__name__}: {text}"[:300]})
        apart = np.abs(now - self.said).reshape(len(now), -1).sum(axis=1)
        lost = improvement(self.metric, self.undisturbed, measure(self.metric, self.target, now))
        return happened.model_copy(
            update={
                "not_finite": int((~np.isfinite(apart)).sum()),
                "mean_change": float(apart.mean()) / (2 if now.ndim > 1 else 1),
                "skill_lost": self.skill.share(lost),
            }
        )


def _sample(rows: int, mishaps: int) -> np.ndarray:
    size = min(rows, max(FEWEST_ROWS, min(ROWS, PREDICTIONS // mishaps)))
    return np.sort(np.random.default_rng(SEED).choice(rows, size, replace=False))

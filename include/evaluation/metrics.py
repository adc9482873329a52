"""The metrics gates speak of, weighted, so that a bootstrap is a change of weights and never a copy of rows."""

import numpy as np

from include.features.matrix import Floats
from include.spec.metrics import GREATER_IS_BETTER, METRICS, Metric, Task

# keeps the logarithm of a certain and wrong prediction finite, as scikit-learn does
CLIP = float(np.finfo(np.float64).eps)


def metrics_of(task: Task, target: Floats, prediction: Floats) -> dict[str, float]:
    """Every metric of the task on these rows."""
    return {name: measure(name, target, prediction) for name in METRICS[task]}


def measure(metric: Metric, target: Floats, prediction: Floats, weights: Floats | None = None) -> float:
    """One metric on rows with weights (default: one each).

    NaN where it is not defined: without rows, as AUC with one class, or where a prediction is no finite number.
    """
    if not len(target) or not np.isfinite(prediction).all():
        return float("nan")
    weights = np.ones_like(target) if weights is None else weights
    if metric == "auc":
        return _auc(target, prediction, weights)
    if metric == "log_loss":
        sure = np.clip(prediction, CLIP, 1 - CLIP)
        return _mean(-(target * np.log(sure) + (1 - target) * np.log1p(-sure)), weights)
    if metric == "mae":
        return _mean(np.abs(target - prediction), weights)
    squares = _mean((target - prediction) ** 2, weights)
    if metric == "r2":
        spread = _mean((target - _mean(target, weights)) ** 2, weights)
        return 1 - squares / spread if spread > 0 else float("nan")
    return float(np.sqrt(squares)) if metric == "rmse" else squares


def improvement(metric: Metric, challenger: float, champion: float) -> float:
    """By how much the challenger is better, in units of the metric: positive is better for every metric."""
    return challenger - champion if GREATER_IS_BETTER[metric] else champion - challenger


def reaches(metric: Metric, value: float, threshold: float) -> bool:
    """Whether the value is as good as the threshold or better. NaN is not."""
    return value >= threshold if GREATER_IS_BETTER[metric] else value <= threshold


def _mean(values: Floats, weights: Floats) -> float:
    total = float(weights.sum())
    return float(values @ weights) / total if total > 0 else float("nan")


def _auc(target: Floats, prediction: Floats, weights: Floats) -> float:
    """Weighted area under the ROC curve: the chance that a positive row ranks above a negative one, ties half."""
    order = np.argsort(prediction, kind="stable")
    scores, positives = prediction[order], (target * weights)[order]
    negatives = ((1 - target) * weights)[order]
    starts = np.flatnonzero(np.r_[True, np.diff(scores) > 0])
    positive, negative = np.add.reduceat(positives, starts), np.add.reduceat(negatives, starts)
    below = np.cumsum(negative) - negative
    pairs = float(positive.sum() * negative.sum())
    return float(positive @ (below + negative / 2)) / pairs if pairs > 0 else float("nan")

"""The metrics gates speak of. Each is defined once, on blocks of rows; a plain measurement is one block drawn once."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from include.evaluation import means, ranks
from include.evaluation.blocks import Cells
from include.evaluation.means import Statistic
from include.features.matrix import Floats
from include.spec.metrics import GREATER_IS_BETTER, METRICS, Metric, Task


def metrics_of(task: Task, target: Floats, prediction: Floats) -> dict[str, float]:
    """Every metric of the task on these rows."""
    return {name: measure(name, target, prediction) for name in METRICS[task]}


def measure(metric: Metric, target: Floats, prediction: Floats) -> float:
    """One metric on all rows.

    NaN where it is not defined: without rows, as AUC with one class, or where a prediction is no finite number.
    """
    if not len(target) or not np.isfinite(prediction).all():
        return float("nan")
    everything = Cells.of(np.zeros(len(target), dtype=np.int32))
    return float(next(statistics(metric, target, prediction, everything))(np.ones((1, 1)))[0])


def statistics(metric: Metric, target: Floats, prediction: Floats, cells: Cells) -> Iterator[Statistic]:
    """For each group the metric as a function of how often each of its blocks is drawn.

    Predictions are finite: (n,) probabilities of yes or numbers, (n, k) probabilities of k classes. AUC of several
    classes is the mean over one class against the rest, over those classes that the group has rows in and out of.
    """
    if metric == "auc" and prediction.ndim > 1:
        return _one_against_rest(target, prediction, cells)
    if metric == "auc":
        return ranks.auc(target == 1, prediction, cells)
    if metric == "average_precision":
        return ranks.average_precision(target == 1, prediction, cells)
    if metric == "r2":
        return means.explained(target, prediction, cells)
    if metric == "rmse":
        return means.root_mean(means.losses(metric, target, prediction), cells)
    return means.mean(means.losses(metric, target, prediction), cells)


def improvement(metric: Metric, challenger: float, champion: float) -> float:
    """By how much the challenger is better, in units of the metric: positive is better for every metric."""
    return challenger - champion if GREATER_IS_BETTER[metric] else champion - challenger


def reaches(metric: Metric, value: float, threshold: float) -> bool:
    """Whether the value is as good as the threshold or better. NaN is not."""
    return value >= threshold if GREATER_IS_BETTER[metric] else value <= threshold


def _one_against_rest(target: Floats, prediction: Floats, cells: Cells) -> Iterator[Statistic]:
    classes = [ranks.auc(target == number, said, cells) for number, said in enumerate(prediction.T)]
    everything = np.ones((1, cells.blocks))
    for areas in zip(*classes, strict=True):
        yield partial(_mean_area, [area for area in areas if not np.isnan(area(everything)[0])])


def _mean_area(areas: list[Statistic], drawn: Floats) -> Floats:
    return np.mean([area(drawn) for area in areas], axis=0) if areas else np.full(len(drawn), np.nan)

"""Skill: how much better than saying the same of every row. Free of units, so that one limit fits every model."""

import numpy as np
from scipy.stats import rankdata

from include.evaluation.metrics import improvement
from include.features.matrix import Floats
from include.spec import ModelSpec
from include.spec.contract import Measured
from include.spec.metrics import GREATER_IS_BETTER, Metric, Task

LEAST_SHARE = 0.1  # of the possible skill


def constant(spec: ModelSpec, target: Floats) -> Floats:
    """What a model without skill would say after it saw these targets: the base rate, mean or median.

    Of several classes, their shares. The median minimises the mean absolute error, the mean every squared one. NaN
    without targets.
    """
    if not len(target):
        return np.asarray(np.nan)
    if spec.task == "multiclass":
        return np.bincount(target.astype(np.int64), minlength=len(spec.target.classes)) / len(target)
    middle = np.median if spec.gates.champion_comparison.metric == "mae" else np.mean
    return np.asarray(middle(target), dtype=np.float64)


class Skill(Measured):
    """What a model adds to a constant prediction, in units of the metric, and what a perfect one would add."""

    gained: float
    possible: float

    def share(self, lost: float) -> float:
        """A loss of the metric as a share of the skill: 1 is all of it. NaN where nothing can be gained.

        A model with less than a tenth of the possible skill is measured as if it had a tenth: a share of almost
        nothing would be noise, and one of a negative skill has no meaning.
        """
        unit = max(self.gained, LEAST_SHARE * self.possible)
        return lost / unit if unit > 0 else float("nan")


def skill(metric: Metric, reached: float, without: float) -> Skill:
    """The skill of a model whose metric is `reached`, where that of a constant prediction is `without`."""
    perfect = 1.0 if GREATER_IS_BETTER[metric] else 0.0
    return Skill(gained=improvement(metric, reached, without), possible=improvement(metric, perfect, without))


def rank_skill(task: Task, target: Floats, prediction: Floats) -> float:
    """How well predictions order the rows, from -1 through 0 (not at all) to 1 (perfectly).

    Binary: 2 AUC - 1, which is Somers' D (Somers, American Sociological Review 27, 1962). Multiclass: its mean over the
    classes that occur, each against the rest. Regression: Spearman's rank correlation. NaN where all targets are equal.
    """
    if task == "regression":
        return spearman(target, prediction)
    if task == "binary":
        return somers(target, prediction)
    present = np.unique(target).astype(np.int64)
    each = [somers((target == one).astype(np.float64), prediction[:, one]) for one in present]
    return float(np.mean(each)) if len(present) > 1 else float("nan")


def somers(target: Floats, scores: Floats) -> float:
    """2 AUC - 1 of the scores for a target of 0 and 1; ties count half. NaN with one class."""
    positive = float(target.sum())
    negative = len(target) - positive
    if positive == 0 or negative == 0:
        return float("nan")
    ranks = float(rankdata(scores) @ target)
    return 2 * (ranks - positive * (positive + 1) / 2) / (positive * negative) - 1


def spearman(left: Floats, right: Floats) -> float:
    """Correlation of the ranks. A side that is constant says nothing of the other: 0; NaN where the target is."""
    a, b = rankdata(left), rankdata(right)
    a, b = a - a.mean(), b - b.mean()
    if not a.any():
        return float("nan")
    return float(a @ b / np.sqrt((a @ a) * (b @ b))) if b.any() else 0.0

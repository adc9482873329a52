"""Association of one feature with the target: how well a model of this feature alone would order the rows."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata

from include.evaluation.skill import somers, spearman
from include.features.matrix import Floats
from include.spec import ModelSpec
from include.spec.metrics import Task

FOLDS = 5
BINS, ROWS_PER_BIN = 40, 50
FEWEST_OF_CLASS = 50  # a class with fewer rows in the sample is ordered well by chance
SEED = 20130405
Codes = npt.NDArray[np.int64]


def strengths(spec: ModelSpec, rows: pd.DataFrame, target: Floats) -> dict[str, float]:
    """Each feature's strength between 0 (says nothing) and 1 (gives the answer), the strongest first.

    Binary: 2 AUC - 1 of the feature alone; multiclass: of the class it tells best from the rest; regression: Spearman's
    rank correlation. A feature speaks through the mean target of its categories, or of its quantiles if it is a
    number; missing values are a category. The means are those of other rows than the one they speak for, so that a
    category of one row says nothing. A relation of any shape is seen, not only a rising or falling one.
    """
    numeric = set(spec.features.numeric)
    found = {name: strength(spec.task, codes_of(rows[name], name in numeric), target) for name in rows.columns}
    return dict(sorted(found.items(), key=lambda pair: -np.nan_to_num(pair[1])))


def strength(task: Task, codes: Codes, target: Floats) -> float:
    """The strength of one feature, given as a number per category. NaN where all targets are equal."""
    if task == "regression":
        return _positive(spearman(target, out_of_fold(codes, rankdata(target))))
    if task == "binary":
        return _positive(somers(target, out_of_fold(codes, target)))
    classes, counts = np.unique(target, return_counts=True)
    each = [(target == one).astype(np.float64) for one in classes[counts >= FEWEST_OF_CLASS]]
    return max((_positive(somers(one, out_of_fold(codes, one))) for one in each), default=float("nan"))


def _positive(order: float) -> float:
    """An order the wrong way round is chance: means of other rows can only point the right way. NaN stays."""
    return float(np.maximum(order, 0.0))


def codes_of(column: pd.Series, numeric: bool) -> Codes:
    """The category of each row from 0 on, 0 for a missing value; numbers by quantile."""
    if not numeric:
        return np.asarray(pd.factorize(column)[0], dtype=np.int64) + 1
    values = column.to_numpy(dtype=np.float64)
    known = ~np.isnan(values)
    bins = min(BINS, max(2, int(known.sum()) // ROWS_PER_BIN))
    edges = np.unique(np.quantile(values[known], np.linspace(0, 1, bins + 1)[1:-1])) if known.any() else np.empty(0)
    return np.where(known, np.searchsorted(edges, values) + 1, 0)


def out_of_fold(codes: Codes, target: Floats) -> Floats:
    """For each row the mean target of its category in the other folds; the overall mean where they have none."""
    fold = np.random.default_rng(SEED).integers(0, FOLDS, len(codes))
    width = int(codes.max(initial=0)) + 1
    cell = fold * width + codes
    counts = np.bincount(cell, minlength=FOLDS * width).reshape(FOLDS, width)
    sums = np.bincount(cell, weights=target, minlength=FOLDS * width).reshape(FOLDS, width)
    others, total = counts.sum(axis=0) - counts, sums.sum(axis=0) - sums
    means = np.where(others > 0, total / np.maximum(others, 1), target.mean() if len(target) else np.nan)
    return np.asarray(means[fold, codes], dtype=np.float64)

"""Metrics that are functions of sums: a resample of blocks is one product of matrices, however many rows there are."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from include.evaluation.blocks import Cells
from include.features.matrix import Floats
from include.spec.metrics import Metric

Statistic = Callable[[Floats], Floats]
"""A metric as a function of how often each block was drawn: (resamples x blocks) -> (resamples), NaN if undefined."""

CLIP = float(np.finfo(np.float64).eps)  # keeps the logarithm of a certain and wrong prediction finite, as scikit-learn
FLAT = 1e-12  # a spread below this share of the squares it is the difference of is rounding


def mean(values: Floats, cells: Cells) -> Iterator[Statistic]:
    """The mean of the values over the drawn rows, for each group."""
    for total, rows in zip(cells.totals(values), cells.totals(), strict=True):
        yield partial(_mean, total, rows)


def root_mean(values: Floats, cells: Cells) -> Iterator[Statistic]:
    """The square root of the mean, for each group."""
    for total, rows in zip(cells.totals(values), cells.totals(), strict=True):
        yield partial(_root_mean, total, rows)


def explained(target: Floats, prediction: Floats, cells: Cells) -> Iterator[Statistic]:
    """R2: one less the squared errors as a share of the target's squares about its mean in the drawn rows."""
    centred = target - target.mean()
    totals = (cells.totals((target - prediction) ** 2), cells.totals(centred), cells.totals(centred**2), cells.totals())
    for errors, sums, squares, rows in zip(*totals, strict=True):
        yield partial(_explained, errors, sums, squares, rows)


def _mean(total: Floats, rows: Floats, drawn: Floats) -> Floats:
    return ratio(drawn @ total, drawn @ rows)


def _root_mean(total: Floats, rows: Floats, drawn: Floats) -> Floats:
    return np.asarray(np.sqrt(_mean(total, rows, drawn)))


def _explained(errors: Floats, sums: Floats, squares: Floats, rows: Floats, drawn: Floats) -> Floats:
    about_zero = drawn @ squares
    spread = about_zero - ratio((drawn @ sums) ** 2, drawn @ rows)
    return np.asarray(1 - ratio(drawn @ errors, np.where(spread > FLAT * about_zero, spread, 0)))


def losses(metric: Metric, target: Floats, prediction: Floats) -> Floats:
    """What each row adds to a metric that is a mean (for rmse and r2: to the squares it is made of).

    Brier of several classes is the sum over them, from 0 to 2, as Brier (1950) has it and scikit-learn by default.
    """
    if metric == "mae":
        apart: Floats = np.abs(target - prediction)
        return apart
    if metric == "accuracy":
        return np.equal(target, _decided(prediction)).astype(np.float64)
    if prediction.ndim == 1 and metric != "log_loss":
        squared: Floats = (target - prediction) ** 2
        return squared
    said = _said_of_truth(target, prediction)
    if metric == "log_loss":
        np.clip(said, CLIP, 1 - CLIP, out=said)
        np.log(said, out=said)
        return np.negative(said, out=said)
    squares: Floats = np.einsum("ij,ij->i", prediction, prediction)
    return squares - 2 * said + 1


def _said_of_truth(target: Floats, prediction: Floats) -> Floats:
    """The probability that was given to what came true, in an array of its own."""
    if prediction.ndim == 1:
        return np.where(target == 1, prediction, 1 - prediction)
    return prediction[np.arange(len(target)), target.astype(np.intp)]


def _decided(prediction: Floats) -> Floats:
    """The class each row is taken for: the likeliest; for a binary model yes from one half on."""
    return (prediction >= 0.5 if prediction.ndim == 1 else prediction.argmax(axis=1)).astype(np.float64)  # noqa: PLR2004


def ratio(above: Floats, below: Floats) -> Floats:
    """One through the other, NaN where the other is not positive."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, above / below, np.nan)

"""Metrics and their differences with intervals by day or week, of all rows or of each group of rows."""

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial

import numpy as np

from include.evaluation.blocks import Cells
from include.evaluation.coded import Coded, Codes
from include.evaluation.estimate import Difference, Estimate
from include.evaluation.means import Statistic
from include.evaluation.metrics import statistics
from include.evaluation.resampling import UNDEFINED, Interval, Sampling, interval
from include.features.matrix import Floats
from include.spec.metrics import GREATER_IS_BETTER, RANGE, Metric


def paired_difference(
    metric: Metric,
    target: Floats,
    challenger: Floats,
    champion: Floats,
    blocks: Codes,
    confidence: float,
    seed: int,
    resamples: int = 1000,
) -> Difference:
    """The improvement on the same rows, both models on the same resampled blocks.

    `blocks` holds each row's block number, in the order of time; `confidence` is that of each bound.
    """
    cells, sampling = Cells.of(blocks), Sampling(confidence, seed, resamples)
    return _difference(next(_paired(metric, target, challenger, champion, cells, sampling)))


def paired_differences_by_group(
    metric: Metric,
    target: Floats,
    challenger: Floats,
    champion: Floats,
    blocks: Codes,
    groups: Coded,
    confidence: float,
    seed: int,
    resamples: int = 1000,
) -> tuple[Difference, ...]:
    """The improvement in each group of rows, in the order of the groups' names.

    A block without rows of a group does not count for it.
    """
    cells, sampling = Cells.of(blocks, groups), Sampling(confidence, seed, resamples)
    return tuple(_difference(one) for one in _paired(metric, target, challenger, champion, cells, sampling))


def estimate(
    metric: Metric,
    target: Floats,
    prediction: Floats,
    blocks: Codes,
    confidence: float,
    seed: int,
    resamples: int = 1000,
) -> Estimate:
    """The metric of one model on the rows, with one-sided bounds at `confidence` each."""
    cells, sampling = Cells.of(blocks), Sampling(confidence, seed, resamples)
    return _estimate(metric, next(_single(metric, target, prediction, cells, sampling)))


def estimates_by_group(
    metric: Metric,
    target: Floats,
    prediction: Floats,
    blocks: Codes,
    groups: Coded,
    confidence: float,
    seed: int,
    resamples: int = 1000,
) -> tuple[Estimate, ...]:
    """The metric of one model in each group of rows, in the order of the groups' names."""
    cells, sampling = Cells.of(blocks, groups), Sampling(confidence, seed, resamples)
    return tuple(_estimate(metric, one) for one in _single(metric, target, prediction, cells, sampling))


def _paired(
    metric: Metric, target: Floats, challenger: Floats, champion: Floats, cells: Cells, sampling: Sampling
) -> Iterator[Interval]:
    if not _measurable(challenger, champion):
        yield from [UNDEFINED] * cells.groups
        return
    ours, theirs = (statistics(metric, target, said, cells) for said in (challenger, champion))
    better, worse = (ours, theirs) if GREATER_IS_BETTER[metric] else (theirs, ours)
    for one, other, rows in zip(better, worse, cells.totals(), strict=True):
        yield interval(partial(_less, one, other), rows, sampling)


def _single(metric: Metric, target: Floats, said: Floats, cells: Cells, sampling: Sampling) -> Iterator[Interval]:
    if not _measurable(said):
        yield from [UNDEFINED] * cells.groups
        return
    for statistic, rows in zip(statistics(metric, target, said, cells), cells.totals(), strict=True):
        yield interval(statistic, rows, sampling)


def _measurable(*said: Floats) -> bool:
    return all(len(one) > 0 and bool(np.isfinite(one).all()) for one in said)


def _less(one: Statistic, other: Statistic, drawn: Floats) -> Floats:
    return one(drawn) - other(drawn)


def _difference(found: Interval) -> Difference:
    return Difference.model_validate(asdict(found))


def _estimate(metric: Metric, found: Interval) -> Estimate:
    """Bounds beyond what the metric can be say no more than its range, and cover the truth as often."""
    lower, upper = np.clip([found.lower, found.upper], *RANGE[metric])
    return Estimate(value=found.observed, lower=float(lower), upper=float(upper))

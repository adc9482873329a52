"""Samples that keep enough rows of a rare class, and metrics that give each class its weight back."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from include.evaluation.blocks import Cells
from include.evaluation.metrics import statistics
from include.features.matrix import Floats
from include.spec.metrics import Metric, Task

FEWEST = 500  # rows of each class, where there are as many

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Stratified:
    """Places of the chosen rows, in their order, and for each class how many rows one of them stands for."""

    places: Places
    weights: Floats


def stratified(task: Task, target: Floats, rows: int, seed: int) -> Stratified:
    """About so many rows, chosen at random: the same share of each class, but `FEWEST` of one that would have fewer.

    Numbers are one class. All targets are known.
    """
    classes, random = classes_of(task, target), np.random.default_rng(seed)
    counts = np.bincount(classes)
    share = min(1.0, rows / max(len(target), 1))
    wanted = np.minimum(counts, np.maximum(np.rint(counts * share), FEWEST if len(counts) > 1 else 1)).astype(np.int64)
    chosen = [random.choice(np.flatnonzero(classes == one), size, replace=False) for one, size in enumerate(wanted)]
    places = np.sort(np.concatenate([*chosen, np.empty(0, dtype=np.int64)]))
    return Stratified(places, counts / np.maximum(wanted, 1))


def weighted(metric: Metric, task: Task, target: Floats, said: Floats, weights: Floats) -> float:
    """The metric of the rows that a stratified sample was taken from, as far as the sample can tell.

    A row counts as often as it stands for others. NaN where the metric is not defined, or a prediction is no number.
    """
    if not len(target) or not np.isfinite(said).all():
        return float("nan")
    cells = Cells.of(classes_of(task, target))
    drawn = weights[np.newaxis, : cells.blocks]
    return float(next(statistics(metric, target, said, cells))(drawn)[0])


def classes_of(task: Task, target: Floats) -> npt.NDArray[np.int32]:
    """The class of each row as a number from 0 on."""
    return np.zeros(len(target), dtype=np.int32) if task == "regression" else target.astype(np.int32)

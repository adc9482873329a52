"""Metrics of ranking, reduced to blocks: AUC exactly, average precision up to a stated step.

The rows are sorted once. What is left of them is a small matrix per group, and a resample of blocks costs the same
for a thousand rows as for a million.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np
import numpy.typing as npt

from include.evaluation.blocks import Cell, Cells
from include.evaluation.means import Statistic, ratio
from include.features.matrix import Floats

LEVELS = 512  # thresholds of an average precision curve under resampling
CHUNK = 128  # resamples whose curves are in memory at a time

Flags = npt.NDArray[np.bool_]


def auc(positive: Flags, score: Floats, cells: Cells) -> Iterator[Statistic]:
    """The chance that a positive row ranks above a negative one, ties half, for each group.

    The Mann-Whitney statistic is a sum over pairs of rows, so over pairs of blocks: with `won[b, c]` the pairs that
    positives of block b win against negatives of block c, a resample that draws block b `w[b]` times has the area
    `w' won w / ((w' positives)(w' negatives))`, exactly.
    """
    for rows in _ranked(score, cells):
        yield partial(_area, *_pairs(positive[rows], score[rows], cells.of_row[rows] % cells.blocks, cells.blocks))


def average_precision(positive: Flags, score: Floats, cells: Cells) -> Iterator[Statistic]:
    """The mean precision at the score of each positive row, for each group, as scikit-learn has it.

    Exact for the rows as they are. Under resampling exact up to LEVELS different scores of positives; beyond, the
    scores of positives are joined in order to LEVELS steps of equal size, and what the joining does to the rows as they
    are is taken off again. A test keeps what is left under 2 % of the standard error.
    """
    for rows in _ranked(score, cells):
        down = rows[::-1]
        yield _steps(positive[down], score[down], cells.of_row[down] % cells.blocks, cells.blocks)


def _ranked(score: Floats, cells: Cells) -> Iterator[Cell]:
    """The rows of each group from the lowest score to the highest."""
    order = np.argsort(score)
    if cells.groups == 1:
        yield order
        return
    group = (cells.of_row // cells.blocks)[order]
    order, ends = order[np.argsort(group, kind="stable")], np.cumsum(np.bincount(group, minlength=cells.groups))
    yield from np.split(order, ends[:-1])


def _ties(score: Floats) -> tuple[Cell, Cell]:
    """For sorted scores: the number of the run of equal ones that each row is in, and where the runs begin and end."""
    new = np.ones(len(score), dtype=np.bool_)
    np.not_equal(score[1:], score[:-1], out=new[1:])
    return np.cumsum(new) - 1, np.append(np.flatnonzero(new), len(score))


def _pairs(yes: Flags, score: Floats, block: Cell, blocks: int) -> tuple[Floats, Floats, Floats]:
    """Pairs won between blocks, and the positive and the negative rows of each block."""
    run, bounds = _ties(score)
    first, past, of_positive = bounds[run[yes]], bounds[run[yes] + 1], block[yes]
    of_negative = np.where(yes, -1, block).astype(np.int32)
    won, below = np.empty((blocks, blocks)), np.zeros(len(yes) + 1, dtype=np.int32)
    for other in range(blocks):
        np.cumsum(of_negative == other, out=below[1:])
        won[:, other] = np.bincount(of_positive, below[first] + below[past], minlength=blocks) / 2
    positives = np.bincount(of_positive, minlength=blocks).astype(np.float64)
    return won, positives, np.bincount(block, minlength=blocks) - positives


def _area(won: Floats, positives: Floats, negatives: Floats, drawn: Floats) -> Floats:
    return ratio(((drawn @ won) * drawn).sum(axis=1), (drawn @ positives) * (drawn @ negatives))


def _steps(yes: Flags, score: Floats, block: Cell, blocks: int) -> Statistic:
    """The curve of rows in descending order of score, as hits and misses by step and block.

    A row counts at the step of the next positive at or below its score; rows below the last positive count nowhere.
    """
    run, bounds = _ties(score)
    positives = np.bincount(run[yes], minlength=len(bounds) - 1)
    own = positives > 0
    step: Cell = (np.cumsum(own) - own)[run]
    exact = _curve(*_by_step(step, yes, np.zeros_like(block), (int(own.sum()), 1)), np.ones((1, 1)))
    step = _joined(positives[own])[step]
    curve = partial(_curve, *_by_step(step, yes, block, (int(step[yes].max(initial=-1)) + 1, blocks)))
    return partial(_corrected, curve, exact - curve(np.ones((1, blocks))))


def _joined(hits: Cell) -> Cell:
    """The step that each step becomes part of, and one more for the rows below the last."""
    if len(hits) <= LEVELS:
        return np.arange(len(hits) + 1)
    share = np.cumsum(hits) / hits.sum()
    return np.append(np.ceil(share * LEVELS).astype(np.intp) - 1, LEVELS)


def _by_step(step: Cell, yes: Flags, block: Cell, shape: tuple[int, int]) -> tuple[Floats, Floats]:
    """Hits and misses, each (blocks x steps)."""
    steps, blocks = shape
    used = step < steps
    cell = (block * steps + step)[used]
    hits = np.bincount(cell[yes[used]], minlength=steps * blocks).astype(np.float64)
    rows = np.bincount(cell, minlength=steps * blocks).astype(np.float64)
    return hits.reshape(blocks, steps), (rows - hits).reshape(blocks, steps)


def _curve(hit: Floats, miss: Floats, drawn: Floats) -> Floats:
    """The mean over positives of the precision at their step."""
    parts = [drawn[start : start + CHUNK] for start in range(0, len(drawn), CHUNK)]
    return np.concatenate([_precision(part @ hit, part @ miss) for part in parts])


def _precision(hits: Floats, misses: Floats) -> Floats:
    down = np.cumsum(hits, axis=1)
    precision = down / np.maximum(down + np.cumsum(misses, axis=1), 1)
    return ratio((hits * precision).sum(axis=1), hits.sum(axis=1))


def _corrected(curve: Statistic, off: Floats, drawn: Floats) -> Floats:
    return curve(drawn) + off

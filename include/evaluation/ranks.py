"""Metrics of ranking, reduced to blocks: AUC exactly, average precision up to a stated step.

The rows are sorted once. What is left of them is a small matrix per group, and a resample of blocks costs the same
for a thousand rows as for a million. Places of rows are 32-bit numbers, and scores are put in order only to see which
are equal: on the way a million rows take some 30 MB.
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
        new = _is_new(score[rows])
        yield partial(_area, *_pairs(positive[rows], new, cells.block_of(rows), cells.blocks))


def average_precision(positive: Flags, score: Floats, cells: Cells) -> Iterator[Statistic]:
    """The mean precision at the score of each positive row, for each group, as scikit-learn has it.

    Exact for the rows as they are. Under resampling exact up to LEVELS different scores of positives; beyond, the
    scores of positives are joined in order to LEVELS steps of equal size, and what the joining does to the rows as they
    are is taken off again. A test keeps what is left under 2 % of the standard error.
    """
    for rows in _ranked(score, cells):
        down = rows[::-1]
        new = _is_new(score[down])
        yield _steps(positive[down], new, cells.block_of(down), cells.blocks)


def _ranked(score: Floats, cells: Cells) -> Iterator[Cell]:
    """The rows of each group from the lowest score to the highest."""
    order = np.argsort(score).astype(np.int32)
    if cells.groups == 1:
        yield order
        return
    group = cells.of_row[order] // cells.blocks
    ends = np.cumsum(np.bincount(group, minlength=cells.groups))
    yield from np.split(order[np.argsort(group, kind="stable")], ends[:-1])


def _is_new(score: Floats) -> Flags:
    """Of sorted scores, whether each is another than the one before."""
    new = np.ones(len(score), dtype=np.bool_)
    np.not_equal(score[1:], score[:-1], out=new[1:])
    return new


def _run_of(new: Flags) -> Cell:
    """The number of the run of equal scores that each row is in."""
    run = np.cumsum(new, dtype=np.int32)
    run -= 1
    return run


def _pairs(yes: Flags, new: Flags, block: Cell, blocks: int) -> tuple[Floats, Floats, Floats]:
    """Pairs won between blocks, and the positive and the negative rows of each block."""
    rows, of_positive = np.bincount(block, minlength=blocks), block[yes]
    first, past = _bounds(yes, new)
    block[yes] = -1
    won, below = np.empty((blocks, blocks)), np.zeros(len(yes) + 1, dtype=np.int32)
    for other in range(blocks):
        np.cumsum(block == other, out=below[1:])
        won[:, other] = np.bincount(of_positive, below[first] + below[past], minlength=blocks) / 2
    positives = np.bincount(of_positive, minlength=blocks).astype(np.float64)
    return won, positives, rows - positives


def _bounds(yes: Flags, new: Flags) -> tuple[Cell, Cell]:
    """Where the run of equal scores begins and ends that each positive row is in."""
    run = _run_of(new)[yes]
    bounds = np.append(np.flatnonzero(new).astype(np.int32), np.int32(len(new)))
    return bounds[run], bounds[run + 1]


def _area(won: Floats, positives: Floats, negatives: Floats, drawn: Floats) -> Floats:
    return ratio(((drawn @ won) * drawn).sum(axis=1), (drawn @ positives) * (drawn @ negatives))


def _steps(yes: Flags, new: Flags, block: Cell, blocks: int) -> Statistic:
    """The curve of rows in descending order of score, as hits and misses by step and block.

    A row counts at the step of the next positive at or below its score; rows below the last positive count nowhere.
    """
    step, hits = _own_steps(yes, new)
    exact = _curve(*_by_step(step, yes, (len(hits), 1)), np.ones((1, 1)))
    joined = _joined(hits)
    step, steps = joined[step], int(joined[:-1].max(initial=-1)) + 1
    block *= steps + 1
    block += step
    curve = partial(_curve, *_by_step(block, yes, (steps, blocks)))
    return partial(_corrected, curve, exact - curve(np.ones((1, blocks))))


def _own_steps(yes: Flags, new: Flags) -> tuple[Cell, Cell]:
    """Each row's step where every score of positives is a step of its own, and the positive rows of each."""
    run = _run_of(new)
    positives = np.bincount(run[yes], minlength=int(run[-1]) + 1 if len(run) else 0)
    own = positives > 0
    step = np.cumsum(own, dtype=np.int32)
    step -= own
    return step[run], positives[own].astype(np.int32)


def _joined(hits: Cell) -> Cell:
    """The step that each step becomes part of, and one more for the rows below the last."""
    if len(hits) <= LEVELS:
        return np.arange(len(hits) + 1, dtype=np.int32)
    share = np.cumsum(hits) / hits.sum()
    return np.append(np.ceil(share * LEVELS).astype(np.int32) - 1, np.int32(LEVELS))


def _by_step(cell: Cell, yes: Flags, shape: tuple[int, int]) -> tuple[Floats, Floats]:
    """Hits and misses, each (blocks x steps), of rows in cells by block and step, where one step more counts not."""
    steps, blocks = shape
    hits = np.bincount(cell[yes], minlength=(steps + 1) * blocks).astype(np.float64)
    rows = np.bincount(cell, minlength=(steps + 1) * blocks).astype(np.float64)
    hit, miss = hits.reshape(blocks, -1)[:, :-1], (rows - hits).reshape(blocks, -1)[:, :-1]
    return hit, miss


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

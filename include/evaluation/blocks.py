"""Rows by group and block: what a resample of whole days needs to know of a million rows."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from include.evaluation.coded import Coded, Codes
from include.features.matrix import Floats

Cell = npt.NDArray[np.int32]
WEEK_DAYS = 7


@dataclass(frozen=True)
class Cells:
    """Each row's cell: its group times the number of blocks plus its block.

    A block is a day or a week: rows that are drawn together. A group is a slice that gets its own answer.
    """

    of_row: Cell
    groups: int
    blocks: int

    @classmethod
    def of(cls, blocks: Codes, groups: Coded | None = None) -> Self:
        """The cells of rows with these block numbers, 0 .. k-1, in the groups (default: all rows in one)."""
        count = int(blocks.max()) + 1 if len(blocks) else 0
        if groups is None:
            return cls(blocks, 1, count)
        cell = groups.codes * np.int32(count)
        cell += blocks
        return cls(cell, len(groups.names), count)

    def block_of(self, rows: Cell) -> Cell:
        """The block of each of these rows."""
        of_row: Cell = self.of_row[rows]
        of_row %= max(self.blocks, 1)
        return of_row

    def totals(self, values: npt.NDArray[np.generic] | None = None) -> Floats:
        """The sum of the rows' values (default: their number) by group and block."""
        sums = np.bincount(self.of_row, values, minlength=self.groups * self.blocks)
        return sums.astype(np.float64).reshape(self.groups, self.blocks)


def weeks(days: Codes) -> Codes:
    """Seven days in a row as one block, counted back from the newest; what is left over joins the oldest week.

    Days without rows do not count: 15 days of which one is missing are two weeks.
    """
    used = np.bincount(days) > 0
    place, count = np.cumsum(used) - 1, int(used.sum())
    back = (count - 1 - place) // WEEK_DAYS
    week: Codes = np.maximum(max(count // WEEK_DAYS, 1) - 1 - back, 0).astype(np.int32)
    return np.asarray(week[days])

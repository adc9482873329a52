"""Days of a reference, counted once over bins that stay: a daily check adds the current days and reads nothing else."""

import math
from collections.abc import Mapping

import numpy as np

from include.lake.cells import Floats
from include.lake.distance import Bins, bins_of
from include.lake.profile import CategoryProfile, ColumnProfile, NumericProfile, Profile
from include.lake.varint import packed, unpacked
from include.spec.contract import Measured


class DayTable(Measured):
    """Rows per day and bin of each column, as small text, and the mean of each day's numbers, NaN where it has none.

    `keys` are the days' partitions, in order.
    """

    keys: tuple[str, ...]
    counts: dict[str, str]
    means: dict[str, tuple[float, ...]]

    def days(self, name: str) -> Floats:
        """One row per day, one column per bin."""
        return np.asarray(unpacked(self.counts[name]).reshape(len(self.keys), -1), np.float64)


def day_table(whole: Profile, days: Mapping[str, Profile]) -> DayTable:
    """Counts the days over the bins of the whole."""
    bins = {name: bins_of(column) for name, column in whole.columns.items()}
    listed = list(days.values())
    return DayTable(
        keys=tuple(days),
        counts={name: _packed(counted(name, over, whole.columns[name], listed)) for name, over in bins.items()},
        means={
            name: tuple(means(name, listed))
            for name, column in whole.columns.items()
            if isinstance(column, NumericProfile)
        },
    )


def means(name: str, days: list[Profile]) -> list[float]:
    """The mean of each day's numbers, NaN where it has none."""
    there = (day.columns.get(name) for day in days)
    return [one.mean if isinstance(one, NumericProfile) and one.count else math.nan for one in there]


def _packed(counts: Floats) -> str:
    return packed(np.round(counts).astype(np.int64).ravel())


def counted(name: str, bins: Bins, like: ColumnProfile, days: list[Profile]) -> Floats:
    """Rows per day and bin. A day that lacks the column has it all missing."""
    rows = [bins.counts(day.columns.get(name) or all_missing(like, day.rows)) for day in days]
    return np.array(rows, np.float64).reshape(len(days), bins.size)


def all_missing(like: ColumnProfile, rows: int) -> ColumnProfile:
    """So many rows of a column of this kind, none of them with a value."""
    if isinstance(like, CategoryProfile):
        return CategoryProfile(count=0, nulls=rows, counts={})
    return NumericProfile.of_nulls(rows)

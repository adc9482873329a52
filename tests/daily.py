"""Days of columns, as the watch compares them."""

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np

from include.drift import Reference
from include.lake.profile import ColumnProfile, Profile
from tests.profiles import numbers

FIRST = date(2013, 1, 1)


def day_keys(days: int, first: date = FIRST) -> list[str]:
    """Partition keys of consecutive days."""
    return [(first + timedelta(days=day)).isoformat() for day in range(days)]


def normal_days(days: int, seed: int, rows: int = 200, mean: float = 0.0, between: float = 0.0) -> list[ColumnProfile]:
    """Independent days of normal numbers, whose means differ by `between`."""
    random = np.random.default_rng(seed)
    return [numbers(random.normal(mean + between * random.normal(), 1, rows)) for _ in range(days)]


def profiles(columns: Mapping[str, list[ColumnProfile]], first: date = FIRST) -> dict[str, Profile]:
    """The columns of consecutive days, by key."""
    days = len(next(iter(columns.values())))
    each = [{name: listed[day] for name, listed in columns.items()} for day in range(days)]
    return {key: Profile(rows=_rows(one), columns=one) for key, one in zip(day_keys(days, first), each, strict=True)}


def reference(columns: Mapping[str, list[ColumnProfile]], prediction: list[ColumnProfile]) -> Reference:
    """A reference of these days."""
    return Reference.of(profiles(columns), profiles({"prediction": prediction}))


def _rows(columns: Mapping[str, ColumnProfile]) -> int:
    return max(one.count + one.nulls for one in columns.values())

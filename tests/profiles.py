"""Profiles of columns, as admission stores them."""

from collections.abc import Sequence

import pyarrow as pa

from include.features.matrix import Floats
from include.lake.profile import CategoryProfile, NumericProfile
from include.lake.profiling import numeric_profile


def numbers(values: Sequence[float | None] | Floats) -> NumericProfile:
    """The profile of a column of numbers."""
    return numeric_profile(pa.chunked_array([pa.array(values, pa.float64())]))


def words(counts: dict[str, int], nulls: int = 0) -> CategoryProfile:
    """The profile of a column of words."""
    return CategoryProfile(count=sum(counts.values()), nulls=nulls, counts=counts)

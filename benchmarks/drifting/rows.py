"""The same streams as rows, for tools that read rows."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from benchmarks.drifting.worlds import FEATURES, WORDS, World, categories, measured
from include.lake.cells import Integers


def frame(world: World, counts: Mapping[str, Integers], days: range) -> pd.DataFrame:
    """The features of these days, a row for each; columns are drawn apart, as the stream draws them."""
    random = np.random.default_rng(0)
    return pd.DataFrame({name: _column(world, name, counts[name], days, random) for name in FEATURES})


def _column(world: World, name: str, counts: Integers, days: range, random: np.random.Generator) -> pd.Series:
    parts = [random.permutation(_day(world, name, counts[day], day)) for day in days]
    return pd.Series(np.concatenate(parts))


def _day(world: World, name: str, counts: Integers, day: int) -> np.ndarray:
    if name in WORDS:
        said = categories(world, name, counts, day)
        values, rows, missing = np.array(list(said), object), list(said.values()), None
    else:
        values, rows, missing = measured(name), list(counts[:-1]), np.nan
    return np.concatenate([np.repeat(values, rows), np.full(int(counts[-1]), missing, values.dtype)])

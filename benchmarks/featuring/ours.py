"""Perennial's side: the reader of every training."""

from pathlib import Path

import numpy as np

from benchmarks.featuring.clock import clocked
from benchmarks.featuring.rows import CONTRACT, FEATURE, NAME, snapshot
from include.features.windows import window_columns
from include.lake import Store


def run(folder: Path) -> dict[str, float]:
    """The feature of every row, left in `ours.npy` for the comparison."""
    read, store = snapshot(folder), Store.open(str(folder))
    figures: dict[str, float] = {}
    with clocked(figures):
        made = window_columns({NAME: FEATURE}, CONTRACT, read, store)[NAME]
    np.save(folder / "ours.npy", made)
    return figures

"""Perennial's side: the reader of every training."""

import time
from pathlib import Path

import numpy as np

from benchmarks.featuring.rows import CONTRACT, FEATURE, NAME, snapshot
from benchmarks.gating.memory import peak_mb
from include.features.windows import window_columns
from include.lake import Store


def run(folder: Path) -> dict[str, float]:
    """The feature of every row, left in `ours.npy` for the comparison."""
    read, store = snapshot(folder), Store.open(str(folder))
    before, started = peak_mb(), time.monotonic()
    made = window_columns({NAME: FEATURE}, CONTRACT, read, store)[NAME]
    seconds = time.monotonic() - started
    np.save(folder / "ours.npy", made)
    return {"seconds": seconds, "peak_mb": peak_mb(), "libraries_mb": before, "rows": float(len(made))}

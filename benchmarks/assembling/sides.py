"""Three ways through the same days: ours, pandas' own, and a scan that keeps nothing."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as pq

from benchmarks.assembling.partitions import ABOVE, NUMERIC, TARGET, WORDS, model, snapshot
from include.evaluation.resource_probe import memory
from include.lake.store import Store
from include.training.rows import read_labelled

COLUMNS = [*NUMERIC, *WORDS, TARGET]
Found = dict[str, float | str]


def ours(folder: Path, float32: bool = False) -> Found:
    """The labelled rows as a fit reads them."""
    spec, store, days = model(NUMERIC if float32 else ()), Store.open(str(folder)), snapshot(folder)
    before, taken = memory("VmRSS"), _clock()
    rows = read_labelled(spec, days, store)
    return _found(taken(), before, rows.features, rows.target)


def pandas(folder: Path) -> Found:
    """`read_parquet` of each day, `concat`, and what makes the same frame of it."""
    files = sorted(folder.glob("*.parquet"))
    before, taken = memory("VmRSS"), _clock()
    days = (pd.read_parquet(file, columns=COLUMNS) for file in files)
    whole = pd.concat([day[day[TARGET].notna()] for day in days], ignore_index=True)
    target = np.where(whole.pop(TARGET) > ABOVE, 1.0, 0.0)
    for name in NUMERIC:  # one by one: astype of all columns would copy the frame twice
        whole[name] = whole[name].astype(np.float64)
    return _found(taken(), before, whole, target)


def scan(folder: Path) -> Found:
    """Decodes the same columns, one file after the other."""
    files = sorted(folder.glob("*.parquet"))
    before, taken = memory("VmRSS"), _clock()
    rows = sum(pq.read_table(file, columns=COLUMNS).num_rows for file in files)
    return {**taken(), "mb": memory("VmHWM") - before, "rows": rows}


def _clock() -> Callable[[], dict[str, float]]:
    """Gives the seconds since now, on the wall and of the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    return lambda: {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu}


def _found(taken: dict[str, float], before: float, frame: pd.DataFrame, target: npt.NDArray[np.float64]) -> Found:
    """The time, the most memory beyond what the process had before, and a hash of what came out."""
    peak, size = memory("VmHWM") - before, float(frame.memory_usage(index=False).sum() + target.nbytes) / 1e6
    return {**taken, "mb": peak, "frame_mb": size, "rows": len(frame), "content": _content(frame, target)}


def _content(frame: pd.DataFrame, target: npt.NDArray[np.float64]) -> str:
    """Equal for equal names, types, values and gaps in equal order."""
    whole = hashlib.sha256(np.ascontiguousarray(target).data)
    for name in frame.columns:
        column = frame[name].to_numpy()
        whole.update(f"{name} {column.dtype}".encode())
        is_words = column.dtype == object
        numbers = pd.util.hash_array(column, categorize=True) if is_words else np.ascontiguousarray(column)
        whole.update(numbers.data)
    return whole.hexdigest()

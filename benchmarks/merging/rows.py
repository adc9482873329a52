"""The year from its rows: with pandas, with pyarrow, and the drift of a week with Evidently."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.gating.memory import peak_mb
from benchmarks.merging.days import names

RANKS = [0.01, 0.05, *np.arange(0.1, 1, 0.1).round(1).tolist(), 0.95, 0.99]
MOST_CATEGORIES = 500


def with_pandas(folder: Path, days: int, columns: int) -> dict[str, float]:
    """Everything read and concatenated, then each column's statistics, exactly."""

    def answer() -> int:
        year = _read(folder, range(days))
        numbers, words = names(columns)
        year[numbers].agg(["count", "min", "max", "mean", "var"])
        year[numbers].quantile(RANKS)
        year.nunique()
        for name in words:
            year[name].value_counts().head(MOST_CATEGORIES)
        return len(year)

    return _timed(answer)


def with_pyarrow(folder: Path, columns: int) -> dict[str, float]:
    """One column in memory at a time, with Arrow's t-digest for quantiles."""

    def answer() -> int:
        import pyarrow.compute as pc  # noqa: PLC0415 - each side is a process of its own
        import pyarrow.dataset as ds  # noqa: PLC0415

        year, (numbers, words) = ds.dataset(str(folder), format="parquet", exclude_invalid_files=True), names(columns)
        for name in numbers:
            column = year.to_table(columns=[name])[name]
            for asked in (pc.count, pc.min_max, pc.mean, pc.variance, pc.count_distinct):
                asked(column)
            pc.tdigest(column, q=RANKS)
        for name in words:
            counted = pc.value_counts(year.to_table(columns=[name])[name])
            pc.select_k_unstable(counted.field("counts"), MOST_CATEGORIES, [("", "descending")])
        return int(year.count_rows())

    return _timed(answer)


def with_evidently(folder: Path, days: int, week: int) -> dict[str, float]:
    """Its drift preset with PSI throughout, on the rows of both windows."""

    def answer() -> int:
        from evidently import Dataset, Report  # noqa: PLC0415
        from evidently.presets import DataDriftPreset  # noqa: PLC0415

        before, now = _read(folder, range(days - week)), _read(folder, range(days - week, days))
        Report([DataDriftPreset(method="psi")]).run(Dataset.from_pandas(now), Dataset.from_pandas(before)).dict()
        return len(before) + len(now)

    return _timed(answer)


def _read(folder: Path, days: Sequence[int]) -> pd.DataFrame:
    return pd.concat([pd.read_parquet(folder / f"{day:03}.parquet") for day in days], ignore_index=True)


def _timed(answer: Callable[[], int]) -> dict[str, float]:
    begin, cpu = time.perf_counter(), time.process_time()
    rows = answer()
    return {
        "seconds": time.perf_counter() - begin, "cpu_seconds": time.process_time() - cpu, "peak_mb": peak_mb(),
        "rows": rows,
    }  # fmt: skip

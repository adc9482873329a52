"""The year from its profiles."""

import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.gating.memory import peak_mb
from include.drift import drift
from include.lake import Profile, merge
from include.spec import Monitoring


def profile(folder: Path, days: int) -> dict[str, float]:
    """Reads and merges the profiles of all days."""
    begin, cpu = time.perf_counter(), time.process_time()
    year = _merged(folder, range(days))
    seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
    stored = [(folder / f"{day:03}.profile.json").stat().st_size for day in range(days)]
    return {
        "seconds": seconds, "cpu_seconds": cpu, "peak_mb": peak_mb(), "rows": year.rows,
        "bytes_a_day": sum(stored) / days, "bytes_of_the_year": len(year.to_json()),
    }  # fmt: skip


def compare(folder: Path, days: int, week: int) -> dict[str, float]:
    """Drift of the last week from the days before it, every column."""
    begin, cpu = time.perf_counter(), time.process_time()
    before, now = _merged(folder, range(days - week)), _merged(folder, range(days - week, days))
    found = drift(before, now, tuple(before.columns), Monitoring())
    return {
        "seconds": time.perf_counter() - begin, "cpu_seconds": time.process_time() - cpu, "peak_mb": peak_mb(),
        "columns": len(found),
    }  # fmt: skip


def _merged(folder: Path, days: Sequence[int]) -> Profile:
    return merge(Profile.from_json((folder / f"{day:03}.profile.json").read_bytes()) for day in days)

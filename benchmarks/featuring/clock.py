"""What a piece of work cost."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.gating.memory import peak_mb


@contextmanager
def clocked(figures: dict[str, float]) -> Iterator[None]:
    """Puts down wall and CPU seconds (of all threads), the peak memory, and what was taken before, in MB."""
    figures["libraries_mb"] = peak_mb()
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    figures["seconds"] = time.perf_counter() - wall
    figures["cpu_seconds"] = time.process_time() - cpu
    figures["peak_mb"] = peak_mb()

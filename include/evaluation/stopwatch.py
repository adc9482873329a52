"""Time that a piece of work takes, without the time it stood in line for a processor.

A worker that runs six tasks on two cores makes every model slow. What a model costs is the time from start to end less
the time that the kernel kept the thread waiting in the run queue, which it counts: the second number of
/proc/<pid>/task/<tid>/schedstat (Linux, Documentation/scheduler/sched-stats.rst). Waiting for a disk or a lock is part
of the work and stays in.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress

NANOSECOND = 1e-9


class Stopwatch:
    """Times calls made in the thread that made it; `waited` and `total` are the seconds in line and altogether so far.

    Where the kernel does not tell (macOS, some sandboxes), nothing is taken off.
    """

    def __init__(self) -> None:
        self.waited = self.total = 0.0
        self._file: int | None = None
        with suppress(FileNotFoundError):
            self._file = os.open("/proc/thread-self/schedstat", os.O_RDONLY)

    def seconds(self, work: Callable[[], object]) -> float:
        """How long the work takes."""
        waited, started = self._in_line(), time.perf_counter()
        work()
        total, waited = time.perf_counter() - started, self._in_line() - waited
        self.total += total
        self.waited += waited
        return max(total - waited, 0.0)

    def _in_line(self) -> float:
        if self._file is None:
            return 0.0
        return int(os.pread(self._file, 64, 0).split()[1]) * NANOSECOND

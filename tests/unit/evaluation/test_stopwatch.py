"""The stopwatch: work and waiting for anything else count, standing in line for a processor does not."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.evaluation import stopwatch
from include.evaluation.stopwatch import Stopwatch

SECONDS = 0.4


def busy(seconds: float = SECONDS) -> None:
    """Uses the processor for so long, however long that takes."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


@pytest.fixture
def crowded() -> Iterator[None]:
    """One processor for this process and three others that want all of it."""
    processors = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(processors)})
    others = [subprocess.Popen(["/bin/sh", "-c", "while :; do :; done"]) for _ in range(3)]
    yield
    os.sched_setaffinity(0, processors)
    for one in others:
        one.kill()
        one.wait()


@pytest.mark.skipif(not Path("/proc/thread-self/schedstat").exists(), reason="the kernel does not count waiting")
@pytest.mark.usefixtures("crowded")
def test_on_a_crowded_processor_the_work_takes_as_long_as_alone() -> None:
    watch = Stopwatch()
    found = watch.seconds(busy)
    assert found == pytest.approx(SECONDS, rel=0.1)
    assert watch.waited > SECONDS
    assert watch.total == pytest.approx(found + watch.waited)


def test_waiting_for_anything_else_is_part_of_the_work() -> None:
    assert Stopwatch().seconds(lambda: time.sleep(SECONDS)) > 0.9 * SECONDS


def test_where_the_kernel_does_not_tell_nothing_is_taken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([1.0, 3.5])
    monkeypatch.setattr(stopwatch.os, "open", lambda *_: (_ for _ in ()).throw(FileNotFoundError()))
    monkeypatch.setattr(stopwatch.time, "perf_counter", lambda: next(ticks))
    watch = Stopwatch()
    assert (watch.seconds(lambda: None), watch.waited, watch.total) == (2.5, 0.0, 2.5)

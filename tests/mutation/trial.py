"""Trials: does any test notice? Each mutant is tried in a process of its own."""

import os
import resource
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from include.settings import REPOSITORY
from tests.mutation.forked import Mutated, forget, silently, tested
from tests.mutation.mutants import Mutant
from tests.mutation.reach import Reach

MEMORY_BYTES = 8 * 1024**3
SLOWER, GRACE_SECONDS = 5, 10  # a mutant may take so many times the processor time of its tests, and some more


@dataclass(frozen=True)
class Subject:
    """A module under trial, and where the tests of its package are."""

    path: str
    tests: tuple[str, ...]

    @property
    def module(self) -> str:
        """Its dotted name."""
        return self.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")

    @property
    def source(self) -> str:
        """Its text."""
        return (REPOSITORY / self.path).read_text(encoding="utf-8")

    def judges(self, mutant: Mutant, tests: Sequence[Reach]) -> Sequence[Reach]:
        """The tests that run the function that is changed; for a constant those that run anything of the module.

        All of them where a module has nothing that runs.
        """
        running = [one for one in tests if one.runs(self.path, mutant.function)]
        return running or ([] if mutant.function else tests)


def survivors(subject: Subject, mutants: Sequence[Mutant], tests: Sequence[Reach], jobs: int) -> Iterator[bool]:
    """For each mutant in turn whether all tests that run it pass, in which case nobody noticed it."""
    waiting, running, done = list(enumerate(mutants)), dict[int, int](), dict[int, bool]()
    for place in range(len(mutants)):
        while place not in done:
            while waiting and len(running) < jobs:
                number, mutant = waiting.pop(0)
                running[_started(subject, mutant, subject.judges(mutant, tests))] = number
            process, status = os.wait()
            done[running.pop(process)] = os.waitstatus_to_exitcode(status) == 0
        yield done.pop(place)


def _started(subject: Subject, mutant: Mutant, judges: Sequence[Reach]) -> int:
    process = os.fork()
    if process:
        return process
    seconds = int(SLOWER * sum(one.seconds for one in judges)) + GRACE_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    silently()
    forget()
    sys.meta_path.insert(0, Mutated(subject.module, subject.path, mutant.source))
    os._exit(tested(["-x", *(str(REPOSITORY / one.test) for one in judges)]) if judges else 0)

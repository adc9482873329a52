"""Trials: does any test notice? Each mutant is tried in a process of its own."""

import os
import resource
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import pytest

from include.settings import REPOSITORY
from tests.mutation.mutants import Mutant
from tests.mutation.patch import Mutated, functions, patched
from tests.mutation.reach import Reach
from tests.mutation.session import forked, ours, run, tested

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


@dataclass(frozen=True)
class Court:
    """Collected tests by their ids, with what they run."""

    items: Mapping[str, pytest.Item]
    reach: Sequence[Reach]
    jobs: int

    def survivors(self, subject: Subject, mutants: Sequence[Mutant]) -> Iterator[bool]:
        """For each mutant in turn whether all tests that run it pass, in which case nobody noticed it."""
        functions()  # once, and not in every process
        waiting, running, done = list(enumerate(mutants)), dict[int, int](), dict[int, bool]()
        for place in range(len(mutants)):
            while place not in done:
                while waiting and len(running) < self.jobs:
                    number, mutant = waiting.pop(0)
                    running[forked(partial(self._try, subject, mutant))] = number
                process, status = os.wait()
                done[running.pop(process)] = os.waitstatus_to_exitcode(status) == 0
            yield done.pop(place)

    def _try(self, subject: Subject, mutant: Mutant) -> int:
        judges = subject.judges(mutant, self.reach)
        seconds = int(SLOWER * sum(one.seconds for one in judges)) + GRACE_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        if patched(subject.path, mutant):
            run([self.items[one.test] for one in judges])
            return 0
        return _again(subject, mutant, judges)


def _again(subject: Subject, mutant: Mutant, judges: Sequence[Reach]) -> int:
    """Imports everything of ours anew: what is evaluated at import can be in many places."""
    for name in ours():
        del sys.modules[name]
    sys.meta_path.insert(0, Mutated(subject.module, subject.path, mutant.source))
    return tested(["-x", *(str(REPOSITORY / one.test) for one in judges)]) if judges else 0

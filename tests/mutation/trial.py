"""Trials: does any test notice? Each mutant is tried in a process of its own, forked from one that has imported all."""

import os
import resource
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

import pytest

from include.settings import REPOSITORY

OURS = ("include", "tests", "docs", "benchmarks", "plugins")
# The configuration speaks of timeouts, and its other options are about what is printed.
QUIETLY = ("-p", "pytest_timeout", "-p", "no:terminal", "-o", "addopts=-p no:cacheprovider")
MEMORY_BYTES = 8 * 1024**3
SLOWER, GRACE_SECONDS = 5, 10  # a mutant may take so many times the processor time of the tests, and some more


@dataclass(frozen=True)
class Subject:
    """A module under trial with the tests that speak of its package, those that name the module first."""

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

    def in_order(self) -> list[str]:
        """Its test files, in the order in which a mistake is most likely noticed."""
        package, _, name = self.module.rpartition(".")
        marks = (self.module, f"from {package} import {name}")
        files = sorted(path for folder in self.tests for path in (REPOSITORY / folder).rglob("test_*.py"))
        return [
            str(path) for path in sorted(files, key=lambda path: (path.stem != f"test_{name}", _silent(path, marks)))
        ]


def survivors(subject: Subject, sources: Sequence[str], jobs: int) -> Iterator[bool]:
    """For each mutated source in turn whether all tests passed with it. Raises where they fail without any mutation."""
    seconds = _undisturbed(subject)
    waiting, running, done = list(enumerate(sources)), dict[int, int](), dict[int, bool]()
    for place in range(len(sources)):
        while place not in done:
            while waiting and len(running) < jobs:
                number, source = waiting.pop(0)
                running[_started(subject, source, seconds)] = number
            process, status = os.wait()
            done[running.pop(process)] = os.waitstatus_to_exitcode(status) == 0
        yield done.pop(place)


def _undisturbed(subject: Subject) -> int:
    """The processor seconds that one trial may take."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _, status = os.waitpid(_started(subject, subject.source, 3600), 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"The tests of {subject.path} fail as it is: {', '.join(subject.tests)}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return int(SLOWER * used) + GRACE_SECONDS


def _started(subject: Subject, source: str, seconds: int) -> int:
    process = os.fork()
    if process:
        return process
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    forget()
    sys.meta_path.insert(0, Mutated(subject, source))
    os._exit(tested(["-x", *subject.in_order()]))


def tested(arguments: Sequence[str]) -> int:
    """Runs pytest in this process, silently, with the plugins that the configuration needs and no others."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    return int(pytest.main([*QUIETLY, "-c", str(REPOSITORY / "pyproject.toml"), *arguments]))


def forget() -> None:
    """Has everything of ours imported again, and nothing of anybody else's."""
    for name in [name for name in sys.modules if name.split(".")[0] in OURS or name.startswith("test_")]:
        del sys.modules[name]


class Mutated(SourceFileLoader):
    """Imports the mutated source in place of the module."""

    def __init__(self, subject: Subject, source: str) -> None:
        super().__init__(subject.module, str(REPOSITORY / subject.path))
        self.source = source

    def find_spec(self, fullname: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The module under trial, and no other."""
        return spec_from_file_location(fullname, self.path, loader=self) if fullname == self.name else None

    def get_code(self, fullname: str) -> CodeType:
        """The mutated source, compiled."""
        return compile(self.source, self.path, "exec")


def _silent(path: Path, marks: Sequence[str]) -> bool:
    text = path.read_text(encoding="utf-8")
    return not any(mark in text for mark in marks)

"""Which functions each test runs: a mutant is tried against the tests that could notice it, the quickest first."""

import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from include.settings import REPOSITORY
from tests.mutation.session import ended, forked, run


@dataclass(frozen=True)
class Reach:
    """One test: its pytest id, the processor seconds it takes, and the functions it runs, `path:qualified.name`."""

    test: str
    seconds: float
    functions: frozenset[str]

    def runs(self, path: str, function: str | None) -> bool:
        """Whether it runs the function; without a function, whether it runs any of the module."""
        if function is None:
            return any(name.startswith(f"{path}:") for name in self.functions)
        return f"{path}:{function}" in self.functions


def reach(items: Sequence[pytest.Item]) -> list[Reach]:
    """What each test runs, the quickest first. Raises where one fails."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "reach.json"

        def record() -> None:
            found = [_recorded(item) for item in items]
            file.write_text(json.dumps(found), encoding="utf-8")

        if not ended(forked(record)):
            raise SystemExit("A test fails as it is: run make test.")
        found = json.loads(file.read_text(encoding="utf-8"))
    tests = [Reach(test, seconds, frozenset(functions)) for test, seconds, functions in found]
    return sorted(tests, key=lambda one: one.seconds)


def _recorded(item: pytest.Item) -> tuple[str, float, list[str]]:
    began = time.process_time()
    with recorded() as functions:
        run([item])
    return item.nodeid, time.process_time() - began, sorted(functions)


@contextmanager
def recorded() -> Iterator[set[str]]:
    """The functions of `include` that are called meanwhile; what is inside a function counts as the function."""
    codes, names = set[CodeType](), set[str]()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            codes.add(frame.f_code)

    sys.setprofile(note)
    try:
        yield names
    finally:
        sys.setprofile(None)
        names.update(name for code in codes if (name := _named(code)) is not None)


def _named(code: CodeType) -> str | None:
    file = Path(code.co_filename)
    if not file.is_relative_to(REPOSITORY / "include"):
        return None
    return f"{file.relative_to(REPOSITORY)}:{code.co_qualname.partition('.<locals>')[0]}"

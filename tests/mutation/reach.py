"""Which functions each test runs: a mutant is tried against the tests that could notice it, the quickest first."""

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from include.settings import REPOSITORY
from tests.mutation.forked import silently, tested


@dataclass(frozen=True)
class Reach:
    """One test: its pytest id, the processor seconds it takes, and the functions it runs, `path:qualified.name`."""

    test: str
    seconds: float
    functions: frozenset[str]

    def runs(self, path: str, function: str | None) -> bool:
        """Whether it runs the function or one inside it; without a function, whether it runs any of the module."""
        if function is None:
            return any(name.startswith(f"{path}:") for name in self.functions)
        return any(name == f"{path}:{function}" or name.startswith(f"{path}:{function}.") for name in self.functions)


def reach(folders: Sequence[str]) -> list[Reach]:
    """Every test in the folders, the quickest first. Raises where one fails."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "reach.json"
        process = os.fork()
        if not process:
            silently()
            recorder = Recorder()
            ended = tested(["-x", *(str(REPOSITORY / folder) for folder in folders)], recorder)
            file.write_text(json.dumps(recorder.found), encoding="utf-8")
            os._exit(ended)
        _, status = os.waitpid(process, 0)
        if os.waitstatus_to_exitcode(status) != 0:
            raise SystemExit(f"Tests fail as it is: {', '.join(folders)}")
        found = json.loads(file.read_text(encoding="utf-8"))
    tests = [Reach(test, seconds, frozenset(functions)) for test, seconds, functions in found]
    return sorted(tests, key=lambda one: one.seconds)


class Recorder:
    """A pytest plugin that notes the functions of ours that run while a test does, its fixtures included."""

    def __init__(self) -> None:
        self.found: list[tuple[str, float, list[str]]] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Notes what one test runs."""
        codes: set[CodeType] = set()

        def note(frame: FrameType, event: str, _: Any) -> None:
            if event == "call":
                codes.add(frame.f_code)

        began = time.process_time()
        sys.setprofile(note)
        try:
            return (yield)
        finally:
            sys.setprofile(None)
            seconds = time.process_time() - began
            self.found.append((item.nodeid, seconds, sorted(name for code in codes if (name := _named(code)))))


def _named(code: CodeType) -> str | None:
    file = Path(code.co_filename)
    if not file.is_relative_to(REPOSITORY / "include"):
        return None
    return f"{file.relative_to(REPOSITORY)}:{code.co_qualname.replace('.<locals>', '')}"

"""Processes that run our tests: forked from one that has imported everybody's code, and that import ours anew."""

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from types import CodeType, ModuleType

import hypothesis
import pytest

from include.settings import REPOSITORY

OURS = ("include", "tests", "docs", "benchmarks", "plugins")
# The configuration speaks of timeouts, and its other options are about what is printed.
QUIETLY = ("-p", "pytest_timeout", "-p", "no:terminal", "-o", "addopts=-p no:cacheprovider")


def tested(arguments: Sequence[str], *plugins: object) -> int:
    """Runs pytest in this process, always in the same way, with the plugins that the configuration needs alone."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    hypothesis.settings.register_profile("repeatable", derandomize=True, database=None)
    hypothesis.settings.load_profile("repeatable")
    return int(pytest.main([*QUIETLY, "-c", str(REPOSITORY / "pyproject.toml"), *arguments], plugins=plugins))


def silently() -> None:
    """Has this process print nothing from now on."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def forget() -> None:
    """Has everything of ours imported again, and nothing of anybody else's."""
    for name in [name for name in sys.modules if name.split(".")[0] in OURS or name.startswith("test_")]:
        del sys.modules[name]


class Mutated(SourceFileLoader):
    """Imports the mutated source in place of the module."""

    def __init__(self, module: str, path: str, source: str) -> None:
        super().__init__(module, str(REPOSITORY / path))
        self.source = source

    def find_spec(self, fullname: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The module under trial, and no other."""
        return spec_from_file_location(fullname, self.path, loader=self) if fullname == self.name else None

    def get_code(self, fullname: str) -> CodeType:
        """The mutated source, compiled."""
        return compile(self.source, self.path, "exec")

"""A pytest session whose tests are collected once, and run in processes forked from it, as often as one likes."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence

import hypothesis
import pytest

from include.settings import REPOSITORY

OURS = ("include", "tests", "docs", "benchmarks", "plugins")
# The configuration speaks of timeouts, and its other options are about what is printed.
QUIETLY = ("-p", "pytest_timeout", "-p", "no:terminal", "-s", "-o", "addopts=-p no:cacheprovider")
Work = Callable[[Sequence[pytest.Item]], None]


class Session:
    """A pytest plugin that hands the collected tests over in place of running them."""

    def __init__(self, work: Work) -> None:
        self.work = work

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Has the work done."""
        self.work(session.items)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Ends the process with the first test that fails: nobody needs the others."""
        if report.failed:
            os._exit(1)


def with_tests(folders: Sequence[str], work: Work) -> None:
    """Does the work with all tests in the folders, collected and imported."""
    if tested(folders, Session(work)) != 0:
        raise SystemExit(f"The tests of {', '.join(folders)} cannot be read, or a trial of them broke down.")


def tested(arguments: Sequence[str], *plugins: object) -> int:
    """A pytest session in this process: always in the same way, with the plugins that the configuration needs alone."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    hypothesis.settings.register_profile("repeatable", derandomize=True, database=None)
    hypothesis.settings.load_profile("repeatable")
    return int(pytest.main([*QUIETLY, "-c", str(REPOSITORY / "pyproject.toml"), *arguments], plugins=list(plugins)))


def run(items: Sequence[pytest.Item]) -> None:
    """Runs collected tests in this process, which does not survive a failure."""
    for item, after in zip(items, [*items[1:], None], strict=True):
        item.ihook.pytest_runtest_protocol(item=item, nextitem=after)


def forked(work: Callable[[], int | None]) -> int:
    """The id of a new process that does the work, prints nothing, and ends with its exit code."""
    process = os.fork()
    if process:
        return process
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    ended: int | None = 1
    try:
        ended = work()
    finally:
        os._exit(ended or 0)


def ended(process: int) -> bool:
    """Waits for a process; whether it ended well."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0


def ours() -> Iterator[str]:
    """The names of imported modules that are ours."""
    yield from (name for name in list(sys.modules) if name.split(".")[0] in OURS or name.startswith("test_"))

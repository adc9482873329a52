"""One real platform for all tests here, in a folder and on ports of its own."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from include.platform import Platform, start, stop
from include.platform.ports import free_port


@dataclass
class Ran:
    """What the tests here ran on, for the summary."""

    browser: str = ""


ran = Ran()
FOREIGN = ("AIRFLOW", "MLFLOW", "PERENNIAL")


@pytest.fixture(scope="package")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform that runs while these tests do; what the shell says about other platforms does not reach it."""
    home = tmp_path_factory.mktemp("platform")
    with pytest.MonkeyPatch.context() as shell:
        forget_foreign(shell)
        try:
            yield start(home, airflow_port=free_port(), mlflow_port=free_port(), service_port=free_port())
        finally:
            stop(home)


@pytest.fixture
def at_home(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """The platform, with this process's environment pointing at it: ledger, lake and registry are the platform's."""
    forget_foreign(monkeypatch)
    for name, value in platform.environment().items():
        monkeypatch.setenv(name, value)
    return platform


def forget_foreign(shell: pytest.MonkeyPatch) -> None:
    """Nothing of another platform reaches this one."""
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        shell.delenv(name)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if ran.browser:
        terminalreporter.write_line(f"browser of the end-to-end tests: {ran.browser}")

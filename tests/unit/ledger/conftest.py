"""Every ledger test runs on SQLite and on a real Postgres."""

import pytest

from include.ledger import Ledger
from tests.ledgers import RAN, backend, empty_url, migrated_postgres, postgres_server, url

__all__ = ["backend", "empty_url", "migrated_postgres", "postgres_server", "url"]


@pytest.fixture
def ledger(url: str) -> Ledger:
    return Ledger.open(url)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if RAN:
        counts = ", ".join(f"{count} on {backend}" for backend, count in sorted(RAN.items()))
        terminalreporter.write_line(f"ledger tests: {counts}")

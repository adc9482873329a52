"""A ledger for tests, on SQLite and on a real Postgres."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.ledger import migrate
from tests import postgres

BACKENDS = ("sqlite", "postgres")
RAN: Counter[str] = Counter()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres.server() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> Iterator[str]:
    """The name of a migrated database to copy."""
    with postgres.database(postgres_server) as url:
        migrate(url)
        yield url.partition("?")[0].rsplit("/", 1)[1]


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    RAN[request.param] += 1
    return str(request.param)


@pytest.fixture
def empty_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database nothing was created in."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path}/state/ledger.db"
        return
    with postgres.database(request.getfixturevalue("postgres_server")) as url:
        yield url


@pytest.fixture
def url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated, empty ledger."""
    if backend == "sqlite":
        address = f"sqlite:///{tmp_path}/ledger.db"
        migrate(address)
        yield address
        return
    template = request.getfixturevalue("migrated_postgres")
    with postgres.database(request.getfixturevalue("postgres_server"), template) as address:
        yield address

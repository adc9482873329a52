"""Every admission test runs on a folder and on S3."""

from pathlib import Path

import pytest

from include.ledger import Ledger, migrate
from tests.ledgers import backend, migrated_postgres, postgres_server, url
from tests.storage import s3, s3_endpoint, store

__all__ = ["backend", "migrated_postgres", "postgres_server", "s3", "s3_endpoint", "store", "url"]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    address = f"sqlite:///{tmp_path}/ledger.db"
    migrate(address)
    return Ledger.open(address)

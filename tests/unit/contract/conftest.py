"""Every admission test runs on a folder and on S3."""

from pathlib import Path

import pytest

from include.ledger import Ledger, migrate
from tests.storage import s3, s3_endpoint, store

__all__ = ["s3", "s3_endpoint", "store"]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    url = f"sqlite:///{tmp_path}/ledger.db"
    migrate(url)
    return Ledger.open(url)

"""What the ledger says when its database does not answer."""

import os
import sqlite3
from pathlib import Path

import pytest

from include.errors import Outage
from include.ledger import Ledger, PartitionRecord, database, migrate
from include.ledger.database import hidden, parse

STATED = PartitionRecord(dataset="flights", key="2013-01-01", fingerprint="f", status="admitted")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    migrate(f"sqlite:///{tmp_path}/ledger.db")
    return tmp_path / "ledger.db"


def test_a_server_that_is_down_is_an_outage_that_hides_the_password() -> None:
    with pytest.raises(Outage, match=r"(?s)127.0.0.1:1/.*PERENNIAL_LEDGER_URL") as raised:
        Ledger.open("postgresql+psycopg2://me:secret@127.0.0.1:1/ledger")
    assert "secret" not in str(raised.value)


def test_a_file_another_process_keeps_locked_is_an_outage(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    database.engine.cache_clear()
    ledger = Ledger.open(f"sqlite:///{file}")
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Outage, match=r"locked.*nothing was recorded"):
        ledger.record_partition(STATED)
    holder.close()
    database.engine.cache_clear()
    assert ledger.record_partition(STATED) == STATED


def test_a_full_disk_is_an_outage_that_asks_for_space(file: Path) -> None:
    ledger = Ledger.open(f"sqlite:///{file}")
    with database.reading(parse(f"sqlite:///{file}")) as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    large = STATED.model_copy(update={"reason": "x" * 1_000_000})

    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    database.event.listen(database.engine(parse(f"sqlite:///{file}")), "connect", limit)
    with pytest.raises(Outage, match=r"full.*Free disk space"):
        ledger.record_partition(large)
    assert ledger.partitions("flights") == []


def test_a_file_that_is_no_database_is_an_outage_naming_it(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_text("no database at all" * 100)
    with pytest.raises(Outage, match=r"ledger.db.*not a database"):
        Ledger.open(f"sqlite:///{tmp_path}/ledger.db")


def test_passwords_are_hidden() -> None:
    assert hidden(parse("postgresql://me:secret@host/ledger")) == "postgresql+psycopg2://me:***@host/ledger"


def test_a_ledger_can_be_used_on_both_sides_of_a_fork(ledger: Ledger) -> None:
    ledger.record_partition(STATED)
    child = os.fork()
    if child == 0:
        ledger.record_partition(STATED.model_copy(update={"fingerprint": "child"}))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    ledger.record_partition(STATED.model_copy(update={"fingerprint": "parent"}))
    assert status == 0
    assert ledger.judged_fingerprints("flights") == {"2013-01-01": {"f", "child", "parent"}}

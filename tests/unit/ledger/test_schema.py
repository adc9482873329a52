"""Creating and checking a ledger's schema."""

import multiprocessing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from include.errors import NotFound, SpecError
from include.ledger import Ledger, migrate
from include.ledger.database import parse, sqlite_file, writing
from include.ledger.schema import MIGRATIONS
from include.ledger.tables import REVISION, metadata


def _migrate_and_report(url: str, results: "multiprocessing.Queue[str]") -> None:
    try:
        results.put(migrate(url))
    except Exception as error:  # reported to the parent, which asserts on it
        results.put(repr(error))


def test_the_code_asks_for_the_newest_migration() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == REVISION


def test_migrations_build_exactly_the_tables_of_the_code(url: str) -> None:
    with create_engine(url).connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert differences == []


def test_migrating_twice_is_harmless(empty_url: str) -> None:
    assert [migrate(empty_url), migrate(empty_url)] == [REVISION, REVISION]
    assert Ledger.open(empty_url).partitions("flights") == []


def test_what_a_ledger_of_an_older_schema_says_is_kept(empty_url: str) -> None:
    address = parse(empty_url)
    if file := sqlite_file(address):
        file.parent.mkdir()
    values = "'flight_delay', '1', '2013-02-01', 'abc', 'a/b.parquet', 7, '2013-02-02 00:00:00'"
    with writing(address) as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS))
        command.upgrade(config, "0002")
        connection.execute(
            text(
                "INSERT INTO predictions (model, version, key, content_hash, path, rows, recorded_at) "
                f"VALUES ({values})"
            )
        )
    migrate(empty_url)
    [kept] = Ledger.open(empty_url).predictions("flight_delay")
    assert (kept.version, kept.key, kept.path, kept.rows) == ("1", "2013-02-01", "a/b.parquet", 7)


def test_processes_that_migrate_at_once_all_end_at_the_same_schema(empty_url: str) -> None:
    context = multiprocessing.get_context("fork")
    results: multiprocessing.Queue[str] = context.Queue()
    processes = [context.Process(target=_migrate_and_report, args=(empty_url, results)) for _ in range(6)]
    for process in processes:
        process.start()
    outcomes = [results.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    assert outcomes == [REVISION] * 6


def test_a_ledger_that_was_never_created_is_refused_with_the_command_that_creates_it(empty_url: str) -> None:
    with pytest.raises(NotFound, match=r"python -m include migrate"):
        Ledger.open(empty_url)


def test_looking_for_a_missing_ledger_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        Ledger.open(f"sqlite:///{tmp_path}/ledger.db")
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_with_another_schema_is_refused_naming_both_revisions(url: str) -> None:
    with create_engine(url).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(NotFound, match=rf"schema 0000, this code needs {REVISION}.*python -m include migrate"):
        Ledger.open(url)


@pytest.mark.parametrize("url", ["sqlite://", "mysql://host/ledger", "not an address"])
def test_an_address_that_can_be_no_ledger_is_refused(url: str) -> None:
    with pytest.raises(SpecError, match=r"ledger|PERENNIAL_LEDGER_URL"):
        migrate(url)


def test_a_plain_postgres_address_means_the_installed_driver() -> None:
    assert parse("postgresql://me@host/ledger").drivername == "postgresql+psycopg2"

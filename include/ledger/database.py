"""How the ledger reaches its database: engines, transactions, and failures as decisions a caller can take."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, ProgrammingError

from include.errors import Outage, SpecError

BUSY_SECONDS = 30
CONNECT_SECONDS = 10


def parse(url: str) -> URL:
    """The database the address means. `postgresql://` means the driver that is installed, psycopg2."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise SpecError(f"PERENNIAL_LEDGER_URL is no database address: {error}") from error
    backend = parsed.get_backend_name()
    if backend in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg2")
    if backend != "sqlite" or parsed.database in (None, "", ":memory:"):
        raise SpecError(
            f"The ledger cannot live in {hidden(parsed)}: "
            "use sqlite:///<file> or postgresql+psycopg2://user@host/database."
        )
    return parsed


def hidden(url: URL) -> str:
    """The address as it may be shown: without its password."""
    return url.render_as_string(hide_password=True)


def sqlite_file(url: URL) -> Path | None:
    """The file of a SQLite ledger, None for a server."""
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


@cache
def engine(url: URL) -> Engine:
    """The one engine per address. It keeps no connection open, so that it survives a fork."""
    if url.get_backend_name() == "postgresql":
        timeout = {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_SECONDS}
        return create_engine(url, poolclass=NullPool, connect_args=timeout)
    made = create_engine(url, poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS})
    event.listen(made, "connect", _leave_transactions_to_us)
    event.listen(made, "begin", _begin)
    return made


def _leave_transactions_to_us(connection: sqlite3.Connection, _: Any) -> None:
    connection.isolation_level = None


def _begin(connection: Connection) -> None:
    # A writer takes the lock at once: a read that turns into a write would fail under another writer.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(url: URL) -> Iterator[Connection]:
    """A transaction that only reads."""
    with outages(url), engine(url).connect() as connection:
        yield connection


@contextmanager
def snapshot(url: URL) -> Iterator[Connection]:
    """A transaction that only reads, and in which all that is read is as of one moment."""
    with outages(url), engine(url).connect() as connection:
        if connection.dialect.name == "postgresql":  # SQLite reads so by itself
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


@contextmanager
def writing(url: URL, *, one_at_a_time: str | None = None) -> Iterator[Connection]:
    """A transaction that writes; those with the same `one_at_a_time` wait for each other."""
    with outages(url), engine(url).connect().execution_options(writes=True) as connection, connection.begin():
        if one_at_a_time and connection.dialect.name == "postgresql":
            connection.execute(
                text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": one_at_a_time}
            )
        yield connection


@contextmanager
def outages(url: URL) -> Iterator[None]:
    """Turns what the database could not do into an Outage; a broken rule stays an IntegrityError."""
    try:
        yield
    except (IntegrityError, ProgrammingError):
        raise
    except DBAPIError as error:
        observed = str(error.orig).strip()
        raise Outage(f"The ledger {hidden(url)} did not answer: {observed}. {_advice(url, observed)}") from error


def _advice(url: URL, observed: str) -> str:
    if "full" in observed or "No space" in observed:
        return "Free disk space and run the step again; nothing was recorded."
    if "locked" in observed:
        return f"Another process held the file for over {BUSY_SECONDS} s; run the step again, nothing was recorded."
    if "readonly" in observed or "unable to open" in observed:
        return "Check that the file and its folder can be written by this user."
    if sqlite_file(url):
        return "Check the file, then run the step again; nothing was recorded."
    return "Check that the server is up and reachable (PERENNIAL_LEDGER_URL), then run the step again."

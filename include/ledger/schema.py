"""Bringing a ledger's schema to what this code needs, and telling whether it is there."""

import time
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, inspect, text
from sqlalchemy.exc import OperationalError

from include.errors import NotFound
from include.ledger.database import BUSY_SECONDS, engine, hidden, outages, parse, reading, sqlite_file, writing
from include.ledger.tables import REVISION
from include.settings import settings

MIGRATIONS = Path(__file__).with_name("migrations")


def migrate(url: str | None = None) -> str:
    """Creates the ledger or brings it to the newest schema; returns its revision. Safe when several start at once."""
    address = parse(url or settings().ledger_url)
    file = sqlite_file(address)
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        _write_ahead(address)
    with writing(address, one_at_a_time="perennial ledger migration") as connection:
        _upgrade(connection)
    return REVISION


def _upgrade(connection: Connection) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    command.upgrade(config, "head")


def _write_ahead(url: URL) -> None:
    """Readers and one writer at once. SQLite refuses the switch while another holds the file, without waiting."""
    deadline = time.monotonic() + BUSY_SECONDS
    with outages(url):
        while True:
            try:
                with engine(url).connect() as connection:
                    connection.connection.execute("PRAGMA journal_mode=WAL")
                return
            except OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)


def require_head(url: URL) -> None:
    """Refuses a ledger whose schema is not the one this code was written for."""
    found = _revision(url)
    if found == REVISION:
        return
    if found is None:
        raise NotFound(f"There is no ledger at {hidden(url)} yet. Create it: python -m include migrate")
    raise NotFound(
        f"The ledger {hidden(url)} has schema {found}, this code needs {REVISION}. "
        "Bring it there: python -m include migrate (a newer schema than the code's needs newer code)."
    )


def _revision(url: URL) -> str | None:
    file = sqlite_file(url)
    if file and not file.exists():  # connecting would create it
        return None
    with reading(url) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        return found

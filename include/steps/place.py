"""Where steps find the lake and the ledger, and how they read a day."""

from datetime import UTC, date, datetime

from include.errors import NotFound
from include.lake.store import Store
from include.ledger import Ledger
from include.settings import settings


def lake() -> Store:
    """The object store of this installation."""
    return Store.open(settings().lake)


def ledger() -> Ledger:
    """The ledger of this installation."""
    return Ledger.open()


def day(text: str) -> date:
    """A day written YYYY-MM-DD. NotFound where it is not one."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound(f"'{text}' is no day. Write it as YYYY-MM-DD, such as 2013-04-01.") from None


def moment(text: str) -> datetime:
    """A moment written YYYY-MM-DDTHH:MM, in UTC unless it says otherwise. NotFound where it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise NotFound(f"'{text}' is no moment. Write it as YYYY-MM-DDTHH:MM, such as 2013-04-01T06:00.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)

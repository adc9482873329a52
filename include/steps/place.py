"""Where steps find the lake and the ledger, and how they read a day."""

from datetime import date

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

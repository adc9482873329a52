"""The day a training stands on when nobody names one."""

from datetime import date, datetime, timedelta

from include.errors import NotFound
from include.ledger import Ledger


def day_after_newest(dataset: str, partition_format: str, ledger: Ledger) -> date:
    """The day after the newest admitted partition. NotFound where nothing was admitted yet."""
    admitted = ledger.admitted(dataset, most=1)
    if not admitted:
        raise NotFound(f"Dataset {dataset} has no admitted partition yet: land some, then train.")
    return datetime.strptime(admitted[-1].key, partition_format).date() + timedelta(days=1)

"""Users of the small model of the tests: they ask while a block runs, each of its buses again and again."""

from collections.abc import Iterator
from contextlib import contextmanager

from include.client import ModelClient
from include.traffic import Request, Traffic

RATE = 80.0


@contextmanager
def asking(address: str, model: str = "trip_late") -> Iterator[Traffic]:
    """One row per request; a request that is not answered is not asked again, but kept as failed."""
    rows = [Request({"bus": bus, "line": "red"}) for bus in range(1, 50)]
    with ModelClient(address, model, seconds=30, tries=1) as client, Traffic(client, rows, RATE) as traffic:
        yield traffic

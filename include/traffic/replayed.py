"""Rows of the lake as somebody would have sent them, each with what came true of it."""

from typing import NamedTuple

import pyarrow as pa

from include.client import Label
from include.errors import NotFound
from include.lake.reading import read_table
from include.lake.snapshot import Snapshot
from include.lake.store import Store
from include.ledger import Ledger
from include.spec import ModelSpec


class Request(NamedTuple):
    """One row to ask about, and its label where it is known."""

    row: dict[str, object]
    label: Label = None


def replayed(spec: ModelSpec, key: str | None, store: Store, ledger: Ledger) -> list[Request]:
    """The rows of one admitted partition, by default the newest. NotFound where there is none."""
    found = ledger.admitted(spec.dataset, key, key)
    if not found:
        raise NotFound(f"{spec.dataset} has no admitted partition{f' {key}' if key else ''}: there is nothing to send.")
    [entry] = Snapshot.of(spec.dataset, found[-1:]).entries
    return requests(spec, read_table(store, [entry], _columns(spec)))


def requests(spec: ModelSpec, rows: pa.Table) -> list[Request]:
    """The rows of a table with the contract's columns. Window features are left to the service."""
    sent = rows.select(_sent(spec)).to_pylist()
    labels = rows[spec.target.column].to_pylist()
    return [Request(row, label) for row, label in zip(sent, labels, strict=True)]


def _columns(spec: ModelSpec) -> list[str]:
    return list(dict.fromkeys([*_sent(spec), spec.target.column]))


def _sent(spec: ModelSpec) -> list[str]:
    """The stored features and who asks; where there are window features, whose they are and as of when."""
    stored = [name for name in spec.features.names if name not in spec.windows]
    looked_up = [name for one in spec.windows.values() for name in (*one.by, spec.contract.event_time)]
    return list(dict.fromkeys([*stored, *spec.serving.entity, *looked_up]))

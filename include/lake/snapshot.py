"""The exact data a model was trained on: a list of partition versions and one id for it."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Self

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, model_validator

from include.errors import NotFound
from include.lake.parquet import read_admitted
from include.lake.store import Store
from include.ledger.records import PartitionRecord

READERS = 8


class SnapshotEntry(BaseModel):
    """One version of one partition."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    content_hash: str
    path: str
    rows: int = Field(ge=0)


class Snapshot(BaseModel):
    """Partition versions of one dataset, ordered by key, each key once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: str
    entries: tuple[SnapshotEntry, ...]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        keys = [entry.key for entry in self.entries]
        if keys != sorted(set(keys)):
            raise ValueError("the entries of a snapshot are ordered by key, each key once")
        return self

    @classmethod
    def of(cls, dataset: str, records: Iterable[PartitionRecord]) -> Self:
        """The snapshot of admitted partitions, as the ledger gives them."""
        entries = (
            SnapshotEntry.model_validate(record.model_dump(include={"key", "content_hash", "path", "rows"}))
            for record in records
        )
        return cls(dataset=dataset, entries=tuple(sorted(entries, key=lambda entry: entry.key)))

    @property
    def id(self) -> str:
        """SHA-256 of the list: another as soon as one partition, or one value in it, is another."""
        listed = [self.dataset, [[entry.key, entry.content_hash] for entry in self.entries]]
        return hashlib.sha256(json.dumps(listed).encode()).hexdigest()

    @property
    def rows(self) -> int:
        return sum(entry.rows for entry in self.entries)

    def read(self, store: Store, columns: Sequence[str] | None = None) -> pa.Table:
        """All rows in key order.

        A column that older partitions do not have yet is null there; one that became wider is read in its widest type.
        """
        if not self.entries:
            raise NotFound(f"The snapshot of {self.dataset} has no partition, so there is nothing to read.")
        with ThreadPoolExecutor(READERS) as pool:
            tables = list(pool.map(lambda entry: read_admitted(store, entry.path, columns), self.entries))
        table = pa.concat_tables(tables, promote_options="permissive")
        missing = [name for name in columns or () if name not in table.column_names]
        if missing:
            raise NotFound(
                f"No partition of {self.dataset} in snapshot {self.id[:12]} has column {', '.join(missing)}."
            )
        return table if columns is None else table.select(list(columns))

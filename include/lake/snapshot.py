"""The exact data a model was trained on: a list of partition versions and one id for it."""

import hashlib
import json
from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from include.ledger.records import PartitionRecord


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

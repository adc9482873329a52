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
    """Partition versions of one dataset, ordered by key, each key once.

    `history` are partitions whose rows are not read: the window features of those that are look back at them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: str
    entries: tuple[SnapshotEntry, ...]
    history: tuple[SnapshotEntry, ...] = ()

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        for keys in ([entry.key for entry in self.entries], [entry.key for entry in self.history]):
            if keys != sorted(set(keys)):
                raise ValueError("the entries of a snapshot are ordered by key, each key once")
        if len({entry.key for entry in self.everything}) < len(self.everything):
            raise ValueError("a partition is read or looked back at, not both")
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
        listed = [self.dataset, _contents(self.entries), *([_contents(self.history)] if self.history else [])]
        return hashlib.sha256(json.dumps(listed).encode()).hexdigest()

    @property
    def everything(self) -> tuple[SnapshotEntry, ...]:
        """All partitions it stands on, read or looked back at, ordered by key."""
        return tuple(sorted((*self.entries, *self.history), key=lambda entry: entry.key))

    def only(self, entries: Iterable[SnapshotEntry]) -> Self:
        """The same data, but of its rows those of these partitions alone: the others become history."""
        read = tuple(entries)
        looked_at = tuple(entry for entry in self.everything if entry not in read)
        return self.model_copy(update={"entries": read, "history": looked_at})

    @property
    def rows(self) -> int:
        return sum(entry.rows for entry in self.entries)


def _contents(entries: Iterable[SnapshotEntry]) -> list[list[str]]:
    return [[entry.key, entry.content_hash] for entry in entries]

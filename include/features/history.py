"""How far window features look back: the partitions before those that are read."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from include.lake.snapshot import Snapshot
from include.ledger import Ledger, PartitionRecord
from include.spec import ContractSpec, WindowFeature


def with_history(
    snapshot: Snapshot,
    windows: Mapping[str, WindowFeature],
    contract: ContractSpec,
    ledger: Ledger,
    known_at: datetime | None = None,
) -> Snapshot:
    """The snapshot with the partitions that the window features of its rows look back at, as they are or were known.

    Partitions between its own that it does not read are among them; history that it has stays as it is.
    """
    if not windows or not snapshot.entries:
        return snapshot
    first, last = looked_at(snapshot, windows, contract)
    return looking_back(snapshot, ledger.admitted(contract.dataset, first, last, known_at=known_at))


def looked_at(snapshot: Snapshot, windows: Mapping[str, WindowFeature], contract: ContractSpec) -> tuple[str, str]:
    """The first and last key of what the window features of the snapshot's rows may see."""
    first, last = snapshot.entries[0].key, snapshot.entries[-1].key
    return key_before(contract, first, lookback(windows)), last


def looking_back(snapshot: Snapshot, records: Iterable[PartitionRecord]) -> Snapshot:
    """The snapshot with these partitions as history, but those that it has already."""
    known = {entry.key for entry in snapshot.everything}
    found = Snapshot.of(snapshot.dataset, [record for record in records if record.key not in known])
    history = tuple(sorted((*snapshot.history, *found.entries), key=lambda entry: entry.key))
    return snapshot.model_copy(update={"history": history})


def lookback(windows: Mapping[str, WindowFeature]) -> timedelta:
    """How far back the furthest looking of them goes."""
    return max(feature.lookback for feature in windows.values())


def key_before(contract: ContractSpec, key: str, time: timedelta) -> str:
    """The key of the partition so many days before."""
    return (contract.day_of(key) - time).strftime(contract.partition_format)

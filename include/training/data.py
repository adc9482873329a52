"""The data of one training: which partitions, fixed as snapshots, and how they are read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from include.errors import NotFound
from include.features.history import with_history
from include.lake.snapshot import Snapshot
from include.ledger import Ledger
from include.ledger.removal import removed
from include.spec import ContractSpec, ModelSpec
from include.training.windows import Window, windows


@dataclass(frozen=True)
class TrainingData:
    """The admitted partitions of both windows, as they are now."""

    training: Snapshot
    held_out: Snapshot
    training_window: Window
    held_out_window: Window


def training_data(spec: ModelSpec, as_of: date, ledger: Ledger, known_at: datetime | None = None) -> TrainingData:
    """The snapshots a training that stands on `as_of` uses, with `known_at` as they were known at that moment.

    NotFound where a window has no admitted partition.
    """
    chosen = windows(spec, as_of)
    snapshots = (window_snapshot(spec.contract, one, ledger, known_at) for one in (chosen.training, chosen.held_out))
    training, held_out = (with_history(one, spec.windows, spec.contract, ledger, known_at) for one in snapshots)
    return TrainingData(
        training=training,
        held_out=held_out,
        training_window=chosen.training,
        held_out_window=chosen.held_out,
    )


def window_snapshot(
    contract: ContractSpec, window: Window, ledger: Ledger, known_at: datetime | None = None
) -> Snapshot:
    """The snapshot of a window's admitted partitions, as they are or were known. NotFound where there are none."""
    first = None if window.first is None else partition_key(contract, window.first)
    records = ledger.admitted(contract.dataset, first, partition_key(contract, window.last), known_at=known_at)
    if not records:
        known = ledger.admitted(contract.dataset, known_at=known_at)
        have = f"{known[0].key} to {known[-1].key}" if known else "none"
        raise NotFound(
            f"Dataset {contract.dataset} has no admitted partition from {window}. Admitted: {have}. "
            f"Land the missing days, or choose another as-of date."
        )
    return Snapshot.of(contract.dataset, records)


def require_kept(snapshots: Iterable[Snapshot], ledger: Ledger) -> None:
    """NotFound where a version that something is about to stand on was removed, or is being removed."""
    for snapshot in snapshots:
        gone = removed(snapshot.dataset, ledger)
        if lost := [entry.key for entry in snapshot.everything if entry.path in gone]:
            raise NotFound(
                f"{snapshot.dataset}: versions of {', '.join(lost)} that this stands on were replaced and then removed "
                "(`collect`). Train again, on those that replaced them."
            )


def partition_key(contract: ContractSpec, day: date) -> str:
    """The key of a day's partition."""
    return day.strftime(contract.partition_format)


@lru_cache(maxsize=4096)  # a replay asks of the same year of keys a hundred thousand times
def _day(key: str, form: str) -> date:
    return datetime.strptime(key, form).date()


def partition_day(contract: ContractSpec, key: str) -> date:
    """The day of a partition key. NotFound where the key is not one of this dataset."""
    try:
        return _day(key, contract.partition_format)
    except ValueError:
        example = partition_key(contract, date(2013, 4, 1))
        raise NotFound(f"'{key}' is no partition key of {contract.dataset}: keys look like {example}.") from None

"""Versions of partitions nobody refers to any more: what may be removed, and what never is."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from include.lake import layout
from include.lake.store import Store
from include.ledger import Ledger, PartitionRecord
from include.registry import registry, runs
from include.registry.manifest import Snapshots


def garbage(dataset: str, before: datetime, ledger: Ledger) -> list[PartitionRecord]:
    """Admitted versions that were replaced before the moment and that nothing stands on, oldest first.

    Something stands on a version if it is the newest of its partition, if a registered version of any model was fitted
    or judged on it, or if predictions of it are stored. Where a registered version does not say what it was made of,
    NotFound is raised and nothing may be removed.
    """
    kept = {record.content_hash for record in ledger.admitted(dataset)} | registered(dataset) | ledger.scored_contents()
    admitted = [one for one in ledger.partitions(dataset) if one.status == "admitted"]
    replaced_at = {record.content_hash: later.recorded_at for record, later in _successions(admitted)}
    return [one for one in admitted if one.content_hash not in kept and replaced_at[one.content_hash] < before]


def registered(dataset: str) -> set[str]:
    """The content hashes of all partitions of the dataset that any registered version was fitted or judged on."""
    found: set[str] = set()
    for model in registry.known_models():
        for number in registry.known_versions(model):
            run_id = registry.version(model, number).run_id
            snapshots = Snapshots.model_validate_json(runs.snapshots_text(run_id))
            both = (snapshots.training, snapshots.held_out)
            found |= {entry.content_hash for one in both if one.dataset == dataset for entry in one.entries}
    return found


def remove(records: Iterable[PartitionRecord], store: Store) -> int:
    """Deletes the files of these versions with their profiles and gives how many versions went.

    The ledger keeps their rows: what was admitted, when and with which hash stays known.
    """
    count = 0
    for record in records:
        path = str(record.path)
        store.delete(layout.profile(path))
        store.delete(path)
        count += 1
    return count


def _successions(admitted: list[PartitionRecord]) -> Iterator[tuple[PartitionRecord, PartitionRecord]]:
    """Each version with the one that replaced it."""
    newest: dict[str, PartitionRecord] = {}
    for record in admitted:
        if record.key in newest:
            yield newest[record.key], record
        newest[record.key] = record

"""Versions of partitions nobody refers to any more: what may be removed, and what never is.

Fits go on while versions are removed. Who removes says so in the ledger first and looks then who stands on what; a fit
says first what it stands on and looks then what is being removed. So at least one of them sees the other, and a
version that a registered model was made of is there for as long as the model is.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from include.errors import NotFound
from include.lake import layout
from include.lake.store import Store
from include.ledger import Ledger, PartitionRecord
from include.ledger.removal import finished, record_removal
from include.registry import registry, runs
from include.registry.inputs import runs_on

UNDER_WAY = timedelta(days=30)  # a run may still be overridden and registered so long after it was started


def garbage(dataset: str, before: datetime, ledger: Ledger) -> list[PartitionRecord]:
    """Admitted versions that were replaced before the moment and that nothing stands on, oldest first, each once.

    Something stands on a version if it is the newest of its partition, if a registered version of any model, or a run
    that may yet become one, was fitted or judged on it, or if predictions of it are stored. Where a registered version
    does not say what it was made of, NotFound is raised and nothing may be removed.
    """
    kept, gone = needed(dataset, ledger), finished(dataset, ledger)
    admitted = [one for one in ledger.partitions(dataset) if one.status == "admitted"]
    replaced_at = {record.content_hash: later.recorded_at for record, later in _successions(admitted)}
    loose = {str(one.path): one for one in admitted if one.content_hash not in kept and one.path not in gone}
    return [one for one in loose.values() if replaced_at[one.content_hash] < before]


def needed(dataset: str, ledger: Ledger) -> set[str]:
    """The content hashes of all versions that something stands on."""
    newest = {str(record.content_hash) for record in ledger.admitted(dataset)}
    return newest | registered(dataset) | under_way(dataset) | ledger.scored_contents()


def registered(dataset: str) -> set[str]:
    """The content hashes of all partitions of the dataset that any registered version was fitted or judged on."""
    versions = ((model, number) for model in registry.known_models() for number in registry.known_versions(model))
    return {
        content
        for model, number in versions
        for content in _contents(dataset, registry.version(model, number).run_id)
    }  # fmt: skip


def under_way(dataset: str) -> set[str]:
    """Those of all runs that were started lately and have not failed, registered or not."""
    found: set[str] = set()
    for run_id in runs_on(dataset, datetime.now(UTC) - UNDER_WAY):
        try:
            found.update(_contents(dataset, run_id))
        except NotFound:
            continue  # no fit of ours: without the list it cannot be evaluated, nor registered
    return found


def remove(
    records: Sequence[PartitionRecord], dataset: str, actor: str, store: Store, ledger: Ledger
) -> list[PartitionRecord]:
    """Deletes the files of these versions with their profiles and gives those that went.

    What something has come to stand on since is kept. The ledger keeps all rows: what was admitted, when and with which
    hash stays known. A removal that was cut off is completed by the next one.
    """
    record_removal(dataset, _paths(records), "removing", actor, ledger)
    kept = needed(dataset, ledger)
    stay = [one for one in records if one.content_hash in kept]
    gone = [one for one in records if one.content_hash not in kept]
    record_removal(dataset, _paths(stay), "kept", actor, ledger)
    for path in _paths(gone):
        store.delete(layout.profile(path))
        store.delete(path)
    record_removal(dataset, _paths(gone), "removed", actor, ledger)
    return gone


def _contents(dataset: str, run_id: str) -> Iterator[str]:
    found = runs.snapshots(run_id)
    for one in (found.training, found.held_out):
        if one.dataset == dataset:
            yield from (entry.content_hash for entry in one.everything)


def _paths(records: Iterable[PartitionRecord]) -> list[str]:
    return [str(one.path) for one in records]


def _successions(admitted: list[PartitionRecord]) -> Iterator[tuple[PartitionRecord, PartitionRecord]]:
    """Each version with the one that replaced it."""
    newest: dict[str, PartitionRecord] = {}
    for record in admitted:
        if record.key in newest:
            yield newest[record.key], record
        newest[record.key] = record

"""Batch scoring: one admitted partition, one version, one file of predictions.

Rows come as Arrow and leave as Arrow, a block at a time, whatever the size of the partition. Window features are the
exception: their own columns of the partition and of what they look back at are in memory.
"""

import hashlib
import logging
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.pipeline import Pipeline

from include.errors import BadData, NotFound, NothingToDo
from include.evaluation.contender import as_trained
from include.features.history import with_history
from include.features.matrix import Floats, feature_frame
from include.features.reading import beside
from include.features.windows import profiles, window_columns
from include.lake import layout
from include.lake.blocks import blocks
from include.lake.profile import ColumnProfile, Profile
from include.lake.reading import pieces
from include.lake.snapshot import Snapshot, SnapshotEntry
from include.lake.store import Store
from include.ledger import Ledger, PartitionRecord, PredictionRecord
from include.registry import registry, runs
from include.registry.registry import Version
from include.spec import ModelSpec
from include.training import predictions as answers
from include.training.data import partition_day, partition_key
from include.training.predictions import PREDICTION

log = logging.getLogger(__name__)


def score(spec: ModelSpec, key: str, store: Store, ledger: Ledger, number: str | None = None) -> PredictionRecord:
    """Has the champion score the newest admitted version of a partition, or the version `number`: each does it once.

    The file is there as a whole or not at all, and one that is there is not made again, except with window features:
    they look at other days, which may have been admitted again since. The champion's is recorded; of another version
    the file is all there is, so that the watch never takes it for what users were told. Raises NothingToDo where there
    is no champion to ask, NotFound where the partition was not admitted.
    """
    asked, serves = number or champion(spec, ledger), _serves(spec, number, ledger)
    entry = _entry(spec, key, ledger)
    path = layout.predictions(spec.name, key, asked, entry.content_hash)
    if store.exists(path) and not spec.windows:
        log.info("%s v%s has scored %s: %s", spec.name, asked, key, path)
    else:
        version = registry.version(spec.name, asked)
        declared = spec if serves else as_trained(spec, runs.manifest(version.run_id))
        _score(declared, version, entry, path, store, ledger)
    made = PredictionRecord(
        model=spec.name, version=asked, key=key, content_hash=entry.content_hash, path=path, rows=entry.rows
    )
    return ledger.record_predictions(made) if serves else made


def champion(spec: ModelSpec, ledger: Ledger) -> str:
    """The number of the version that serves. NothingToDo where there is none."""
    found = ledger.champion(spec.name)
    if found is None:
        raise NothingToDo(f"{spec.name} has no champion yet, so nothing is scored. Train and release one.")
    return found.version


def _serves(spec: ModelSpec, number: str | None, ledger: Ledger) -> bool:
    """Whether the version is the champion, as none named is."""
    found = ledger.champion(spec.name)
    return number is None or (found is not None and found.version == number)


def _score(spec: ModelSpec, version: Version, entry: SnapshotEntry, path: str, store: Store, ledger: Ledger) -> None:
    """Writes the predictions and, before them, their profile."""
    _require_same_windows(spec, version)
    snapshot = with_history(Snapshot(dataset=spec.dataset, entries=(entry,)), spec.windows, spec.contract, ledger)
    pipeline = registry.load(version)
    made = window_columns(spec.windows, spec.contract, snapshot, store)
    with store.scratch() as folder:
        file = folder / "predictions.parquet"
        said = _write(spec, file, _scored(spec, version.version, entry, made, pipeline, store))
        profile = Profile(rows=entry.rows, columns={**profiles(made), PREDICTION: said})
        store.write_bytes(layout.profile(path), profile.to_json())
        store.upload(file, path)
    log.info("Scored %d rows of %s with %s v%s: %s", entry.rows, entry.key, spec.name, version.version, path)


def _scored(
    spec: ModelSpec, version: str, entry: SnapshotEntry, made: Mapping[str, Floats], pipeline: Pipeline, store: Store
) -> Iterator[pa.Table]:
    """The partition's predictions piece by piece, as they are stored."""
    first = 0
    for piece in pieces(store, entry, _columns(spec)):
        rows = pa.Table.from_batches([beside(piece, made, first)])
        said = answers.predict(spec, pipeline, feature_frame(rows, spec))
        yield _predictions(spec, version, entry.content_hash, rows, said, first)
        first += piece.num_rows


def _write(spec: ModelSpec, file: Path, scored: Iterator[pa.Table]) -> ColumnProfile:
    """Writes the predictions, a block in memory at a time, and gives the profile of what the model said."""
    first = next(scored)
    profiler = answers.profiler(spec)
    with pq.ParquetWriter(file, first.schema, compression="zstd") as writer:
        for block in blocks(chain([first], scored)):
            writer.write_table(block)
            profiler.add(block[PREDICTION].combine_chunks())
    return profiler.result()


def is_scored(spec: ModelSpec, key: str, store: Store, ledger: Ledger, number: str | None = None) -> bool:
    """Whether the newest admitted version of a partition is scored by the version, by default the champion.

    The champion's predictions also have to be the newest on record: after a rollback they are not.
    """
    asked, entry = number or champion(spec, ledger), _entry(spec, key, ledger)
    if not _serves(spec, number, ledger):
        return store.exists(layout.predictions(spec.name, key, asked, entry.content_hash))
    found = ledger.predictions(spec.name, key, key)
    return bool(found) and (found[0].version, found[0].content_hash) == (asked, entry.content_hash)


def concerns(spec: ModelSpec, key: str, ledger: Ledger) -> bool:
    """Whether an admitted partition is to be scored by itself: one the watch can still see, or one scored before.

    A champion does not score history that lands late; a backfill does. Without a champion everything concerns.
    """
    return key >= _watched_since(spec, ledger) or bool(ledger.predictions(spec.name, key, key))


def _watched_since(spec: ModelSpec, ledger: Ledger) -> str:
    """The first key of the watch's window that ends with the newest scored one; before all keys if there is none."""
    newest = ledger.newest_scored(spec.name)
    if newest is None:
        return ""
    return partition_key(
        spec.contract, partition_day(spec.contract, newest) - timedelta(days=spec.monitoring.window_days - 1)
    )


def overdue(spec: ModelSpec, ledger: Ledger, before: datetime) -> list[str]:
    """Keys of partitions that were admitted under a champion, before the given moment, and are not scored as they are.

    A model without a champion has none. History is not scored by itself, be it from before the first champion or
    further back than the watch can see.
    """
    deployments = ledger.deployments(spec.name)
    if not deployments:
        return []
    since, scored = _watched_since(spec, ledger), {one.key: one.content_hash for one in ledger.predictions(spec.name)}
    return [
        one.key
        for one in ledger.admitted(spec.dataset)
        if deployments[0].recorded_at < one.recorded_at < before
        and scored.get(one.key) != one.content_hash
        and (one.key >= since or one.key in scored)
    ]


def admitted(dataset: str, key: str, ledger: Ledger) -> PartitionRecord:
    """The newest admitted version of one partition. NotFound where there is none."""
    found = ledger.admitted(dataset, key, key)
    if not found:
        raise NotFound(
            f"Partition {key} of {dataset} is not admitted. Land it, or look for it in quarantine "
            f"(`python -m include status {dataset}`)."
        )
    return found[0]


def _entry(spec: ModelSpec, key: str, ledger: Ledger) -> SnapshotEntry:
    return Snapshot.of(spec.dataset, [admitted(spec.dataset, key, ledger)]).entries[0]


def _columns(spec: ModelSpec) -> list[str]:
    """What is read of a partition: what identifies a row, and the features it has."""
    return [name for name in dict.fromkeys([*_identity(spec), *spec.features.names]) if name not in spec.windows]


def _identity(spec: ModelSpec) -> list[str]:
    return list(dict.fromkeys([*spec.contract.keys, spec.contract.event_time]))


def _predictions(
    spec: ModelSpec, version: str, content_hash: str, table: pa.Table, said: Floats, first: int
) -> pa.Table:
    """One row per row from row `first` of the partition on: id, keys, event time, version, window features, answer."""
    ids = [prediction_id(spec.name, version, content_hash, first + row) for row in range(table.num_rows)]
    columns = {"prediction_id": pa.array(ids), **{name: table[name] for name in _identity(spec)}}
    columns["model_version"] = pa.array(np.repeat(version, table.num_rows))
    return pa.table({**columns, **{name: table[name] for name in spec.windows}, **answers.columns(spec, said)})


def _require_same_windows(spec: ModelSpec, version: Version) -> None:
    """BadData where the champion learnt from window features that meant something else."""
    if not spec.windows:
        return
    made = runs.manifest(version.run_id).windows
    other = [name for name, feature in spec.windows.items() if made.get(name, feature) != feature]
    if other:
        raise BadData(
            f"{spec.name} v{version.version} learnt from another {', '.join(other)} than features.yaml declares now: "
            "it is not asked. Give what means something else another name, and train again."
        )


def prediction_id(model: str, version: str, content_hash: str, row: int) -> str:
    """An id that is the same whenever the same version scores the same row of the same data."""
    return hashlib.sha256(f"{model}\0{version}\0{content_hash}\0{row}".encode()).hexdigest()[:32]

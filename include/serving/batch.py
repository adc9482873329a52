"""Batch scoring: one admitted partition, one version, one file of predictions."""

import hashlib
import logging
from datetime import datetime
from io import BytesIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.pipeline import Pipeline

from include.errors import NotFound, NothingToDo
from include.features.matrix import feature_frame
from include.lake import layout
from include.lake.profile import Profile, numeric_profile
from include.lake.snapshot import Snapshot
from include.lake.store import Store
from include.ledger import Ledger, PartitionRecord, PredictionRecord
from include.registry import registry
from include.spec import ModelSpec
from include.training.pipeline import PREDICTION, predict

log = logging.getLogger(__name__)


def score(spec: ModelSpec, key: str, store: Store, ledger: Ledger) -> PredictionRecord:
    """Scores the newest admitted version of a partition with the champion.

    Running it again writes the same bytes to the same place and records nothing twice. Raises NothingToDo while
    there is no champion, NotFound where the partition was not admitted.
    """
    champion = ledger.champion(spec.name)
    if champion is None:
        raise NothingToDo(f"{spec.name} has no champion yet: partition {key} is not scored. Train and release one.")
    partition = admitted(spec.dataset, key, ledger)
    snapshot = Snapshot.of(spec.dataset, [partition])
    pipeline = registry.load(registry.version(spec.name, champion.version))
    predictions = _predictions(spec, champion.version, partition, snapshot, pipeline, store)
    path = layout.predictions(spec.name, key, champion.version, snapshot.entries[0].content_hash)
    buffer = BytesIO()
    pq.write_table(predictions, buffer, compression="zstd")
    profile = Profile(rows=predictions.num_rows, columns={PREDICTION: numeric_profile(predictions[PREDICTION])})
    store.write_bytes(layout.profile(path), profile.to_json())
    store.write_bytes(path, buffer.getvalue())
    log.info("Scored %d rows of %s with %s v%s: %s", predictions.num_rows, key, spec.name, champion.version, path)
    return ledger.record_predictions(
        PredictionRecord(
            model=spec.name,
            version=champion.version,
            key=key,
            content_hash=snapshot.entries[0].content_hash,
            path=path,
            rows=predictions.num_rows,
        )
    )


def overdue(spec: ModelSpec, ledger: Ledger, before: datetime) -> list[str]:
    """Keys of partitions that were admitted under a champion, before the given moment, and are not scored as they are.

    A model without a champion has none, and history from before its first champion is not scored by itself.
    """
    deployments = ledger.deployments(spec.name)
    if not deployments:
        return []
    scored = {(one.key, one.content_hash) for one in ledger.predictions(spec.name)}
    return [
        one.key
        for one in ledger.admitted(spec.dataset)
        if deployments[0].recorded_at < one.recorded_at < before and (one.key, one.content_hash) not in scored
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


def _predictions(
    spec: ModelSpec, version: str, partition: PartitionRecord, snapshot: Snapshot, pipeline: Pipeline, store: Store
) -> pa.Table:
    """One row per row of the partition: id, keys, event time, version, prediction."""
    contract = spec.contract
    names = list(dict.fromkeys([*contract.keys, contract.event_time]))
    table = snapshot.read(store, list(dict.fromkeys([*names, *spec.features.names])))
    said = predict(spec, pipeline, feature_frame(table, spec))
    ids = [prediction_id(spec.name, version, str(partition.content_hash), row) for row in range(table.num_rows)]
    columns = {"prediction_id": pa.array(ids), **{name: table[name] for name in names}}
    columns["model_version"] = pa.array(np.repeat(version, table.num_rows))
    return pa.table({**columns, PREDICTION: pa.array(said)})


def prediction_id(model: str, version: str, content_hash: str, row: int) -> str:
    """An id that is the same whenever the same version scores the same row of the same data."""
    return hashlib.sha256(f"{model}\0{version}\0{content_hash}\0{row}".encode()).hexdigest()[:32]

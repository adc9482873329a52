"""The reference of a version: what its training window and its held-out predictions looked like."""

from collections.abc import Mapping
from io import BytesIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.pipeline import Pipeline

from include.drift import Reference
from include.errors import NotFound
from include.evaluation.coded import Coded
from include.evaluation.evidence import Evidence, folder
from include.features.matrix import Floats
from include.features.windows import features_of, profiles, window_columns
from include.lake import layout
from include.lake.merging import merge
from include.lake.profile import ColumnProfile, Profile
from include.lake.snapshot import Snapshot
from include.lake.store import Store
from include.spec import ModelSpec
from include.training import predictions
from include.training.predictions import PREDICTION

DAY = "partition"  # a column of the sample
SAMPLE_ROWS = 5000  # bounds the report, whatever the size of the window


def save(
    spec: ModelSpec,
    found: Evidence,
    training: Snapshot,
    learnt: Mapping[str, Profile],
    pipeline: Pipeline,
    store: Store,
) -> None:
    """Stores the reference and a bounded sample of its rows beside the evidence, when the version is made.

    `learnt` are the profiles of the days of the training window.
    """
    place = folder(spec.name, found.summary.run_id)
    sample, keys = sampled(spec, training, SAMPLE_ROWS, store)
    said = predictions.predict(spec, pipeline, sample)
    sample[PREDICTION] = predictions.columns(spec, said)[PREDICTION].to_numpy(zero_copy_only=False)
    table, buffer = pa.Table.from_pandas(sample.assign(**{DAY: keys.values}), preserve_index=False), BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    reference = Reference.of(learnt, by_day(spec, found.days, found.challenger), by_day(spec, keys, said))
    store.write_bytes(f"{place}/reference_sample.parquet", buffer.getvalue())
    store.write_bytes(f"{place}/reference.json", reference.model_dump_json().encode())


def load(model: str, run_id: str, store: Store) -> Reference:
    """The reference of the version that the run made. NotFound where it has none."""
    place = f"{folder(model, run_id)}/reference.json"
    if not store.exists(place):
        raise NotFound(
            f"{model} run {run_id} has no reference at {store.locate(place)}: an earlier Perennial made it. Request a "
            "training; the watch goes on with the version that comes of it."
        )
    return Reference.model_validate_json(store.read_bytes(place))


def load_sample(model: str, run_id: str, store: Store) -> pa.Table:
    """At most about `SAMPLE_ROWS` rows of the training window: features and prediction."""
    return pq.read_table(pa.BufferReader(store.read_bytes(f"{folder(model, run_id)}/reference_sample.parquet")))


def window_profile(snapshot: Snapshot, store: Store) -> Profile:
    """The profile of all partitions together, merged from what was stored when each was admitted."""
    return merge(stored_days(snapshot, store).values())


def stored_days(snapshot: Snapshot, store: Store) -> dict[str, Profile]:
    """The profile of each partition, by key, as it was stored when it was admitted."""
    return {entry.key: Profile.read(store, layout.profile(entry.path)) for entry in snapshot.entries}


def days_of(
    spec: ModelSpec, snapshot: Snapshot, store: Store, stored: Mapping[str, Profile] | None = None
) -> dict[str, Profile]:
    """The same with the window features of the model, which no partition has stored.

    What is `stored` need not be read again.
    """
    made = window_columns(spec.windows, spec.contract, snapshot, store)
    days, first = {}, 0
    read = stored_days(snapshot, store) if stored is None else stored
    for entry in snapshot.entries:
        rows = slice(first, first + entry.rows)
        days[entry.key] = with_columns(read[entry.key], profiles({name: column[rows] for name, column in made.items()}))
        first = rows.stop
    return days


def with_columns(profile: Profile, columns: Mapping[str, ColumnProfile]) -> Profile:
    """The profile with more columns."""
    return profile.model_copy(update={"columns": {**profile.columns, **columns}})


def sampled(spec: ModelSpec, snapshot: Snapshot, rows: int, store: Store) -> tuple[pd.DataFrame, Coded]:
    """The features of about so many rows, seeded, the same share of every partition: whole days would miss weekdays.

    With the partition of each row.
    """
    share, random = min(1.0, rows / max(snapshot.rows, 1)), np.random.default_rng(0)
    kept = [random.random(entry.rows) < share for entry in snapshot.entries]
    codes = np.repeat(np.arange(len(kept), dtype=np.int32), [int(mask.sum()) for mask in kept])
    keys = Coded(codes, tuple(entry.key for entry in snapshot.entries))
    return features_of(spec, snapshot, kept, store), keys


def by_day(spec: ModelSpec, days: Coded, said: Floats) -> dict[str, Profile]:
    """The predictions of each day that has some, as a profile of one column."""
    chosen = ((name, days.codes == code) for code, name in enumerate(days.names))
    return {
        name: Profile(rows=int(rows.sum()), columns={PREDICTION: predictions.profile(spec, said[rows])})
        for name, rows in chosen
        if rows.any()
    }

"""The reference of a version: what its training window and its held-out predictions looked like."""

from collections.abc import Mapping
from io import BytesIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.pipeline import Pipeline

from include.evaluation.evidence import Evidence, folder
from include.features.windows import features_of, profiles, window_columns
from include.lake import layout
from include.lake.merging import merge
from include.lake.profile import ColumnProfile, Profile
from include.lake.snapshot import Snapshot
from include.lake.store import Store
from include.spec import ModelSpec
from include.training import predictions
from include.training.predictions import PREDICTION

SAMPLE_ROWS = 5000  # bounds the report, whatever the size of the window


def save(
    spec: ModelSpec, found: Evidence, training: Snapshot, learnt: Profile, pipeline: Pipeline, store: Store
) -> None:
    """Stores the reference profile and a bounded sample beside the evidence, when the version is made.

    `learnt` is the profile of the training window.
    """
    place = folder(spec.name, found.summary.run_id)
    profile = with_columns(learnt, {PREDICTION: predictions.profile(spec, found.challenger)})
    sample = sampled(spec, training, SAMPLE_ROWS, store)
    said = predictions.predict(spec, pipeline, sample)
    sample[PREDICTION] = predictions.columns(spec, said)[PREDICTION].to_numpy(zero_copy_only=False)
    buffer = BytesIO()
    pq.write_table(pa.Table.from_pandas(sample, preserve_index=False), buffer, compression="zstd")
    store.write_bytes(f"{place}/reference_sample.parquet", buffer.getvalue())
    store.write_bytes(f"{place}/reference_profile.json", profile.to_json())


def load_profile(model: str, run_id: str, store: Store) -> Profile:
    """The reference profile of the version that the run made."""
    return Profile.read(store, f"{folder(model, run_id)}/reference_profile.json")


def load_sample(model: str, run_id: str, store: Store) -> pa.Table:
    """At most about `SAMPLE_ROWS` rows of the training window: features and prediction."""
    return pq.read_table(pa.BufferReader(store.read_bytes(f"{folder(model, run_id)}/reference_sample.parquet")))


def window_profile(snapshot: Snapshot, store: Store) -> Profile:
    """The profile of all partitions together, merged from what was stored when each was admitted."""
    return merge(Profile.read(store, layout.profile(entry.path)) for entry in snapshot.entries)


def profile_of(spec: ModelSpec, snapshot: Snapshot, store: Store) -> Profile:
    """The same with the window features of the model, which no partition has stored."""
    made = window_columns(spec.windows, spec.contract, snapshot, store)
    return with_columns(window_profile(snapshot, store), profiles(made))


def with_columns(profile: Profile, columns: Mapping[str, ColumnProfile]) -> Profile:
    """The profile with more columns."""
    return profile.model_copy(update={"columns": {**profile.columns, **columns}})


def sampled(spec: ModelSpec, snapshot: Snapshot, rows: int, store: Store) -> pd.DataFrame:
    """The features of about so many rows, seeded, the same share of every partition: whole days would miss weekdays."""
    share, random = min(1.0, rows / max(snapshot.rows, 1)), np.random.default_rng(0)
    kept = [random.random(entry.rows) < share for entry in snapshot.entries]
    return features_of(spec, snapshot, kept, store)

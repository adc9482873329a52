"""A bounded sample of the training window, for what needs rows the model learnt from but not all of them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from include.evaluation.stratified import stratified
from include.features.matrix import Floats, feature_frame, target_vector
from include.lake.parquet import read_admitted
from include.lake.snapshot import Snapshot, SnapshotEntry
from include.lake.store import Store
from include.spec import ModelSpec
from include.training.data import partition_day
from include.training.rows import LabelledRows, columns_of

ROWS, PARTITIONS = 10_000, 100
SEED = 20130101


@dataclass(frozen=True)
class TrainingSample:
    """Rows of the window, and all the known targets of the partitions they were taken from."""

    rows: LabelledRows
    targets: Floats


def training_sample(spec: ModelSpec, window: Snapshot, store: Store) -> TrainingSample:
    """About `ROWS` labelled rows, seeded, more of a class that is rare; there may be none.

    They come from at most `PARTITIONS` partitions spread over the window, of which one is in memory at a time.
    """
    entries = spread(window)
    targets = [_target(spec, entry, store) for entry in entries]
    whole = np.concatenate(targets)
    known = np.flatnonzero(~np.isnan(whole))
    chosen = known[stratified(spec.task, whole[known], ROWS, SEED).places]
    kept = np.zeros(len(whole), dtype=np.bool_)
    kept[chosen] = True
    masks = np.split(kept, np.cumsum([len(one) for one in targets])[:-1])
    tables = [
        read_admitted(store, entry.path, columns_of(spec)).filter(pa.array(mask))
        for entry, mask in zip(entries, masks, strict=True)
    ]
    days = np.array([partition_day(spec.contract, entry.key) for entry in entries], dtype="datetime64[D]")
    rows = LabelledRows(
        features=feature_frame(pa.concat_tables(tables, promote_options="default").select(columns_of(spec)), spec),
        target=whole[chosen],
        days=np.repeat(days, [int(mask.sum()) for mask in masks]),
        unlabelled=len(whole) - len(known),
    )
    return TrainingSample(rows, whole[known])


def _target(spec: ModelSpec, entry: SnapshotEntry, store: Store) -> Floats:
    """The targets of one partition; one that does not have the column yet has no labels."""
    table = read_admitted(store, entry.path, [spec.target.column])
    return target_vector(table, spec) if table.column_names else np.full(entry.rows, np.nan)


def spread(window: Snapshot, most: int = PARTITIONS) -> list[SnapshotEntry]:
    """At most so many partitions, evenly from the first to the last."""
    count = len(window.entries)
    places = np.unique(np.linspace(0, count - 1, min(most, count)).round().astype(np.int64))
    return [window.entries[place] for place in places]

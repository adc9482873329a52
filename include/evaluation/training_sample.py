"""A bounded sample of the training window, for what needs rows the model learnt from but not all of them."""

from dataclasses import dataclass

import numpy as np

from include.evaluation.stratified import stratified
from include.features.matrix import Floats
from include.features.reading import read_targets
from include.lake.reading import masks
from include.lake.snapshot import Snapshot, SnapshotEntry
from include.lake.store import Store
from include.spec import ModelSpec
from include.training.rows import LabelledRows, chosen_rows

ROWS, PARTITIONS = 10_000, 100
SEED = 20130101


@dataclass(frozen=True)
class TrainingSample:
    """Rows of the window, and all the known targets of the partitions they were taken from."""

    rows: LabelledRows
    targets: Floats


def training_sample(spec: ModelSpec, window: Snapshot, store: Store) -> TrainingSample:
    """About `ROWS` labelled rows, seeded, more of a class that is rare; there may be none.

    They come from at most `PARTITIONS` partitions spread over the window.
    """
    entries = spread(window)
    targets = read_targets(spec, entries, store)
    whole = np.concatenate(targets)
    known = np.flatnonzero(~np.isnan(whole))
    chosen = known[stratified(spec.task, whole[known], ROWS, SEED).places]
    return TrainingSample(chosen_rows(spec, window.only(entries), targets, masks(entries, chosen), store), whole[known])


def spread(window: Snapshot, most: int = PARTITIONS) -> list[SnapshotEntry]:
    """At most so many partitions, evenly from the first to the last."""
    count = len(window.entries)
    places = np.unique(np.linspace(0, count - 1, min(most, count)).round().astype(np.int64))
    return [window.entries[place] for place in places]

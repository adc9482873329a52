"""A bounded sample of the training window, for what needs rows the model learnt from but not all of them."""

import numpy as np
import pyarrow as pa

from include.features.matrix import feature_frame, target_vector
from include.lake.parquet import read_admitted
from include.lake.snapshot import Snapshot, SnapshotEntry
from include.lake.store import Store
from include.spec import ModelSpec
from include.training.data import partition_day
from include.training.rows import LabelledRows, columns_of

ROWS, PARTITIONS = 10_000, 100
SEED = 20130101


def training_sample(spec: ModelSpec, window: Snapshot, store: Store) -> LabelledRows:
    """About `ROWS` rows less those without a label, seeded; there may be none.

    The same share of at most `PARTITIONS` partitions spread over the window, of which one is in memory at a time.
    """
    chosen = spread(window)
    share = min(1.0, ROWS / max(sum(entry.rows for entry in chosen), 1))
    random, columns, pieces = np.random.default_rng(SEED), columns_of(spec), []
    for entry in chosen:
        table = read_admitted(store, entry.path, columns)
        pieces.append(table.filter(pa.array(random.random(table.num_rows) < share)))
    whole = pa.concat_tables(pieces, promote_options="default").select(columns)
    target = target_vector(whole, spec)
    known = ~np.isnan(target)
    days = np.array([partition_day(spec.contract, entry.key) for entry in chosen], dtype="datetime64[D]")
    return LabelledRows(
        features=feature_frame(whole.filter(pa.array(known)), spec),
        target=target[known],
        days=np.repeat(days, [piece.num_rows for piece in pieces])[known],
        unlabelled=int((~known).sum()),
    )


def spread(window: Snapshot, most: int = PARTITIONS) -> list[SnapshotEntry]:
    """At most so many partitions, evenly from the first to the last."""
    count = len(window.entries)
    places = np.unique(np.linspace(0, count - 1, min(most, count)).round().astype(np.int64))
    return [window.entries[place] for place in places]

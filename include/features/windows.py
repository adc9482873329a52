"""Window features of the rows of a snapshot: the one reader of training, judging, scoring, watch and rebuild."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from include.features.changes import moments_of
from include.features.matrix import Floats
from include.features.passing import Windows, partitions
from include.features.reading import read_features
from include.features.timeline import Timeline, values
from include.lake.profile import ColumnProfile
from include.lake.profiling import numeric_profile
from include.lake.reading import Mask, read_table
from include.lake.snapshot import Snapshot
from include.lake.store import Store
from include.spec import ContractSpec, ModelSpec, WindowFeature
from include.spec.windows import microseconds


def features_of(spec: ModelSpec, snapshot: Snapshot, kept: Sequence[Mask], store: Store) -> pd.DataFrame:
    """The features of the kept rows of each partition, as `feature_frame` gives them."""
    return read_features(spec.features, snapshot.entries, kept, store, _made(spec, spec.windows, snapshot, kept, store))


def rows_of(
    spec: ModelSpec, snapshot: Snapshot, columns: Sequence[str], kept: Sequence[Mask], store: Store
) -> pa.Table:
    """The kept rows of each partition with these columns and window features, in key order."""
    asked = {name: feature for name, feature in spec.windows.items() if name in columns}
    stored = [name for name in columns if name not in asked] or [spec.contract.event_time]
    table = read_table(store, snapshot.entries, stored, kept)
    for name, found in _made(spec, asked, snapshot, kept, store).items():
        table = table.append_column(name, pa.array(found, from_pandas=True))
    return table.select(list(columns))


def window_columns(windows: Windows, contract: ContractSpec, snapshot: Snapshot, store: Store) -> dict[str, Floats]:
    """Each window feature of every row of the snapshot, in key order; NaN where there is none.

    Every row is there once, in its place, whatever its window holds. It sees the rows of its own partition and of
    those before it, as far as the feature looks back; of so many partitions what they change is in memory, and the rows
    of a few. Raises BadData where a file has other rows than were admitted.
    """
    if not windows:
        return {}
    found: dict[str, list[Floats]] = {name: [] for name in windows}
    for rows, timelines in partitions(windows, contract, snapshot, store):
        for name, timeline in timelines.items():
            found[name].append(window_values(windows[name], contract, timeline, rows))
    return {name: np.concatenate([np.empty(0), *parts]) for name, parts in found.items()}


def window_values(feature: WindowFeature, contract: ContractSpec, timeline: Timeline, rows: pa.Table) -> Floats:
    """The feature of each row from the timeline of its entities; NaN where a row has no entity or no event time."""
    moments, there = moments_of(rows[contract.event_time], microseconds(feature.step))
    for name in feature.by:
        there &= rows[name].is_valid().to_numpy()
    counts, totals = timeline.at(timeline.entities.codes(rows.select(list(feature.by))), moments)
    return np.where(there, values(feature, contract, counts, totals), np.nan)


def profiles(columns: Mapping[str, Floats]) -> dict[str, ColumnProfile]:
    """What window features look like, as a profile has it."""
    return {name: numeric_profile(pa.chunked_array([pa.array(one, from_pandas=True)])) for name, one in columns.items()}


def _made(
    spec: ModelSpec, windows: Windows, snapshot: Snapshot, kept: Sequence[Mask], store: Store
) -> dict[str, Floats]:
    """The window features of the kept rows."""
    made, places = window_columns(windows, spec.contract, snapshot, store), np.concatenate([np.empty(0, bool), *kept])
    return {name: column[places] for name, column in made.items()}

"""Window features of the rows of a snapshot: the one reader of training, judging, scoring, watch and rebuild."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from include.features.changes import changes, columns_of, moments_of
from include.features.history import key_before
from include.features.matrix import Floats
from include.features.reading import read_features
from include.features.timeline import Timeline, values
from include.lake.profile import ColumnProfile
from include.lake.profiling import numeric_profile
from include.lake.reading import Mask, pieces, read_table
from include.lake.snapshot import Snapshot, SnapshotEntry
from include.lake.store import Store
from include.spec import ContractSpec, ModelSpec, WindowFeature
from include.spec.windows import microseconds

Windows = Mapping[str, WindowFeature]


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
    those before it, as far as the feature looks back; at most so many partitions are in memory, and of those only what
    they change. Raises BadData where a file has other rows than were admitted.
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


def partitions(
    windows: Windows, contract: ContractSpec, snapshot: Snapshot, store: Store
) -> Iterator[tuple[pa.Table, dict[str, Timeline]]]:
    """Each partition that is read, with what its rows may see."""
    read, seen = {entry.key for entry in snapshot.entries}, Seen(windows, contract)
    wanted = list(dict.fromkeys(column for one in windows.values() for column in columns_of(one, contract)))
    for entry in snapshot.everything:
        rows = pa.Table.from_batches(pieces(store, entry, wanted))
        seen.add(entry, rows)
        if entry.key in read:
            yield rows, seen.timelines()


def profiles(columns: Mapping[str, Floats]) -> dict[str, ColumnProfile]:
    """What window features look like, as a profile has it."""
    return {name: numeric_profile(pa.chunked_array([pa.array(one, from_pandas=True)])) for name, one in columns.items()}


def _made(
    spec: ModelSpec, windows: Windows, snapshot: Snapshot, kept: Sequence[Mask], store: Store
) -> dict[str, Floats]:
    """The window features of the kept rows."""
    made, places = window_columns(windows, spec.contract, snapshot, store), np.concatenate([np.empty(0, bool), *kept])
    return {name: column[places] for name, column in made.items()}


class Seen:
    """What the newest partitions changed, as far back as the window features look."""

    def __init__(self, windows: Windows, contract: ContractSpec) -> None:
        self._windows, self._contract = windows, contract
        self._changed: dict[str, dict[str, pa.Table]] = {name: {} for name in windows}

    def add(self, entry: SnapshotEntry, rows: pa.Table) -> None:
        """Takes the next partition in, and forgets those that it does not look back at."""
        for name, feature in self._windows.items():
            first = key_before(self._contract, entry.key, feature.lookback)
            kept = {key: one for key, one in self._changed[name].items() if key >= first}
            self._changed[name] = {**kept, entry.key: changes(name, feature, self._contract, rows)}

    def timelines(self) -> dict[str, Timeline]:
        """The windows as the newest partition sees them."""
        return {
            name: Timeline.of(name, feature.by, list(self._changed[name].values()))
            for name, feature in self._windows.items()
        }

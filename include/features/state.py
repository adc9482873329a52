"""What the online store holds of an entity: how its windows change from now on, in whole numbers."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa

from include.features.entities import Entities
from include.features.timeline import Timeline
from include.spec import WindowFeature

PARTS = ("moments", "counts", "totals")
Windows = Mapping[str, WindowFeature]


def views(windows: Windows) -> Iterator[tuple[tuple[str, ...], Windows]]:
    """The window features by the entity they are about."""
    for by in sorted({feature.by for feature in windows.values()}):
        yield by, {name: feature for name, feature in windows.items() if feature.by == by}


def definitions(windows: Windows) -> str:
    """The hash of what the window features mean."""
    declared = {name: feature.model_dump(exclude={"description"}) for name, feature in sorted(windows.items())}
    return hashlib.sha256(json.dumps(declared).encode()).hexdigest()


def column(name: str, part: str) -> str:
    """The column of a feature's `moments`, `counts` or `totals`."""
    return f"{name}__{part}"


def state(timelines: Mapping[str, Timeline], by: Sequence[str], since: Mapping[str, int]) -> pa.Table:
    """One row per entity: of each feature the moments its window changes at, and what it holds from each of them on.

    Of what was before `since` (in steps, by feature) the newest is kept alone.
    """
    entities, _ = Entities.of(pa.concat_tables([one.entities.table() for one in timelines.values()]))
    columns = {name: entities.table()[name] for name in by}
    for name, timeline in timelines.items():
        lists = _lists(timeline, timeline.entities.codes(entities.table()), since[name])
        columns |= {column(name, part): values for part, values in zip(PARTS, lists, strict=True)}
    return pa.table(columns)


def _lists(timeline: Timeline, codes: np.ndarray[tuple[int], np.dtype[np.int64]], since: int) -> list[pa.Array]:
    """The moments, counts and totals of each entity, of one without a window none."""
    known, begin = codes >= 0, timeline.places(codes, np.full(len(codes), since))
    first = np.maximum(begin, timeline.offsets[codes])
    lengths = np.where(known, timeline.offsets[codes + 1] - first, 0)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    places = np.repeat(first - offsets[:-1], lengths) + np.arange(offsets[-1])
    found = (timeline.moments, timeline.counts, timeline.totals)
    return [pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(one[places])) for one in found]


def timeline(name: str, rows: pa.Table, by: Sequence[str]) -> Timeline:
    """The timeline of the entities of these rows, as it was when the rows were made."""
    entities, codes = Entities.of(rows.select(list(by)))
    ordered = rows.take(pa.array(np.argsort(codes)))
    lists = [ordered[column(name, part)].combine_chunks() for part in PARTS]
    offsets = np.concatenate([[0], np.cumsum(lists[0].value_lengths().to_numpy(zero_copy_only=False))]).astype(np.int64)
    moments, counts, totals = (np.asarray(one.flatten().to_numpy(), dtype=np.int64) for one in lists)
    return Timeline(entities, offsets, moments, counts, totals)

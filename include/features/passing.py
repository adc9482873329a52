"""Partitions in order, each with what its rows may see of those before it; several at once where that is the same."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from include.features.changes import COUNT, MOMENT, changes, columns_of, moments_of
from include.features.history import key_before
from include.features.timeline import Timeline
from include.lake.reading import pieces
from include.lake.snapshot import Snapshot
from include.lake.store import Store
from include.spec import ContractSpec, WindowFeature
from include.spec.windows import microseconds

Windows = Mapping[str, WindowFeature]
RUN = 8  # partitions that one timeline may serve: it is sorted once, and the rows of so many are in memory
_EARLIEST, _LATEST = -(2**62), 2**62


def partitions(
    windows: Windows, contract: ContractSpec, snapshot: Snapshot, store: Store
) -> Iterator[tuple[pa.Table, dict[str, Timeline]]]:
    """Each partition that is read, with the windows of its entities as it sees them."""
    read, seen = {entry.key for entry in snapshot.entries}, Seen(windows, contract)
    wanted = list(dict.fromkeys(column for one in windows.values() for column in columns_of(one, contract)))
    waiting: list[Partition] = []
    for entry in snapshot.everything:
        new = _partition(entry.key, pa.Table.from_batches(pieces(store, entry, wanted)), windows, contract)
        if len(waiting) == RUN or not seen.is_in_order(waiting, new):
            yield from seen.shown(waiting)
            waiting = []
        seen.add(new, forget=not waiting)
        waiting += [new] if entry.key in read else []
    yield from seen.shown(waiting)


@dataclass(frozen=True)
class Partition:
    """One partition: of each feature what its rows change, and the first and last moment they ask for."""

    key: str
    rows: pa.Table
    changed: dict[str, pa.Table]
    asked: dict[str, tuple[int, int]] = field(default_factory=dict)


def _partition(key: str, rows: pa.Table, windows: Windows, contract: ContractSpec) -> Partition:
    changed, asked = {}, {}
    for name, feature in windows.items():
        changed[name] = changes(name, feature, contract, rows)
        moments, there = moments_of(rows[contract.event_time], microseconds(feature.step))
        known = moments[there]
        asked[name] = (int(known.min()), int(known.max())) if len(known) else (_LATEST, _EARLIEST)
    return Partition(key, rows, changed, asked)


class Seen:
    """What the newest partitions changed, as far back as the window features look."""

    def __init__(self, windows: Windows, contract: ContractSpec) -> None:
        self._windows, self._contract = windows, contract
        self._changed: dict[str, dict[str, pa.Table]] = {name: {} for name in windows}

    def add(self, new: Partition, *, forget: bool) -> None:
        """Takes the next partition in, and forgets those that it does not look back at."""
        for name in self._windows:
            kept = self._changed[name]
            if forget:
                kept = {key: one for key, one in kept.items() if key >= self._first(name, new)}
            self._changed[name] = {**kept, new.key: new.changed[name]}

    def is_in_order(self, waiting: list[Partition], new: Partition) -> bool:
        """Whether the partitions that wait see the same with the new one as without it, and it what it may.

        So it is where what is new begins after all they ask for, and what is too old for it was over before it asks.
        """
        for name in self._windows:
            latest = max((one.asked[name][1] for one in waiting), default=_EARLIEST)
            if _begins(new.changed[name]) <= latest:
                return False
            old = [one for key, one in self._changed[name].items() if key < self._first(name, new)]
            if waiting and max(map(_ends, old), default=_EARLIEST) > new.asked[name][0]:
                return False
        return True

    def shown(self, waiting: list[Partition]) -> Iterator[tuple[pa.Table, dict[str, Timeline]]]:
        """The partitions that wait, with the one timeline they share."""
        if waiting:
            timelines = {
                name: Timeline.of(name, feature.by, list(self._changed[name].values()))
                for name, feature in self._windows.items()
            }
            yield from ((one.rows, timelines) for one in waiting)

    def _first(self, name: str, new: Partition) -> str:
        return key_before(self._contract, new.key, self._windows[name].lookback)


def _begins(changed: pa.Table) -> int:
    """The first moment at which anything enters a window."""
    first = pc.min(changed.filter(pc.greater(changed[COUNT], 0))[MOMENT]).as_py()
    return _LATEST if first is None else int(first)


def _ends(changed: pa.Table) -> int:
    """The moment from which on nothing of it is in a window."""
    last = pc.max(changed[MOMENT]).as_py()
    return _EARLIEST if last is None else int(last)

"""Filling the online store from the lake: what the newest partitions make of every entity's windows."""

import logging
from datetime import UTC, datetime, time, timedelta
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq

from include.errors import NotFound
from include.features.changes import moments_of
from include.features.clock import Clock
from include.features.entities import Entities
from include.features.feast_store import CREATED, DATASET, EVENT, FeatureRepository
from include.features.history import with_history
from include.features.passing import partitions
from include.features.state import Windows, definitions, state, views
from include.features.timeline import Timeline
from include.lake import layout
from include.lake.snapshot import Snapshot
from include.lake.store import Store
from include.ledger import Ledger
from include.spec import ContractSpec
from include.spec.windows import microseconds

log = logging.getLogger(__name__)
MICROSECONDS = pa.timestamp("us", "UTC")


def materialise(
    contract: ContractSpec, windows: Windows, repository: FeatureRepository, store: Store, ledger: Ledger
) -> Clock:
    """The online store as the newest admitted partition makes it, and what it is made of.

    It follows from the lake alone: doing it again, or after a crash, ends the same. Nothing is written where the
    store stands on the same data already. Raises NotFound where nothing was admitted.
    """
    snapshot = _newest(contract, windows, ledger)
    before = Clock.read(contract, repository)
    if before is not None and (before.snapshot, before.definitions) == (snapshot.id, definitions(windows)):
        return before
    [(rows, timelines)] = partitions(windows, contract, snapshot, store)
    clock = _clock(contract, windows, snapshot, rows)
    for by, members in views(windows):
        _replace(contract, by, members, timelines, clock, repository, store)
    repository.write(DATASET, _dated(pa.table({"dataset": [contract.dataset], **_row(clock)}), clock))
    log.info("Materialised %d window features of %s up to %s", len(windows), contract.dataset, clock.key)
    return clock


def _newest(contract: ContractSpec, windows: Windows, ledger: Ledger) -> Snapshot:
    admitted = ledger.admitted(contract.dataset)
    if not admitted:
        raise NotFound(f"Dataset {contract.dataset} has no admitted partition yet: land some, then materialise.")
    return with_history(Snapshot.of(contract.dataset, admitted[-1:]), windows, contract, ledger)


def _clock(contract: ContractSpec, windows: Windows, snapshot: Snapshot, rows: pa.Table) -> Clock:
    key = snapshot.entries[0].key
    begin = datetime.combine(contract.day_of(key) - timedelta(days=1), time(), UTC)
    moments, there = moments_of(rows[contract.event_time], 1)
    since = int(begin.timestamp()) * 10**6
    newest = int(moments[there].max()) if there.any() else since
    return Clock(since=since, newest=newest, snapshot=snapshot.id, key=key, definitions=definitions(windows))


def _replace(
    contract: ContractSpec, by: tuple[str, ...], windows: Windows, timelines: dict[str, Timeline], clock: Clock,
    repository: FeatureRepository, store: Store,
) -> None:  # fmt: skip
    """Writes the states of one view; an entity that was there and has no rows any more gets empty windows."""
    since = {name: clock.since // microseconds(feature.step) for name, feature in windows.items()}
    path = layout.feature_states(contract.dataset, by)
    states = _dated(state({name: timelines[name] for name in windows}, by, since), clock)
    gone = _gone(path, states, by, store)
    if gone.num_rows:
        repository.write(by, _dated(_empty(gone, states), clock))
    if states.num_rows:
        repository.write(by, states)
    sink = BytesIO()
    pq.write_table(states, sink, compression="zstd")
    store.write_bytes(path, sink.getvalue())


def _gone(path: str, states: pa.Table, by: tuple[str, ...], store: Store) -> pa.Table:
    """The entities that were written last time and are not written now."""
    if not store.exists(path):
        return states.select(list(by)).slice(0, 0)
    before = pq.read_table(pa.BufferReader(store.read_bytes(path)), columns=list(by))
    known = Entities.of(states.select(list(by)))[0].codes(before)
    return before.filter(pa.array(known < 0))


def _empty(entities: pa.Table, states: pa.Table) -> pa.Table:
    lists = [field for field in states.schema if pa.types.is_list(field.type)]
    nothing = {field.name: pa.array([[]] * entities.num_rows, field.type) for field in lists}
    return pa.table({**{name: entities[name] for name in entities.column_names}, **nothing})


def _dated(rows: pa.Table, clock: Clock) -> pa.Table:
    """With the two times that Feast asks of every row: the newest event it knows of, twice, so that it repeats."""
    moment = pa.scalar(clock.newest, pa.int64()).cast(MICROSECONDS)
    for name in (EVENT, CREATED):
        rows = rows.append_column(name, pa.array([moment] * rows.num_rows, MICROSECONDS))
    return rows


def _row(clock: Clock) -> dict[str, list[str | int]]:
    return {name: [value] for name, value in clock.model_dump().items()}

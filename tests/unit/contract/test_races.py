"""Two writers of one partition, in processes of their own: the newest verdict is on the newest landing."""

from pathlib import Path

import pyarrow as pa
import pytest

from include.contract import find
from include.errors import Conflict
from include.lake import Store
from include.ledger import Ledger, PartitionRecord
from tests.landing import contract, land, published, rows
from tests.processes import at_once, held_up, perform

KEY = "2013-01-31"


@pytest.fixture
def lake(tmp_path: Path) -> str:
    return str(tmp_path / "lake")


def landed(lake: str, buses: list[int]) -> None:
    """Lands this version of the partition in the place of the one that is there."""
    land(Store.open(lake), files={"part-0.parquet": rows(bus=pa.array(buses))})


def newest(lake: str, url: str) -> list[int]:
    [record] = Ledger.open(url).admitted("trips")
    buses: list[int] = published(Store.open(lake), str(record.path))["bus"].to_pylist()
    return buses


def statuses(url: str) -> list[str]:
    return [record.status for record in Ledger.open(url).partitions("trips", KEY)]


OLD, NEW, BAD = [1, 2, 3, 4], [5, 6, 7, 8], [0, 6, 7, 8]


def test_processes_with_the_same_bytes_end_with_one_verdict(lake: str, url: str) -> None:
    landed(lake, OLD)
    ends = at_once(4, KEY, lake, url)
    assert set(ends) <= {"admitted", "NothingToDo"}
    assert "admitted" in ends
    assert statuses(url) == ["admitted"]
    assert newest(lake, url) == OLD
    assert len(Store.open(lake).list("admitted")) == 2


@pytest.mark.parametrize("step", ["check", "publish"])
def test_a_slow_judgement_does_not_replace_that_of_a_newer_landing(lake: str, url: str, step: str) -> None:
    landed(lake, OLD)
    with held_up(step, None, KEY, lake, url) as slow:
        landed(lake, NEW)
        assert perform(None, KEY, lake, url) == "admitted"
        assert slow() == "Outage"
    assert statuses(url) == ["admitted"]
    assert newest(lake, url) == NEW
    assert perform(None, KEY, lake, url) == "NothingToDo"


def test_a_landing_that_is_replaced_while_it_is_judged_is_not_admitted(lake: str, url: str) -> None:
    landed(lake, OLD)
    with held_up("check", None, KEY, lake, url) as slow:
        landed(lake, NEW)
        assert slow() == "Outage"
    assert statuses(url) == []
    assert find(contract(), Store.open(lake), Ledger.open(url)) == [KEY]
    assert perform(None, KEY, lake, url) == "admitted"
    assert newest(lake, url) == NEW


def test_data_a_person_accepts_does_not_replace_what_landed_meanwhile(lake: str, url: str) -> None:
    landed(lake, BAD)
    assert perform(None, KEY, lake, url) == "BadData"
    with held_up("check", "accept", KEY, lake, url) as slow:
        landed(lake, NEW)
        assert perform(None, KEY, lake, url) == "admitted"
        assert slow() == "Conflict"
    assert statuses(url) == ["quarantined", "admitted"]
    assert newest(lake, url) == NEW
    assert Ledger.open(url).decisions("trips") == []


def test_bad_data_that_is_judged_slowly_does_not_stand_behind_good_data(lake: str, url: str) -> None:
    landed(lake, BAD)
    with held_up("check", None, KEY, lake, url) as slow:
        landed(lake, NEW)
        assert perform(None, KEY, lake, url) == "admitted"
        assert slow() == "Outage"
    assert statuses(url) == ["admitted"]


def test_a_verdict_that_counted_others_is_refused_where_there_are_more(url: str) -> None:
    def verdict(fingerprint: str) -> PartitionRecord:
        facts = {"dataset": "trips", "key": KEY, "fingerprint": fingerprint, "status": "quarantined"}
        return PartitionRecord.model_validate(facts)

    ledger = Ledger.open(url)
    assert ledger.record_partition(verdict("1"), verdicts=0).fingerprint == "1"
    with pytest.raises(Conflict, match=r"got another verdict while this one was made: quarantined \(1\)"):
        ledger.record_partition(verdict("2"), verdicts=0)
    assert ledger.record_partition(verdict("1"), verdicts=7).fingerprint == "1"
    assert ledger.record_partition(verdict("3"), verdicts=1).fingerprint == "3"
    assert [one.fingerprint for one in ledger.partitions("trips")] == ["1", "3"]

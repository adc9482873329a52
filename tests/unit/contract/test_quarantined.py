"""What becomes of a quarantined partition."""

from typing import Any

import pyarrow as pa
import pytest

from include.contract import admit, find, verdict
from include.contract.intake import Acceptance, Admission
from include.contract.quarantined import How, settle
from include.errors import BadData, NotFound, NothingToDo
from include.lake import Store
from include.ledger import Ledger
from tests.landing import contract, land, published, rows

KEY = "2013-01-31"
ANN = Acceptance("ann", "the green line opened")
GREEN = rows(line=pa.array(["red", "blue", "red", "green"]))
WIDER = contract(columns={"line": {"type": "string", "one_of": ["red", "blue", "green"]}})


@pytest.fixture(autouse=True)
def quarantined(store: Store, ledger: Ledger) -> None:
    land(store, files={"part-0.parquet": GREEN})
    with pytest.raises(BadData):
        admit(contract(), KEY, store, ledger)


def settled(how: How, store: Store, ledger: Ledger, declared: Any = None) -> Admission | None:
    return settle(declared or contract(), KEY, how, ANN, store, ledger)


def statuses(ledger: Ledger) -> list[str]:
    return [one.status for one in ledger.partitions("trips", KEY)]


def decisions(ledger: Ledger) -> list[tuple[str, str, str]]:
    return [(one.outcome, one.actor, one.reason) for one in ledger.decisions("trips", kind="quarantine")]


def kept(store: Store) -> list[str]:
    return [entry.path for entry in store.list("quarantine") if "/data/" in entry.path]


def test_the_same_bytes_are_judged_again_once_the_contract_is_corrected(store: Store, ledger: Ledger) -> None:
    assert find(WIDER, store, ledger) == []
    found = settled("judge again", store, ledger, WIDER)
    assert found is not None
    assert (found.status, found.rows) == ("admitted", 4)
    assert published(store, found.path)["line"].to_pylist() == ["red", "blue", "red", "green"]
    assert statuses(ledger) == ["quarantined", "admitted"]
    assert decisions(ledger) == [("judged again: admitted", "ann", "the green line opened")]
    assert verdict(WIDER, KEY, store, ledger) == found
    assert find(WIDER, store, ledger) == []


def test_the_quarantined_data_is_judged_even_where_the_landing_zone_was_emptied(store: Store, ledger: Ledger) -> None:
    for entry in store.list("landing"):
        store.delete(entry.path)
    found = settled("judge again", store, ledger, WIDER)
    assert found is not None
    assert found.rows == 4


def test_data_that_still_breaks_a_rule_stays_in_quarantine_with_evidence_of_its_own(
    store: Store, ledger: Ledger
) -> None:
    with pytest.raises(BadData, match=r"1 rule is broken: line: .* as green") as refusal:
        settled("judge again", store, ledger)
    assert statuses(ledger) == ["quarantined", "quarantined"]
    assert decisions(ledger) == [("judged again: quarantined", "ann", "the green line opened")]
    evidence = [one.evidence for one in ledger.partitions("trips", KEY)]
    assert len(set(evidence)) == 2
    assert refusal.value.evidence == evidence[1]
    again = settled("judge again", store, ledger, WIDER)
    assert again is not None
    assert statuses(ledger) == ["quarantined", "quarantined", "admitted"]


def test_a_person_accepts_data_as_it_is_and_the_record_says_who_why_and_what_is_broken(
    store: Store, ledger: Ledger
) -> None:
    found = settled("accept", store, ledger)
    assert found is not None
    [record] = ledger.admitted("trips")
    assert record.path == found.path
    assert str(record.reason).startswith("Accepted as it is by ann: the green line opened. Broken: line: 1 of 4 rows")
    assert decisions(ledger) == [("accepted: admitted", "ann", "the green line opened")]
    assert verdict(contract(), KEY, store, ledger) == found


@pytest.mark.parametrize(
    "table", [rows(bus=pa.array(["a", "b", "c", "d"])), rows(line=None), rows(late=pa.array([1.0, float("inf"), 1, 2]))]
)
def test_what_cannot_have_the_contracts_types_cannot_be_accepted(store: Store, ledger: Ledger, table: pa.Table) -> None:
    land(store, files={"part-0.parquet": table})
    with pytest.raises(BadData):
        admit(contract(), KEY, store, ledger)
    with pytest.raises(BadData, match="quarantined"):
        settled("accept", store, ledger)
    assert ledger.admitted("trips") == []
    assert decisions(ledger)[0][0] == "accepted: quarantined"


def test_what_is_discarded_is_deleted_and_its_evidence_stays(store: Store, ledger: Ledger) -> None:
    assert len(kept(store)) == 1
    assert settled("discard", store, ledger) is None
    assert kept(store) == []
    [first, last] = ledger.partitions("trips", KEY)
    assert (last.status, last.evidence) == ("discarded", first.evidence)
    assert str(last.reason).startswith("Discarded by ann: the green line opened. It was: Partition")
    assert store.exists(str(last.evidence))
    assert decisions(ledger) == [("discarded", "ann", "the green line opened")]


def test_a_discarded_landing_is_not_judged_again_by_itself(store: Store, ledger: Ledger) -> None:
    settled("discard", store, ledger)
    assert find(contract(), store, ledger) == []
    for again in (admit, verdict):
        with pytest.raises(NothingToDo, match="Discarded by ann"):
            again(contract(), KEY, store, ledger)
    with pytest.raises(NothingToDo, match="not in quarantine: it is discarded"):
        settled("accept", store, ledger)


def test_a_discard_that_was_cut_off_is_finished_when_it_is_repeated(
    store: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(self: Store, path: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dangerous:
        dangerous.setattr(Store, "delete", killed)
        with pytest.raises(KeyboardInterrupt):
            settled("discard", store, ledger)
    assert len(kept(store)) == 1
    with pytest.raises(NothingToDo):
        settled("discard", store, ledger)
    assert kept(store) == []


def test_what_landed_anew_is_what_is_settled(store: Store, ledger: Ledger) -> None:
    land(store, files={"part-0.parquet": rows()})
    admit(contract(), KEY, store, ledger)
    for how in ("judge again", "accept", "discard"):
        with pytest.raises(NothingToDo, match="is not in quarantine: it is admitted"):
            settled(how, store, ledger)  # type: ignore[arg-type]
    assert statuses(ledger) == ["quarantined", "admitted"]
    assert decisions(ledger) == []
    assert len(kept(store)) == 1


def test_a_partition_nobody_judged_is_not_found(store: Store, ledger: Ledger) -> None:
    with pytest.raises(NotFound, match="2013-02-01 of trips was never judged"):
        settle(contract(), "2013-02-01", "accept", ANN, store, ledger)


def test_two_people_who_settle_at_once_end_with_one_verdict(
    store: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = Ledger.record_partition

    def overtaken(self: Ledger, mine: Any, **guarded: Any) -> Any:
        monkeypatch.setattr(Ledger, "record_partition", record)
        settle(contract(), KEY, "discard", Acceptance("bob", "no green line"), store, ledger)
        return record(self, mine, **guarded)

    monkeypatch.setattr(Ledger, "record_partition", overtaken)
    with pytest.raises(NothingToDo, match="Discarded by bob"):
        settled("accept", store, ledger)
    assert statuses(ledger) == ["quarantined", "discarded"]
    assert ledger.admitted("trips") == []

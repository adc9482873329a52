"""From landed to admitted or quarantined."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from include.contract import Admission, admit, find, intake, verdict
from include.errors import BadData, NotFound, NothingToDo, Outage
from include.lake import Landed, Profile, Store, content_hash
from include.lake.staged import Staged, stage
from include.ledger import Ledger, PartitionRecord
from tests.landing import contract, land, parquet, published, rows

KEY = "2013-01-31"


def lake_files(store: Store, folder: str = "admitted") -> list[str]:
    return [entry.path for entry in store.list(folder)]


def history(ledger: Ledger) -> list[tuple[str, str]]:
    return [(record.key, record.status) for record in ledger.partitions("trips")]


def quarantined(store: Store, ledger: Ledger, **options: Any) -> tuple[str, dict[str, Any]]:
    """The message and the reasons with which what has landed was refused."""
    with pytest.raises(BadData) as raised:
        admit(contract(**options), KEY, store, ledger)
    record = ledger.partitions("trips", KEY)[-1]
    assert record.status == "quarantined"
    assert record.reason == str(raised.value)
    reasons = json.loads(store.read_bytes(f"quarantine/trips/{KEY}/{record.fingerprint}/reasons.json"))
    return str(raised.value), reasons


def test_good_data_is_admitted_with_its_profile_and_a_row_in_the_ledger(store: Store, ledger: Ledger) -> None:
    land(store)
    admitted = admit(contract(), KEY, store, ledger)
    assert (admitted.status, admitted.rows, admitted.version_of, admitted.warnings) == ("admitted", 4, None, ())
    assert admitted.path == f"admitted/trips/{KEY}/{admitted.content_hash[:16]}.parquet"
    assert content_hash(published(store, admitted.path)) == admitted.content_hash
    assert Profile.from_json(store.read_bytes(admitted.path.replace(".parquet", ".profile.json"))).rows == 4
    [record] = ledger.admitted("trips")
    assert (record.key, record.content_hash, record.path) == (KEY, admitted.content_hash, admitted.path)


def test_what_was_admitted_has_the_contracts_types_whatever_landed(store: Store, ledger: Ledger) -> None:
    land(store, files={"part-0.parquet": rows(bus=pa.array([1, 2, 3, 4], pa.int8()))})
    table = published(store, admit(contract(), KEY, store, ledger).path)
    assert table.schema.field("bus").type == pa.int64()
    assert table.schema.field("at").type == pa.timestamp("us", "UTC")


def test_find_gives_the_complete_partitions_nobody_has_judged(store: Store, ledger: Ledger) -> None:
    land(store, "2013-02-02")
    land(store, "2013-02-01")
    land(store, "2013-02-03", marker=None)
    assert find(contract(), store, ledger) == ["2013-02-01", "2013-02-02"]
    admit(contract(), "2013-02-01", store, ledger)
    assert find(contract(), store, ledger) == ["2013-02-02"]


def test_without_a_marker_find_waits_until_the_files_have_rested(store: Store, ledger: Ledger) -> None:
    land(store, marker=None)
    assert find(contract(landing={"marker": None}), store, ledger) == []
    unmarked = contract(landing={"marker": None, "rest_seconds": 0.001})
    time.sleep(1 if not store.is_local else 0.01)  # S3 dates its objects in whole seconds
    assert find(unmarked, store, ledger) == [KEY]
    assert admit(unmarked, KEY, store, ledger).status == "admitted"


def test_a_partition_that_lands_late_is_admitted_after_newer_ones(store: Store, ledger: Ledger) -> None:
    land(store, "2013-02-02")
    admit(contract(), "2013-02-02", store, ledger)
    land(store, "2013-02-01")
    assert find(contract(), store, ledger) == ["2013-02-01"]
    admit(contract(), "2013-02-01", store, ledger)
    assert [record.key for record in ledger.admitted("trips")] == ["2013-02-01", "2013-02-02"]


def test_the_same_content_in_another_file_is_a_duplicate(store: Store, ledger: Ledger) -> None:
    land(store)
    first = admit(contract(), KEY, store, ledger)
    files = store.list("admitted")
    stored_otherwise = {"x.parquet": parquet(rows().slice(0, 2), compression="none", row_group_size=1)}
    store.delete(f"landing/trips/{KEY}/part-0.parquet")
    land(store, files={**stored_otherwise, "y.parquet": rows().slice(2)})
    assert find(contract(), store, ledger) == [KEY]
    second = admit(contract(), KEY, store, ledger)
    assert (second.status, second.path, second.version_of) == ("duplicate", first.path, None)
    assert store.list("admitted") == files
    assert find(contract(), store, ledger) == []


def test_changed_content_is_a_new_version_and_the_old_file_stays_untouched(store: Store, ledger: Ledger) -> None:
    land(store)
    first = admit(contract(), KEY, store, ledger)
    before = {entry.path: entry for entry in store.list("admitted")}
    land(store, files={"part-0.parquet": rows(late=pa.array([1.5, None, -3.0, 21.0]))})
    second = admit(contract(), KEY, store, ledger)
    after = {entry.path: entry for entry in store.list("admitted")}
    assert (second.status, second.version_of) == ("admitted", first.content_hash)
    assert second.path != first.path
    assert {path: after[path] for path in before} == before
    assert [record.content_hash for record in ledger.admitted("trips")] == [second.content_hash]


def test_content_that_goes_back_to_an_older_version_is_the_newest_again(store: Store, ledger: Ledger) -> None:
    hashes = []
    for n, late in enumerate([20.0, 21.0, 20.0]):
        store.delete(f"landing/trips/{KEY}/part-{n - 1}.parquet")
        land(store, files={f"part-{n}.parquet": rows(late=pa.array([1.5, None, -3.0, late]))})
        hashes.append(admit(contract(), KEY, store, ledger).content_hash)
    assert hashes[0] == hashes[2] != hashes[1]
    assert [record.content_hash for record in ledger.admitted("trips")] == [hashes[0]]
    assert history(ledger) == [(KEY, "admitted")] * 3


def test_a_landing_is_judged_once(store: Store, ledger: Ledger) -> None:
    land(store)
    first = admit(contract(), KEY, store, ledger)
    with pytest.raises(NothingToDo, match=rf"Partition {KEY} of trips was judged.*admitted, 4 rows"):
        admit(contract(), KEY, store, ledger)
    assert verdict(contract(), KEY, store, ledger) == first
    assert history(ledger) == [(KEY, "admitted")]


def test_before_it_is_judged_a_landing_has_no_verdict(store: Store, ledger: Ledger) -> None:
    land(store)
    assert verdict(contract(), KEY, store, ledger) is None


def test_what_has_not_landed_is_not_found_naming_the_landing_zone(store: Store, ledger: Ledger) -> None:
    with pytest.raises(NotFound, match=rf"Partition {KEY} of trips has not landed.*landing/trips"):
        admit(contract(), KEY, store, ledger)
    assert ledger.partitions("trips") == []


def test_a_partition_without_its_marker_is_not_found_naming_the_marker(store: Store, ledger: Ledger) -> None:
    land(store, files={"part-0.parquet": parquet(rows())[:-9]}, marker=None)
    with pytest.raises(NotFound, match=rf"is not complete: there is no .*{KEY}/_SUCCESS"):
        admit(contract(), KEY, store, ledger)
    assert ledger.partitions("trips") == []


@pytest.mark.parametrize("key", ["../2013-01-31", "2013-01-31/../2013-01-31", "", "2013-02-30"])
def test_a_key_that_is_none_is_not_found(store: Store, ledger: Ledger, key: str) -> None:
    land(store)
    with pytest.raises(NotFound, match="has not landed"):
        admit(contract(), key, store, ledger)


BAD: dict[str, tuple[dict[str, pa.Table | bytes], str]] = {
    "a half-written file": ({"part-0.parquet": parquet(rows())[:-30]}, "readable"),
    "no file at all": ({}, "readable"),
    "no rows": ({"part-0.parquet": rows().slice(0, 0)}, "row_count"),
    "a wrong type": ({"part-0.parquet": rows(bus=pa.array(["a", "b", "c", "d"]))}, "column_type"),
    "a null in a key": ({"part-0.parquet": rows(bus=pa.array([1, None, 3, 4]))}, "not_null"),
    "an unknown category": ({"part-0.parquet": rows(line=pa.array(["red", "blue", "red", "green"]))}, "one_of"),
    "duplicate keys": ({"a.parquet": rows(), "b.parquet": rows()}, "unique_key"),
    "a missing column": ({"part-0.parquet": rows(line=None)}, "column_present"),
    "a file that is no Parquet": ({"part-0.parquet": b"<html>502 Bad Gateway</html>"}, "readable"),
    "files that do not fit together": ({"a.parquet": rows(), "b.parquet": rows(line=None)}, "readable"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_data_is_quarantined_as_it_landed_with_reasons_for_people_and_machines(
    store: Store, ledger: Ledger, case: str
) -> None:
    files, rule = BAD[case]
    land(store, files=files)
    message, reasons = quarantined(store, ledger)
    [record] = ledger.partitions("trips")
    folder = f"quarantine/trips/{KEY}/{record.fingerprint}"
    assert message.startswith(f"Partition {KEY} of trips was quarantined, 1 rule is broken: ")
    assert f"Evidence: {store.locate(folder)}/evidence.html" in message
    assert "Fix the data upstream and land the partition again" in message
    assert [finding["rule"] for finding in reasons["findings"]] == [rule]
    for name in files:
        landed = store.read_bytes(f"landing/trips/{KEY}/{name}")
        assert store.read_bytes(f"{folder}/data/{name}") == landed
    assert record.evidence == f"{folder}/evidence.html"
    assert rule in store.read_bytes(record.evidence).decode()
    assert store.list("admitted") == []
    assert find(contract(), store, ledger) == []


def test_a_quarantined_landing_stays_bad_data_when_it_is_tried_again(store: Store, ledger: Ledger) -> None:
    land(store, files=BAD["an unknown category"][0])
    message, _ = quarantined(store, ledger)
    for again in (admit, verdict):
        with pytest.raises(BadData) as raised:
            again(contract(), KEY, store, ledger)
        assert str(raised.value) == message
    assert history(ledger) == [(KEY, "quarantined")]


def test_data_that_was_fixed_is_judged_anew(store: Store, ledger: Ledger) -> None:
    land(store, files=BAD["an unknown category"][0])
    quarantined(store, ledger)
    store.delete(f"landing/trips/{KEY}/part-0.parquet")
    land(store, files={"fixed.parquet": rows()})
    assert find(contract(), store, ledger) == [KEY]
    assert admit(contract(), KEY, store, ledger).status == "admitted"
    assert history(ledger) == [(KEY, "quarantined"), (KEY, "admitted")]


def test_a_bad_landing_does_not_touch_the_version_admitted_before(store: Store, ledger: Ledger) -> None:
    land(store)
    good = admit(contract(), KEY, store, ledger)
    land(store, files={"part-1.parquet": rows()})
    quarantined(store, ledger)
    assert [record.content_hash for record in ledger.admitted("trips")] == [good.content_hash]


def test_great_expectations_report_is_kept_beside_the_reasons(store: Store, ledger: Ledger) -> None:
    land(store, files=BAD["an unknown category"][0])
    quarantined(store, ledger)
    [record] = ledger.partitions("trips")
    report = store.read_bytes(f"quarantine/trips/{KEY}/{record.fingerprint}/validation.json")
    assert json.loads(report)["success"] is False


def test_examples_name_the_rows_and_mask_personal_columns(store: Store, ledger: Ledger) -> None:
    land(store, files={"part-0.parquet": rows(driver=pa.array(["ann", "R2D2", None, "<b>"]))})
    message, reasons = quarantined(store, ledger)
    [finding] = reasons["findings"]
    assert [(example["row"], example["bus"], example["driver"]) for example in finding["examples"]] == [
        ("1", "2", "***"),
        ("3", "4", "***"),
    ]
    folder = f"quarantine/trips/{KEY}"
    words = [message] + [store.read_bytes(e.path).decode() for e in store.list(folder) if "/data/" not in e.path]
    assert len(words) == 5
    assert not any("R2D2" in text for text in words)


def test_what_landed_cannot_write_markup_into_the_evidence(store: Store, ledger: Ledger) -> None:
    attack = "<script>alert(1)</script>"
    land(store, files={"<i>.parquet": rows(line=pa.array([attack] * 4))})
    quarantined(store, ledger)
    [record] = ledger.partitions("trips")
    page = store.read_bytes(str(record.evidence)).decode()
    assert "&lt;i&gt;.parquet" in page
    for shown in (page, store.read_bytes(str(record.evidence).replace("evidence", "validation")).decode()):
        assert attack not in shown
        assert "&lt;script&gt;alert(1)" in shown


def test_an_extra_column_is_dropped_with_a_warning(store: Store, ledger: Ledger) -> None:
    land(store, files={"part-0.parquet": rows(colour=pa.array([1] * 4))})
    admitted = admit(contract(), KEY, store, ledger)
    assert [(w.rule, w.column) for w in admitted.warnings] == [("column_known", "colour")]
    assert "colour" not in published(store, admitted.path).column_names
    assert "colour" in str(ledger.admitted("trips")[0].reason)


def test_names_that_try_to_leave_the_folder_stay_inside_the_quarantine(store: Store, ledger: Ledger) -> None:
    name = "a..%2f..\\evil name'.parquet"
    land(store, files={name: b"torn"})
    quarantined(store, ledger)
    [record] = ledger.partitions("trips")
    assert store.read_bytes(f"quarantine/trips/{KEY}/{record.fingerprint}/data/{name}") == b"torn"
    assert {path.split("/")[0] for path in lake_files(store, "")} == {"landing", "quarantine"}


def test_a_partition_that_changes_while_it_is_read_is_an_outage_and_nothing_is_decided(
    store: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(store)

    def copy_while_more_lands(part: Landed, folder: Path) -> Staged:
        land(store, files={"part-1.parquet": rows()})
        return stage(part, folder)

    monkeypatch.setattr(intake, "stage", copy_while_more_lands)
    with pytest.raises(Outage, match="changed while it was judged"):
        admit(contract(), KEY, store, ledger)
    assert ledger.partitions("trips") == []


@pytest.mark.parametrize("good", [True, False])
def test_writers_at_once_end_with_one_row_and_the_same_outcome(store: Store, ledger: Ledger, good: bool) -> None:
    land(store, files={"part-0.parquet": rows() if good else rows(bus=pa.array([0, 2, 3, 4]))})

    def attempt(_: int) -> str:
        try:
            return admit(contract(), KEY, store, ledger).path
        except NothingToDo:
            return "later"
        except BadData as error:
            return str(error)

    with ThreadPoolExecutor(4) as pool:
        outcomes = set(pool.map(attempt, range(4))) - {"later"}
    [record] = ledger.partitions("trips")
    assert outcomes == {record.path if good else record.reason}
    assert len(lake_files(store)) == (2 if good else 0)


class Crash(Exception):
    """The process dies here."""


STATES = {"a good partition": rows(), "a bad partition": rows(bus=pa.array([0, 2, 3, 4]))}


@pytest.mark.parametrize("case", STATES)
@pytest.mark.parametrize("survived", range(7))
def test_a_run_that_was_cut_off_anywhere_can_be_repeated(
    store: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, case: str, survived: int
) -> None:
    land(store, files={"part-0.parquet": STATES[case]})
    writes = {"left": survived}

    def dying(method: Any) -> Any:
        def step(*arguments: Any, **options: Any) -> Any:
            if not writes["left"]:
                raise Crash
            writes["left"] -= 1
            return method(*arguments, **options)

        return step

    with monkeypatch.context() as dangerous:
        dangerous.setattr(Store, "write_bytes", dying(Store.write_bytes))
        dangerous.setattr(Store, "upload", dying(Store.upload))
        dangerous.setattr(Ledger, "record_partition", dying(Ledger.record_partition))
        try:
            admit(contract(), KEY, store, ledger)
        except (Crash, BadData):
            assert len(ledger.partitions("trips")) in {0, 1}
    with suppress(BadData, NothingToDo):
        admit(contract(), KEY, store, ledger)
    good = case == "a good partition"
    assert history(ledger) == [(KEY, "admitted" if good else "quarantined")]
    assert len(lake_files(store)) == (2 if good else 0)
    assert len(lake_files(store, "quarantine")) == (0 if good else 5)
    assert find(contract(), store, ledger) == []


def test_a_writer_that_lost_the_race_returns_the_winners_outcome(
    store: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(store)
    record = Ledger.record_partition

    def overtaken(self: Ledger, mine: PartitionRecord, **guarded: Any) -> PartitionRecord:
        record(self, mine.model_copy(update={"rows": 99}))
        return record(self, mine, **guarded)

    monkeypatch.setattr(Ledger, "record_partition", overtaken)
    outcome = admit(contract(), KEY, store, ledger)
    assert isinstance(outcome, Admission)
    assert outcome.rows == 99


def test_finding_in_a_year_of_partitions_is_one_listing_and_one_query(
    store: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(1, 29):
        land(store, f"2013-02-{day:02}", files={"x.parquet": b""})
    calls: list[str] = []
    for owner, name in ((Store, "list"), (Ledger, "judged_fingerprints")):
        counted(monkeypatch, owner, name, calls)
    assert len(find(contract(), store, ledger)) == 28
    assert sorted(calls) == ["judged_fingerprints", "list"]


def counted(monkeypatch: pytest.MonkeyPatch, owner: type, name: str, calls: list[str]) -> None:
    method = getattr(owner, name)

    def count(*arguments: Any) -> Any:
        calls.append(name)
        return method(*arguments)

    monkeypatch.setattr(owner, name, count)


def test_admitting_a_day_takes_well_under_a_second(store: Store, ledger: Ledger) -> None:
    land(store, "2013-01-30")
    admit(contract(), "2013-01-30", store, ledger)  # imports
    land(store)
    start = time.process_time()
    admit(contract(), KEY, store, ledger)
    assert time.process_time() - start < 1

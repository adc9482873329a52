"""What has landed and what can be read of it."""

import logging
import os
from pathlib import Path

import boto3
import pyarrow as pa
import pytest

from include.errors import BadData
from include.lake import Store, landed, landed_partition
from include.lake.partitions import is_key
from tests.landing import contract, land, parquet, read_landed, rows


def only(store: Store) -> tuple[str, str, bool]:
    [partition] = landed(contract(), store)
    return partition.key, partition.fingerprint, partition.settled


def test_nothing_has_landed_in_an_empty_lake(store: Store) -> None:
    assert landed(contract(), store) == []
    assert landed_partition(contract(), store, "2013-01-31") is None


def test_partitions_are_listed_by_key_in_whatever_order_they_land(store: Store) -> None:
    for key in ("2013-02-01", "2012-12-31", "2013-01-31"):
        land(store, key)
    assert [partition.key for partition in landed(contract(), store)] == ["2012-12-31", "2013-01-31", "2013-02-01"]


def test_one_partition_alone_looks_as_it_does_in_the_list(store: Store) -> None:
    land(store, "2013-01-30")
    land(store)
    alone = landed_partition(contract(), store, "2013-01-31")
    assert alone is not None
    assert alone == landed(contract(), store)[1]


def test_a_partition_is_settled_when_its_marker_is_there(store: Store) -> None:
    land(store, marker=None)
    assert only(store)[2] is False
    land(store, files={})
    assert only(store)[2] is True


def test_without_a_marker_a_partition_is_settled_when_its_newest_file_has_rested(store: Store) -> None:
    unmarked = contract(landing={"marker": None, "rest_seconds": 60})
    land(store, marker=None)
    land(store, files={"part-1.parquet": rows()}, marker=None)
    [first] = landed(unmarked, store)
    newest = max(entry.mtime_ns for entry in first.files) / 1e9
    assert not landed(unmarked, store, now=newest + 59)[0].settled
    assert landed(unmarked, store, now=newest + 60)[0].settled


def test_the_fingerprint_changes_with_any_file_and_not_with_the_marker(store: Store) -> None:
    land(store, marker=None)
    before = only(store)[1]
    land(store, files={})
    assert only(store)[1] == before
    land(store, files={"part-1.parquet": rows()})
    added = only(store)[1]
    store.delete("landing/trips/2013-01-31/part-1.parquet")
    land(store, files={"part-0.parquet": parquet(rows(), compression="none")})
    assert len({before, added, only(store)[1]}) == 3


def test_a_file_rewritten_with_the_same_size_is_another_landing(tmp_path: Path) -> None:
    store = Store.open(str(tmp_path))
    land(store)
    before = only(store)[1]
    os.utime(tmp_path / "landing/trips/2013-01-31/part-0.parquet", ns=(1, 1))
    assert only(store)[1] != before


def test_folders_that_are_no_keys_are_ignored_and_logged(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    for key in ("2013-01-31", "2013-02-30", "2013-1-5", "tmp", "2013-01-31.bak", "2013-01-31 "):
        land(store, key)
    store.write_bytes("landing/trips/README", b"")
    with caplog.at_level(logging.WARNING):
        assert [partition.key for partition in landed(contract(), store)] == ["2013-01-31"]
    assert "'2013-02-30'" in caplog.text
    assert "and 1 more" in caplog.text


@pytest.mark.parametrize("name", ["2013-01-31\n", "2013-01-31\0", "\u0662013-01-31", "2013-001-31", " 2013-01-31"])
def test_only_what_the_format_writes_is_a_key(name: str) -> None:
    assert is_key(contract(), "2013-01-31")
    assert not is_key(contract(), name)


def test_only_parquet_files_directly_in_the_folder_count(store: Store) -> None:
    land(store, files={"a.parquet": rows(), ".b.parquet": b"", "_c.parquet": b"", "d.csv": b"", "deep/e.parquet": b""})
    [partition] = landed(contract(), store)
    assert [entry.name for entry in partition.files] == ["a.parquet"]


def test_names_that_would_leave_the_folder_are_not_followed(s3: str) -> None:
    store = Store.open("s3://lake/tricks")
    land(store)
    client = boto3.client("s3")
    for name in ("../2013-01-30/x.parquet", "/x.parquet", "..", "a/../../x.parquet"):
        client.put_object(Bucket="lake", Key=f"tricks/landing/trips/2013-01-31/{name}", Body=b"x")
    partition = landed_partition(contract(), store, "2013-01-31")
    assert partition is not None
    assert [entry.path for entry in partition.files] == ["2013-01-31/part-0.parquet"]


@pytest.mark.parametrize("key", ["../2013-01-31", "2013-01-31/..", "..", "", "/etc"])
def test_a_key_that_is_a_path_is_no_key(store: Store, key: str) -> None:
    land(store)
    assert landed_partition(contract(), store, key) is None


def test_odd_but_harmless_file_names_are_read(store: Store) -> None:
    land(store, files={"a b\\c%2f'é.parquet": rows()})
    [partition] = landed(contract(), store)
    assert read_landed(partition).num_rows == 4


def test_a_landing_zone_elsewhere_is_used_when_the_contract_names_one(store: Store, tmp_path: Path) -> None:
    elsewhere = Store.open(str(tmp_path / "elsewhere"))
    elsewhere.write_bytes("2013-01-31/x.parquet", parquet(rows()))
    elsewhere.write_bytes("2013-01-31/DONE", b"")
    named = contract(landing={"uri": elsewhere.uri, "marker": "DONE"})
    [partition] = landed(named, store)
    assert partition.settled
    assert read_landed(partition).num_rows == 4


def test_files_are_read_in_the_order_of_their_names(store: Store) -> None:
    land(store, files={"b.parquet": rows().slice(2), "a.parquet": rows().slice(0, 2)})
    [partition] = landed(contract(), store)
    assert read_landed(partition)["bus"].to_pylist() == [1, 2, 3, 4]


def test_files_with_other_but_compatible_types_are_one_table(store: Store) -> None:
    narrow = rows(bus=pa.array([1, 2, 3, 4], pa.int16()))
    land(store, files={"a.parquet": narrow, "b.parquet": rows()})
    [partition] = landed(contract(), store)
    assert read_landed(partition)["bus"].type == pa.int64()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (parquet(rows())[:-20], "no readable Parquet file"),
        (parquet(rows())[:10], "no readable Parquet file"),
        (b"", "no readable Parquet file"),
        (b"at,bus\n1,2\n", "no readable Parquet file"),
    ],
)
def test_a_torn_or_foreign_file_is_bad_data_naming_it(store: Store, content: bytes, said: str) -> None:
    land(store, files={"part-0.parquet": rows(), "part-1.parquet": content})
    [partition] = landed(contract(), store)
    with pytest.raises(BadData, match=rf"2013-01-31/part-1.parquet is {said}"):
        read_landed(partition)


def test_a_file_damaged_inside_is_bad_data_naming_it(store: Store) -> None:
    content = bytearray(parquet(rows(), compression="zstd", use_dictionary=False))
    content[20:120] = b"\xff" * 100
    land(store, files={"part-0.parquet": bytes(content)})
    [partition] = landed(contract(), store)
    with pytest.raises(BadData, match=r"part-0.parquet is no readable Parquet file"):
        read_landed(partition)


def test_strings_that_are_no_text_are_bad_data_naming_the_file(store: Store) -> None:
    broken = pa.array([b"red", b"\xff\xfe", b"red", b"blue"]).view(pa.string())
    land(store, files={"part-0.parquet": rows(line=broken)})
    [partition] = landed(contract(), store)
    with pytest.raises(BadData, match=r"part-0.parquet holds impossible values: .*UTF"):
        read_landed(partition)


def test_a_marked_folder_without_data_is_a_landing_that_cannot_be_read(store: Store) -> None:
    land(store, files={})
    [partition] = landed(contract(), store)
    with pytest.raises(BadData, match=r"has no Parquet file in .*landing/trips/2013-01-31"):
        read_landed(partition)


def test_files_that_differ_in_columns_are_bad_data_naming_both(store: Store) -> None:
    land(store, files={"a.parquet": rows(), "b.parquet": rows(late=None)})
    [partition] = landed(contract(), store)
    with pytest.raises(BadData, match=r"a.parquet and b.parquet .* differ in columns: 'late'"):
        read_landed(partition)


def test_files_that_differ_in_types_are_bad_data(store: Store) -> None:
    land(store, files={"a.parquet": rows(), "b.parquet": rows(bus=pa.array(["1", "2", "3", "4"]))})
    [partition] = landed(contract(), store)
    with pytest.raises(BadData, match=r"differ in types: .*bus"):
        read_landed(partition)

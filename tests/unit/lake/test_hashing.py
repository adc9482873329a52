"""The hash of what a table says."""

import datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from include.lake import content_hash, hashing
from tests.landing import parquet, rows


@pytest.mark.parametrize(
    "options",
    [{"compression": "none"}, {"compression": "zstd"}, {"row_group_size": 1}, {"use_dictionary": False}],
)
def test_the_hash_does_not_depend_on_how_the_file_is_written(options: dict[str, object]) -> None:
    stored = pq.read_table(pa.BufferReader(parquet(rows(), **options)))
    assert content_hash(stored) == content_hash(rows())


def test_the_hash_does_not_depend_on_chunks_or_slices() -> None:
    table = rows()
    assert content_hash(pa.concat_tables([table.slice(0, 1), table.slice(1)])) == content_hash(table)
    padded = pa.concat_tables([table.slice(3), table, table.slice(0, 1)]).combine_chunks()
    assert content_hash(padded.slice(1, 4)) == content_hash(table)


def test_the_hash_does_not_see_what_lies_under_a_null() -> None:
    buffers = pa.array([1, 99, 3]).buffers()
    hidden = pa.Array.from_buffers(pa.int64(), 3, [pa.py_buffer(b"\x05"), buffers[1]])
    assert hidden.to_pylist() == [1, None, 3]
    assert content_hash(pa.table({"a": hidden})) == content_hash(pa.table({"a": pa.array([1, None, 3])}))


def test_a_dictionary_says_the_same_as_its_values() -> None:
    plain = pa.table({"a": ["x", "y", None, "x"]})
    assert content_hash(pa.table({"a": plain["a"].dictionary_encode()})) == content_hash(plain)


def test_a_dictionary_of_numbers_says_the_same_as_its_values() -> None:
    plain = pa.table({"a": [1, 2, None, 1]})
    assert content_hash(pa.table({"a": plain["a"].dictionary_encode()})) == content_hash(plain)


def test_long_text_behind_a_dictionary_is_hashed_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = pa.table({"a": ["x" * 100, None, "y" * 7, "", "x" * 100, "z"] * 3})
    coded = pa.table({"a": plain["a"].dictionary_encode()})
    monkeypatch.setattr(hashing, "_DECODED_BYTES", 110)
    assert content_hash(coded) == content_hash(plain)


def test_hashes_of_the_past_stay_as_they_are() -> None:
    """The ledger and every manifest are full of them."""
    assert content_hash(rows()) == "25be2d91a9cbb324b1d5bad75913fc54bb4423310bd83b92bc8d2108049b1ae5"
    text = pa.table({"d": pa.array(["a", "bb", None, "a"]).dictionary_encode(), "n": pa.nulls(4)})
    assert content_hash(text) == "3eb5f7b7c790e06531e0c42c4ac372a9cca47a7a012a2a41767011e3c9846844"


CHANGES = {
    "a number": rows(bus=pa.array([1, 2, 3, 5])),
    "a string": rows(line=pa.array(["red", "blue", "red", "bluE"])),
    "a null": rows(late=pa.array([1.5, None, None, 20.0])),
    "a zero for a null": rows(late=pa.array([1.5, 0.0, -3.0, 20.0])),
    "an empty string for a null": rows(driver=pa.array(["ann", "bob", "", "cy"])),
    "a moved letter": rows(driver=pa.array(["an", "nbob", None, "cy"])),
    "a flag": rows(full=pa.array([True, True, None, True])),
    "a moment": rows(at=pa.array([0, 60_000, 120_000, 180_001], pa.timestamp("ms"))),
    "a type": rows(bus=pa.array([1, 2, 3, 4], pa.int32())),
    "a unit": rows(at=rows()["at"].cast(pa.timestamp("us"))),
    "a name": rows().rename_columns(["at", "bus", "line", "late", "full", "pilot"]),
    "the order of rows": rows().take([1, 0, 2, 3]),
    "a row less": rows().slice(0, 3),
    "no rows": rows().slice(0, 0),
    "a column less": rows(driver=None),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_hash_changes_with(change: str) -> None:
    assert content_hash(CHANGES[change]) != content_hash(rows())


def test_all_changes_have_hashes_of_their_own() -> None:
    assert len({content_hash(table) for table in CHANGES.values()}) == len(CHANGES)


def test_dates_and_binary_have_a_hash() -> None:
    day = datetime.date(2013, 1, 31)
    one = pa.table({"d": [day], "b": pa.array([b"x"], pa.large_binary()), "n": pa.nulls(1)})
    other = pa.table({"d": [day], "b": pa.array([b"y"], pa.large_binary()), "n": pa.nulls(1)})
    assert content_hash(one) != content_hash(other)
    assert len(content_hash(one)) == 64


def test_a_nested_column_is_refused() -> None:
    with pytest.raises(TypeError, match=r"list.* has no content hash"):
        content_hash(pa.table({"a": [[1, 2]]}))

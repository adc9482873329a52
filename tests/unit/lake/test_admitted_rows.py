"""Reading: the columns and rows that are wanted, piece by piece, and what a file may not be."""

import numpy as np
import pyarrow as pa
import pytest

from include.errors import BadData, NotFound
from include.lake import Snapshot, SnapshotEntry, Store, content_hash, reading
from include.lake.reading import in_parallel, masks, pieces, read_table, stored_hash
from tests.landing import parquet, rows


def admitted(store: Store, key: str, table: pa.Table, **options: int) -> SnapshotEntry:
    path = f"admitted/trips/{key}/{content_hash(table)[:16]}.parquet"
    store.write_bytes(path, parquet(table, **options))
    return SnapshotEntry(key=key, content_hash=content_hash(table), path=path, rows=table.num_rows)


def test_rows_are_read_in_key_order_with_the_wanted_columns(store: Store) -> None:
    entries = [admitted(store, f"2013-01-{day:02}", rows(bus=pa.array([day] * 4))) for day in range(1, 13)]
    table = read_table(store, entries, ["late", "bus"])
    assert table.column_names == ["late", "bus"]
    assert table["bus"].to_pylist() == [day for day in range(1, 13) for _ in range(4)]


def test_only_the_kept_rows_are_given_in_pieces_of_bounded_size(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BLOCK_ROWS", 7)
    table = pa.table({"bus": pa.array(range(100))})
    entry, kept = admitted(store, "a", table, row_group_size=30), np.array([place % 3 == 0 for place in range(100)])
    found = list(pieces(store, entry, ["bus"], kept))
    assert [one for piece in found for one in piece["bus"].to_pylist()] == list(range(0, 100, 3))
    assert max(piece.num_rows for piece in found) <= 7
    whole = list(pieces(store, entry, ["bus"]))
    assert [piece.num_rows for piece in whole] == [7, 7, 7, 7, 2] * 3 + [7, 3]


def test_a_group_of_rows_of_which_none_is_kept_is_not_read(store: Store) -> None:
    """Its bytes are spoilt, which only who reads them would notice."""
    table = pa.table({"bus": pa.array(np.random.default_rng(0).random(3000))})
    content = bytearray(parquet(table, row_group_size=1000, compression="zstd", use_dictionary=False))
    content[len(content) // 2 - 500 : len(content) // 2 + 500] = bytes(1000)
    store.write_bytes("spoilt.parquet", bytes(content))
    entry, kept = SnapshotEntry(key="a", content_hash="c", path="spoilt.parquet", rows=3000), np.ones(3000, dtype=bool)
    with pytest.raises(BadData, match=r"spoilt\.parquet is no readable Parquet file"):
        list(pieces(store, entry, ["bus"], kept))
    kept[1000:2000] = False
    found = pa.Table.from_batches(pieces(store, entry, ["bus"], kept))
    assert found["bus"].to_pylist() == table["bus"].to_pylist()[:1000] + table["bus"].to_pylist()[2000:]


def test_no_row_is_one_empty_piece_with_the_columns(store: Store) -> None:
    entry = admitted(store, "a", rows())
    for kept in (np.zeros(4, dtype=bool), None):
        table = read_table(store, [entry], ["late", "line"], None if kept is None else [kept])
        assert table.schema == pa.schema([("late", pa.float64()), ("line", pa.string())])
        assert table.num_rows == (4 if kept is None else 0)
    nothing = admitted(store, "b", rows().slice(0, 0))
    assert [piece.num_rows for piece in pieces(store, nothing, ["late"])] == [0]


def test_text_comes_as_a_dictionary_where_asked_for_and_only_text(store: Store) -> None:
    entry = admitted(store, "a", rows())
    found = next(pieces(store, entry, ["line", "bus", "colour"], coded=["line", "bus", "colour"]))
    assert [str(field.type) for field in found.schema] == [
        "dictionary<values=string, indices=int32, ordered=0>", "int64", "null",
    ]  # fmt: skip
    assert found["line"].to_pylist() == ["red", "blue", "red", "blue"]


def test_a_column_is_null_where_older_partitions_do_not_have_it(store: Store) -> None:
    entries = [admitted(store, "a", rows(late=None)), admitted(store, "b", rows())]
    table = read_table(store, entries, ["late"])
    assert table["late"].to_pylist() == [None] * 4 + [1.5, None, -3.0, 20.0]
    assert table["late"].type == pa.float64()


def test_a_column_that_no_partition_has_is_not_found(store: Store) -> None:
    entries = [admitted(store, key, rows()) for key in ("a", "b")]
    with pytest.raises(NotFound, match=r"No partition from a to b has column colour\."):
        read_table(store, entries, ["bus", "colour"])


def test_a_column_that_became_wider_is_read_in_its_widest_type(store: Store) -> None:
    whole = admitted(store, "2013-01-01", rows(late=pa.array([1, 2, None, 4])))
    late = read_table(store, [whole, admitted(store, "2013-01-02", rows())], ["late"])["late"]
    assert late.type == pa.float64()
    assert late.to_pylist() == [1.0, 2.0, None, 4.0, 1.5, None, -3.0, 20.0]


def test_nothing_can_be_read_of_no_partition(store: Store) -> None:
    with pytest.raises(NotFound, match=r"There is no partition"):
        read_table(store, Snapshot(dataset="trips", entries=()).entries, ["bus"])


def test_a_lost_file_is_not_found_and_a_torn_one_is_bad_data(store: Store) -> None:
    entry = admitted(store, "a", rows())
    store.write_bytes(entry.path, b"torn")
    with pytest.raises(BadData, match=r"no readable Parquet"):
        read_table(store, [entry], ["bus"])
    store.delete(entry.path)
    with pytest.raises(NotFound, match=r"no file"):
        read_table(store, [entry], ["bus"])


def test_a_file_with_other_rows_than_on_record_is_bad_data(store: Store) -> None:
    entry = admitted(store, "a", rows())
    store.write_bytes(entry.path, parquet(rows().slice(1)))
    with pytest.raises(BadData, match=r"\.parquet has 3 rows, 4 are on record: it was changed"):
        read_table(store, [entry], ["bus"])


def test_places_among_all_rows_become_a_mask_of_each_file() -> None:
    entries = [SnapshotEntry(key=str(n), content_hash="c", path="p", rows=n) for n in (2, 0, 3)]
    found = masks(entries, np.array([4, 0, 2]))
    assert [one.tolist() for one in found] == [[True, False], [], [True, False, True]]


def test_files_are_told_apart_and_stay_in_order() -> None:
    entries = [SnapshotEntry(key=str(n), content_hash="c", path="p", rows=n) for n in range(20)]
    assert in_parallel(lambda file, beside: (file.rows, beside), entries, range(20)) == [(n, n) for n in range(20)]


def test_the_hash_of_a_file_is_that_of_its_rows_however_they_are_stored(store: Store) -> None:
    table = pa.concat_tables([rows(), rows(line=pa.array(["red", None, "", "long" * 50]))] * 5)
    entry = admitted(store, "a", table, row_group_size=7)
    assert stored_hash(store, entry.path) == content_hash(table) == entry.content_hash
    store.write_bytes(entry.path, parquet(table.slice(0, 39)))
    assert stored_hash(store, entry.path) == content_hash(table.slice(0, 39)) != entry.content_hash

"""Hostile and damaged partitions: each is told with its file and rule, kept in quarantine, and harms nothing else."""

import json
import os
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from include.contract import admit, find
from include.errors import BadData, NotFound
from include.lake import Store, bearable, content_hash, staged
from include.lake.staged import Staged
from include.ledger import Ledger
from tests.landing import contract, land, parquet, published, rows
from tests.spoiling import MAKERS, good
from tests.thrifty import deep_file, page_of

KEY = "2013-01-31"
BESIDE = "2013-01-30"
SEEDS = {"spoilt bytes": range(60), "any columns": range(30)}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A lake in a folder: names and links that S3 cannot have are part of the game."""
    return Store.open(str(tmp_path / "lake"))


def refused(store: Store, ledger: Ledger, **files: bytes) -> tuple[str, dict[str, Any]]:
    """The message and the first broken rule with which the files were refused."""
    land(store, KEY, {f"{name}.parquet": content for name, content in files.items()})
    with pytest.raises(BadData) as raised:
        admit(contract(rows={"min": 1}), KEY, store, ledger)
    [record] = ledger.partitions("trips", KEY)
    assert record.status == "quarantined"
    reasons = json.loads(store.read_bytes(str(record.evidence).replace("evidence.html", "reasons.json")))
    first: dict[str, Any] = next(one for one in reasons["findings"] if one["severity"] == "fail")
    return str(raised.value), first


@pytest.mark.parametrize("kind", MAKERS)
def test_whatever_lands_is_admitted_as_a_whole_or_refused_by_name_and_rule(
    store: Store, ledger: Ledger, kind: str
) -> None:
    wide = contract(rows={"min": 1})
    ends: Counter[str] = Counter()
    for seed in SEEDS[kind]:
        key = f"{2000 + seed}-01-31"
        land(store, key, {"part-0.parquet": MAKERS[kind](seed)})
        with suppress(BadData):
            admit(wide, key, store, ledger)
        [record] = ledger.partitions("trips", key)
        if record.status == "admitted":
            assert content_hash(published(store, str(record.path))) == record.content_hash, seed
        else:
            assert store.read_bytes(str(record.evidence)).endswith(b"</html>\n"), seed
            assert "part-0.parquet" in str(record.reason) or "broken: readable" not in str(record.reason), seed
        ends[record.status] += 1
    assert ends["quarantined"] > len(SEEDS[kind]) / 2
    assert ends["admitted"] > len(SEEDS[kind]) / 30


def test_a_partition_beside_a_hostile_one_is_admitted(store: Store, ledger: Ledger) -> None:
    land(store, BESIDE)
    refused(store, ledger, deep=deep_file(100_000))
    assert find(contract(), store, ledger) == [BESIDE]
    assert admit(contract(), BESIDE, store, ledger).status == "admitted"


@pytest.mark.parametrize("levels", [65, 10_000, 49_000])
def test_columns_inside_columns_are_refused_before_a_reader_dies_of_them(
    store: Store, ledger: Ledger, levels: int
) -> None:
    message, finding = refused(store, ledger, deep=deep_file(levels))
    assert finding["rule"] == "bearable"
    assert f"deep.parquet asks for more than is read: columns inside columns, {levels} deep (at most 64" in message


def test_columns_inside_columns_may_be_as_deep_as_the_limit(store: Store, ledger: Ledger) -> None:
    _, finding = refused(store, ledger, deep=deep_file(64))
    assert finding["rule"] == "column_present"


def test_thousands_of_columns_are_counted_and_not_listed(store: Store, ledger: Ledger) -> None:
    many = pa.table(
        {**{name: good()[name] for name in good().column_names}, **{f"c{n}": good()["bus"] for n in range(3000)}}
    )
    land(store, KEY, {"part-0.parquet": many})
    found = admit(contract(), KEY, store, ledger)
    assert len(found.warnings) == 21
    assert "2980 more columns" in found.warnings[-1].observed


def test_more_columns_than_the_limit_are_refused(store: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bearable, "MOST_COLUMNS", 6)
    assert "7 columns (at most 6 columns)" in refused(store, ledger, wide=parquet(good()))[0]  # and their root
    monkeypatch.setattr(bearable, "MOST_COLUMNS", 7)
    land(store, BESIDE, {"part-0.parquet": good()})
    assert admit(contract(), BESIDE, store, ledger).rows == 40


def test_rows_far_beyond_the_file_are_refused_before_they_are_read(
    store: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    zeros = pa.table({"bus": pa.repeat(pa.scalar(0), 5_000_000)})
    bomb = parquet(zeros, compression="zstd")
    assert len(bomb) < 30_000
    monkeypatch.setattr(Staged, "tables", None)
    message, finding = refused(store, ledger, rows=bomb)
    assert finding["rule"] == "bearable"
    assert "rows.parquet asks for more than is read: 5000000 rows in" in message
    assert finding["required"] == f"at most {100 * len(bomb)} rows"


def test_a_page_that_would_fill_the_memory_is_refused_before_it_is_read(
    store: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bearable, "MOST_PAGE_BYTES", 1 << 20)
    wide = pa.array(["x" * (1 << 19), "y" * (1 << 19), "z" * (1 << 19), "red"])
    content = parquet(rows(line=wide), compression="zstd", use_dictionary=False)
    assert len(content) < 10_000
    message, finding = refused(store, ledger, page=content)
    assert (finding["rule"], finding["column"]) == ("bearable", "line")
    assert "(at most 1048576 bytes) (column line)" in message


def test_values_far_beyond_the_file_are_refused_before_they_are_read(
    store: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bearable, "SMALL_BYTES", 1 << 20)
    long = pa.array([letter * (1 << 20) for letter in "abcd"])
    message, _ = refused(store, ledger, values=parquet(rows(line=long), compression="zstd", compression_level=19))
    assert "bytes of values in a file of" in message


def test_a_block_of_rows_that_would_fill_the_memory_is_refused(
    store: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bearable, "MOST_BLOCK_BYTES", 1000)
    assert "bytes for 65536 rows (at most 1000 bytes)" in refused(store, ledger, block=parquet(good()))[0]


def test_texts_that_repeat_each_other_are_read_a_few_at_a_time(tmp_path: Path) -> None:
    file = tmp_path / "chained.parquet"
    words = pa.array([f"{'x' * 500}{n}" for n in range(1000)])
    for encoding, chained in (("DELTA_BYTE_ARRAY", True), ("PLAIN", False)):
        file.write_bytes(parquet(pa.table({"line": words}), use_dictionary=False, column_encoding=encoding))
        footer = bearable.read_bearable(file)
        assert bearable.require_bearable(file, footer, ["line"]) is chained


@pytest.mark.parametrize("encoding", ["DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"])
def test_texts_in_any_encoding_are_admitted_alike(store: Store, ledger: Ledger, encoding: str) -> None:
    land(store, BESIDE)
    land(store, KEY, {"part-0.parquet": parquet(rows(), use_dictionary=False, column_encoding={"line": encoding})})
    plain = admit(contract(), BESIDE, store, ledger)
    assert admit(contract(), KEY, store, ledger).content_hash == plain.content_hash


def test_texts_that_grow_out_of_a_few_bytes_are_refused_while_they_are_read(
    store: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staged, "MOST_CHAINED_BYTES", 1 << 20)
    words = pa.array([f"{'x' * 9000}{n}" for n in range(300)])
    table = pa.table({"at": pa.array(range(300), pa.timestamp("ms")), "bus": pa.array(range(1, 301)), "line": words})
    table = table.append_column("late", pa.nulls(300, pa.float64())).append_column("full", pa.nulls(300, pa.bool_()))
    table = table.append_column("driver", pa.nulls(300, pa.string()))
    content = parquet(table, use_dictionary=False, column_encoding={"line": "DELTA_BYTE_ARRAY"})
    assert len(content) < 40_000
    message, finding = refused(store, ledger, chain=content)
    assert finding["rule"] == "bearable"
    assert "chain.parquet asks for more than is read: more than 1048576 bytes of text in 65536 rows" in message


def test_a_page_header_that_lies_about_a_small_file_is_believed(store: Store, ledger: Ledger) -> None:
    """The reader would make room for what the header says, whatever the footer says."""
    message, finding = refused(store, ledger, lie=page_of(2**31 - 1))
    assert finding["rule"] == "bearable"
    assert "a page of 2147483647 bytes (at most 268435456 bytes) (column bus)" in message


VALUES: dict[str, tuple[dict[str, pa.Array], str, str]] = {
    "bytes that are no text": ({"line": pa.array([b"\xff\xfe"] * 4).view(pa.string())}, "readable", "line"),
    "a moment after the year 9999": ({"at": pa.array([0, 1, 2, 2**50], pa.timestamp("s"))}, "column_type", "at"),
    "a moment before the year 1": ({"at": pa.array([0, 1, 2, -(2**57)], pa.timestamp("us"))}, "moment", "at"),
    "a whole number beyond 64 bits": ({"bus": pa.array([1, 2, 3, 2**64 - 1], pa.uint64())}, "column_type", "bus"),
    "a number that is no whole one": ({"bus": pa.array([1.0, 2.0, 3.0, 1e30])}, "column_type", "bus"),
    "a text of two megabytes": ({"line": pa.array(["red", "x" * (1 << 21), "red", "red"])}, "one_of", "line"),
    "columns inside the column": ({"bus": pa.array([{"n": 1}] * 4)}, "column_type", "bus"),
}


@pytest.mark.parametrize("case", VALUES)
def test_values_no_contract_can_hold_are_told_with_column_and_rule(store: Store, ledger: Ledger, case: str) -> None:
    columns, rule, column = VALUES[case]
    _, finding = refused(store, ledger, part=parquet(rows(**columns), version="2.6"))
    assert (finding["rule"], finding["column"]) == (rule, column)


def test_whole_numbers_beyond_what_a_float_can_tell_apart_are_compared_as_they_are(
    store: Store, ledger: Ledger
) -> None:
    edge = contract(columns={"bus": {"type": "int", "min": 1, "max": 2**53}})
    land(store, KEY, {"part-0.parquet": rows(bus=pa.array([1, 2, 2**53, 2**53 + 1]))})
    with pytest.raises(BadData, match=r"bus: 1 of 4 rows, as 9007199254740993"):
        admit(edge, KEY, store, ledger)


ODD = ("..", "%2e%2e", "2013-01-31%00", "2013-01-31\n", " 2013-01-31", "x" * 255, "<script>", "-rf", "2013-01-31;rm")


def test_folders_with_odd_names_are_no_partitions_and_hide_none(store: Store, ledger: Ledger, tmp_path: Path) -> None:
    zone = tmp_path / "lake" / "landing" / "trips"
    land(store)
    for name in [*(one for one in ODD if one != ".."), b"\xff\xfe"]:
        folder = os.path.join(os.fsencode(zone), name if isinstance(name, bytes) else name.encode())
        os.mkdir(folder)
        Path(os.fsdecode(os.path.join(folder, b"part-0.parquet"))).write_bytes(parquet(rows()))
    assert find(contract(), store, ledger) == [KEY]
    for key in (*ODD, "/etc", "2013-01-31/../../..", "2013-01-31\0", "\udcff\udcfe", "x" * 100_000):
        with pytest.raises(NotFound):
            admit(contract(), key, store, ledger)
    assert admit(contract(), KEY, store, ledger).status == "admitted"


def test_a_file_name_in_no_encoding_is_read_and_told_by_its_numbers(
    store: Store, ledger: Ledger, tmp_path: Path
) -> None:
    land(store, files={})
    odd = Path(os.fsdecode(os.fsencode(tmp_path / "lake/landing/trips" / KEY) + b"/\xff.parquet"))
    odd.write_bytes(b"torn")
    with pytest.raises(BadData, match=r"\\udcff.parquet is no readable Parquet file"):
        admit(contract(), KEY, store, ledger)
    odd.write_bytes(parquet(rows()))
    assert admit(contract(), KEY, store, ledger).rows == 4


def test_links_that_lead_out_of_the_landing_zone_are_not_followed(store: Store, ledger: Ledger, tmp_path: Path) -> None:
    secret = tmp_path / "secret.parquet"
    secret.write_bytes(parquet(rows()))
    land(store, BESIDE, files={})
    zone = tmp_path / "lake/landing/trips"
    (zone / BESIDE / "part-0.parquet").symlink_to(secret)
    (zone / KEY).symlink_to(zone / BESIDE)
    (zone / "2013-02-01").symlink_to("/")
    assert find(contract(), store, ledger) == [BESIDE]
    for key in (KEY, "2013-02-01"):
        with pytest.raises(NotFound):
            admit(contract(), key, store, ledger)
    with pytest.raises(BadData, match="has no Parquet file"):
        admit(contract(), BESIDE, store, ledger)
    assert not any("/data/" in entry.path for entry in store.list("quarantine"))


def test_columns_cannot_write_markup_into_the_evidence(store: Store, ledger: Ledger) -> None:
    attack = "<img src=x onerror=alert(1)>"
    land(store, files={"part-0.parquet": rows(line=pa.array([attack] * 4)).append_column(attack, pa.array([1] * 4))})
    with pytest.raises(BadData):
        admit(contract(), KEY, store, ledger)
    pages = [entry.path for entry in store.list("quarantine") if entry.name.endswith(".html")]
    assert len(pages) == 2
    for page in pages:
        shown = store.read_bytes(page).decode()
        assert "onerror" in shown
        assert "<img src=x" not in shown

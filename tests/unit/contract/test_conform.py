"""Bringing a table into the contract's columns and types."""

from typing import Any

import pyarrow as pa
import pytest

from include.contract.conform import TYPES, Misfit, cast
from include.contract.findings import Finding
from tests.landing import Checked, checked, contract, rows

FREE = contract(columns={"late": {"type": "float", "nullable": True}})


def conform(table: pa.Table) -> Checked:
    return checked(table, FREE)


def conformed(**changes: Any) -> pa.Table:
    found = conform(rows(**changes))
    assert found.result.findings == ()
    assert found.table is not None
    return found.table


def finding(**changes: Any) -> Finding:
    found = conform(rows(**changes))
    assert found.table is None
    assert found.result.statistics["rules"] == 0
    [one] = found.result.findings
    assert one.severity == "fail"
    return one


def test_a_conforming_table_has_the_contracts_columns_in_its_order_and_types() -> None:
    table = conform(rows().select(["driver", "full", "late", "line", "bus", "at"])).table
    assert table is not None
    assert table.column_names == list(contract().columns)
    assert table.schema.types == [TYPES[spec.type] for spec in contract().columns.values()]


ACCEPTED = {
    "bus": [
        pa.array([1, 2, 3, 4], pa.int8()),
        pa.array([1, 2, 3, 4], pa.uint64()),
        pa.array([1.0, 2.0, 3.0, 4.0]),
    ],
    "late": [pa.array([1, None, 3, 4], pa.int64()), pa.array([1.5, None, 3.0, 4.0], pa.float32()), pa.nulls(4)],
    "line": [
        pa.array(["red"] * 4, pa.large_string()),
        pa.array(["red"] * 4).dictionary_encode(),
        pa.array(["red"] * 4, pa.large_string()).dictionary_encode(),
        pa.array(["red"] * 4, pa.string_view()),
    ],
    "at": [pa.array([0] * 4, pa.timestamp(unit, zone)) for unit in ("s", "ms", "us", "ns") for zone in (None, "UTC")],
}


@pytest.mark.parametrize(("name", "column"), [(name, column) for name in ACCEPTED for column in ACCEPTED[name]])
def test_types_that_lose_nothing_are_accepted(name: str, column: pa.Array) -> None:
    cast = conformed(**{name: column})[name]
    assert cast.type == TYPES[contract().columns[name].type]
    assert cast.null_count == column.null_count


def test_a_moment_without_a_zone_is_utc_and_one_with_a_zone_keeps_its_instant() -> None:
    naive = conformed(at=pa.array([3_600_000] * 4, pa.timestamp("ms")))["at"][0].as_py()
    assert naive.isoformat() == "1970-01-01T01:00:00+00:00"
    elsewhere = conformed(at=pa.array([3_600_000] * 4, pa.timestamp("ms", "America/New_York")))["at"][0].as_py()
    assert elsewhere == naive


def test_not_a_number_is_a_null() -> None:
    assert conformed(late=pa.array([float("nan"), 1.0, None, 2.0]))["late"].to_pylist() == [None, 1.0, None, 2.0]


REFUSED = {
    "a string for a number": ("bus", pa.array(["1", "2", "3", "4"]), "type string", "int (int64)"),
    "a flag for a number": ("bus", pa.array([True] * 4), "type bool", "int (int64)"),
    "a number for a string": ("line", pa.array([1] * 4), "type int64", "string (string)"),
    "a number for a flag": ("full", pa.array([0, 1, 0, 1]), "type int64", "bool (bool)"),
    "a string for a moment": ("at", pa.array(["2013-01-31"] * 4), "type string", "timestamp (timestamp[us, tz=UTC])"),
    "a date for a moment": (
        "at",
        pa.array([0] * 4, pa.date32()),
        "type date32[day]",
        "timestamp (timestamp[us, tz=UTC])",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_type_is_a_finding_with_both_types(case: str) -> None:
    name, column, observed, required = REFUSED[case]
    found = finding(**{name: column})
    assert (found.rule, found.column) == ("column_type", name)
    assert (found.observed, found.required) == (observed, required)


LOSSY = {
    "a fraction for a whole number": ("bus", pa.array([1.0, 2.5, 3.0, 4.5]), [1, 3]),
    "a whole number beyond int64": ("bus", pa.array([1, 2, 3, 2**63], pa.uint64()), [3]),
    "a whole number a float cannot hold": ("late", pa.array([1, 2**53 + 1, 3, 4]), [1]),
    "a moment finer than microseconds": ("at", pa.array([1_000, 2_000, 3_001, 4_000], pa.timestamp("ns")), [2]),
}


@pytest.mark.parametrize("case", LOSSY)
def test_a_lossy_value_is_a_finding_with_its_rows(case: str) -> None:
    name, column, failing = LOSSY[case]
    found = finding(**{name: column})
    assert (found.rule, found.failing_rows) == ("column_type", len(failing))
    assert f"type {column.type}" in found.observed
    assert [example["row"] for example in found.examples] == [str(row) for row in failing]


def test_infinite_numbers_are_a_finding() -> None:
    found = finding(late=pa.array([1.0, float("inf"), float("-inf"), None]))
    assert (found.rule, found.column, found.failing_rows) == ("finite", "late", 2)
    assert [example["late"] for example in found.examples] == ["inf", "-inf"]


# A word, how often, what is refused, and from which row on; 2^21 * 2^11 bytes are none in 32 bits.
WORDY = {
    "one word that stands for gigabytes": (1 << 21, 1 << 11, "texts longer than a megabyte", 0),
    "words that are too many": (1 << 19, 300, "texts beyond what rows may hold together", 256),
}


@pytest.mark.parametrize("case", WORDY)
def test_few_bytes_that_stand_for_too_much_text_are_a_finding(case: str) -> None:
    size, times, observed, first = WORDY[case]
    word = pa.array(["x" * size])
    found = cast(pa.DictionaryArray.from_arrays(pa.array([0] * times), word), "string")
    assert isinstance(found, Misfit)
    assert (found.rule, found.observed) == ("text_length", observed)
    assert found.places.tolist() == list(range(first, times))
    few = cast(pa.DictionaryArray.from_arrays(pa.array([0] * 4), word), "string")
    assert isinstance(few, pa.DictionaryArray)
    assert len(few) == 4


def test_a_missing_column_is_a_finding_with_its_type() -> None:
    found = finding(line=None)
    assert (found.rule, found.column, found.observed) == ("column_present", "line", "the column is missing")
    assert "string" in found.required


def test_a_column_that_is_there_twice_is_a_finding() -> None:
    table = rows().append_column("line", pa.array(["red"] * 4))
    found = conform(table)
    assert found.table is None
    assert [(f.rule, f.column, f.observed) for f in found.result.findings] == [
        ("column_present", "line", "2 columns have this name")
    ]


def test_an_extra_column_is_a_warning_and_is_dropped() -> None:
    found = conform(rows(colour=pa.array([1] * 4)))
    assert found.table is not None
    assert "colour" not in found.table.column_names
    assert [(f.rule, f.column, f.severity) for f in found.result.findings] == [("column_known", "colour", "warn")]


def test_everything_wrong_with_the_shape_is_told_at_once() -> None:
    found = conform(rows(line=None, bus=pa.array(["x"] * 4), late=pa.array([float("inf")] * 4)))
    assert [(f.rule, f.column) for f in found.result.findings] == [
        ("column_present", "line"),
        ("column_type", "bus"),
        ("finite", "late"),
    ]

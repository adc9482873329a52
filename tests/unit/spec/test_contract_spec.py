"""A contract refuses what cannot be satisfied or checked, and takes what can."""

from typing import Any

import pytest
from pydantic import ValidationError

from include.spec import ColumnSpec, ContractSpec, RowBounds
from tests.landing import TRIPS, contract


@pytest.mark.parametrize(
    ("column", "problem"),
    [
        ({"type": "string", "min": 1}, "min and max bound numbers, not a column of type string"),
        ({"type": "timestamp", "max": 1}, "min and max bound numbers, not a column of type timestamp"),
        ({"type": "bool", "min": 0}, "min and max bound numbers, not a column of type bool"),
        ({"type": "int", "min": 2, "max": 1}, "max 1.0 is below min 2.0"),
        ({"type": "int", "one_of": ["a"]}, "one_of and pattern describe strings, not a column of type int"),
        ({"type": "float", "pattern": "a"}, "one_of and pattern describe strings, not a column of type float"),
        ({"type": "string", "pattern": "("}, "not a regular expression"),
        ({"type": "int", "max_null_share": 0.5}, "max_null_share needs nullable: true"),
        ({"type": "int", "nullable": True, "max_null_share": 1.5}, "less than or equal to 1"),
        ({"type": "integer"}, "'string', 'int', 'float', 'bool' or 'timestamp'"),
        ({"type": "int", "severity": "error"}, "'fail' or 'warn'"),
        ({"type": "int", "maximum": 3}, "Extra inputs are not permitted"),
        ({"type": "int", "min": float("nan")}, "finite"),
    ],
)
def test_an_impossible_column_is_refused(column: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ColumnSpec.model_validate(column)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    "column",
    [
        {"type": "int", "min": 1, "max": 1},
        {"type": "float", "min": -1},
        {"type": "string", "one_of": ["a"], "pattern": "^a$"},
        {"type": "bool", "nullable": True, "max_null_share": 0},
        {"type": "timestamp"},
    ],
)
def test_a_possible_column_is_taken(column: dict[str, Any]) -> None:
    assert ColumnSpec.model_validate(column).severity == "fail"


def test_row_bounds_may_be_equal_and_not_crossed() -> None:
    assert RowBounds(min=3, max=3).max == 3
    with pytest.raises(ValidationError, match=r"rows\.max 2 is below rows\.min 3"):
        RowBounds(min=3, max=2)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"event_time": "when"}, "event_time names 'when', which is no column. Columns: at, bus, line"),
        ({"event_time": "bus"}, "event_time 'bus' must be a column of type timestamp"),
        ({"keys": ["at", "ticket"]}, "keys names 'ticket', which is no column"),
        ({"keys": ["at", "full"]}, "keys may not be nullable: full"),
        ({"keys": []}, "at least 1 item"),
        ({"dataset": "Trips"}, "String should match pattern"),
        ({"partition_format": "%Y-%m"}, "must name one day"),
        ({"partition_format": "%d"}, "must name one day"),
        ({"partition_format": "%Y/%m/%d"}, "must name one day, with letters, digits"),
        ({"partition_format": "%d-%m-%Y"}, "keys must sort as text in the order of their days"),
        ({"partition_format": "%m-%d-%Y"}, "keys must sort as text in the order of their days"),
    ],
)
def test_an_impossible_contract_is_refused(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ContractSpec.model_validate({**TRIPS, **changes})
    assert problem in str(caught.value)


@pytest.mark.parametrize("pattern", ["%Y-%m-%d", "%Y%m%d", "day=%Y-%m-%d", "%Y_%j"])
def test_formats_that_name_a_day_and_sort_are_taken(pattern: str) -> None:
    if "=" in pattern:
        with pytest.raises(ValidationError, match="letters, digits"):
            contract(partition_format=pattern)
    else:
        assert contract(partition_format=pattern).partition_format == pattern


def test_a_contract_cannot_be_changed_after_it_is_read() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        contract().dataset = "boats"  # type: ignore[misc]

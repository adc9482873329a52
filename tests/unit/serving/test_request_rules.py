"""A request's rows are judged as a partition's are: by the same rules, types and known exceptions."""

import tracemalloc
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.contract.checks import NullCheck, checks_of
from include.contract.conform import Misfit, cast
from include.contract.exceptions import applying, excused
from include.contract.tally import Block
from include.serving.admission import Admission, Refused
from include.serving.cells import LONGEST_WORD, MOST_WORDS
from include.spec import ContractSpec
from tests.landing import contract
from tests.served import plan

FEATURES = ["bus", "late", "full", "line", "stop"]
COLUMNS: dict[str, Any] = {
    "bus": {"type": "int", "min": 1, "max": 60},
    "late": {"type": "float", "nullable": True, "min": -60, "max": 600},
    "full": {"type": "bool"},
    "line": {"type": "string", "one_of": ["red", "blue"]},
    "stop": {"type": "string", "nullable": True, "pattern": "^[a-z]+$", "min_length": 2, "max_length": 4},
}
GOOD: dict[str, Any] = {"bus": 7, "late": 1.5, "full": True, "line": "red", "stop": "abc"}
CELLS: dict[str, list[Any]] = {
    "bus": [None, 0, 1, 60, 61, 7],
    "late": [None, -61.0, -60.0, 600.0, 601.0],
    "full": [None, True, False],
    "line": [None, "red", "green", ""],
    "stop": [None, "a", "ab", "abcd", "abcde", "A1"],
}
ARROW = {"bus": pa.int64(), "late": pa.float64(), "full": pa.bool_(), "line": pa.string(), "stop": pa.string()}
EXCEPTIONS: list[list[dict[str, Any]]] = [
    [],
    [{"where": {"line": ["red"]}, "skip": ["bus", "stop"], "reason": "red ones are counted anew"}],
    [{"where": {"bus": {"min": 50}}, "skip": ["late"], "reason": "large ones are late"},
     {"where": {"late": None}, "skip": ["line", "full"], "reason": "nobody looked"}],
    [{"where": {"line": ["blue"], "bus": {"max": 3}}, "drop": True, "reason": "test runs"}],
]  # fmt: skip


def declared(exceptions: list[dict[str, Any]], warn: str | None = None) -> ContractSpec:
    columns = {name: {**rules, "severity": "warn" if name == warn else "fail"} for name, rules in COLUMNS.items()}
    return contract(columns=columns, keys=["at"], exceptions=exceptions)


def admission(found: ContractSpec, **changes: Any) -> Admission:
    usual: dict[str, Any] = {"features": FEATURES, "words": ["line", "stop"], "refuses_missing": [], "samples": []}
    return Admission(plan(**{**usual, **changes}), found)


def refused(judge: Admission, **cells: Any) -> list[tuple[str, str]]:
    try:
        judge.rows({name: [cell] for name, cell in cells.items()})
    except Refused as problem:
        return [(one.column, one.rule) for one in problem.problems]
    return []


def stays_out(found: ContractSpec, row: dict[str, Any]) -> bool:
    """Whether admission of partitions would find fault with the row, or leave it out."""
    cells = {}
    for name in FEATURES:
        cells[name] = cast(pa.array([row[name]], ARROW[name]), found.columns[name].type)
        if isinstance(cells[name], Misfit):
            return True
    table = pa.table(cells)
    odd = excused(table, applying(found, None))
    if odd.dropped is not None and odd.dropped[0]:
        return True
    for name in FEATURES:
        if found.columns[name].severity == "warn":
            continue
        for check in checks_of(found, name, found.columns[name], None):
            check.take(table[name].chunk(0), Block(table, 0), odd.skipped.get(name))
            if check.tally.count and not (isinstance(check, NullCheck) and found.columns[name].nullable):
                return True
    return False


@settings(deadline=None)
@given(
    row=st.fixed_dictionaries({name: st.sampled_from(cells) for name, cells in CELLS.items()}),
    exceptions=st.sampled_from(EXCEPTIONS),
    warn=st.sampled_from([None, *FEATURES]),
)
def test_a_row_is_refused_where_a_partition_with_it_would_be(
    row: dict[str, Any], exceptions: list[dict[str, Any]], warn: str | None
) -> None:
    found = declared(exceptions, warn)
    assert bool(refused(admission(found), **row)) == stays_out(found, row)


def test_an_exception_that_ended_holds_for_rows_of_its_time_alone() -> None:
    ended = [{"where": {"line": ["red"]}, "skip": ["bus"], "reason": "was broken", "last_key": "2013-06-30"}]
    judge = admission(declared(ended))
    assert refused(judge, **{**GOOD, "bus": 99}) == [("bus", "max: 60")]
    assert refused(judge, **{**GOOD, "bus": 99}, at="2013-06-30T23:59:59Z") == []
    assert refused(judge, **{**GOOD, "bus": 99}, at="2013-07-01T00:00:00Z") == [("bus", "max: 60")]
    lasting = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    assert refused(admission(declared([{**ended[0], "last_key": lasting}])), **{**GOOD, "bus": 99}) == []


def test_an_exception_about_a_column_that_is_not_sent_does_not_apply() -> None:
    odd = [{"where": {"driver": None}, "skip": ["bus"], "reason": "nobody drove"}]
    assert refused(admission(declared(odd)), **{**GOOD, "bus": 0}) == [("bus", "min: 1")]
    assert refused(admission(declared(odd)), **{**GOOD, "bus": 0}, driver=None) == []


def test_no_exception_excuses_what_the_model_cannot_take() -> None:
    odd = [{"where": {"full": None}, "skip": ["bus", "line", "full"], "reason": "nobody looked"}]
    judge = admission(declared([]), refuses_missing=["late"])
    assert refused(judge, **{**GOOD, "late": None}) == [("late", "the model takes no null")]
    words = [{"where": {"bus": {"min": 1}}, "skip": ["line"], "reason": "a new line"}]
    judge = admission(declared(words), known_words={"line": ["red", "blue"]})
    assert refused(judge, **{**GOOD, "line": "green"}) == [("line", "the model knows no such word")]
    assert refused(admission(declared(words)), **{**GOOD, "line": "green"}) == []
    assert refused(admission(declared(odd)), **{**GOOD, "bus": "7"}) == [("bus", "type: int")]


@pytest.mark.parametrize(
    ("cell", "float32", "good"),
    [
        (3.4e38, ["late"], True), (3.5e38, ["late"], False), (-3.5e38, ["late"], False), (3.5e38, [], True),
        (10**400, [], False), (float("inf"), [], False), (float("nan"), [], False),
    ],
)  # fmt: skip
def test_a_number_has_to_fit_where_it_is_held(cell: float, float32: list[str], good: bool) -> None:
    found = contract(columns={**COLUMNS, "late": {"type": "float", "nullable": True}})
    assert (refused(admission(found, float32=float32), **{**GOOD, "late": cell}) == []) is good


@pytest.mark.parametrize("cell", [2**63, -(2**63) - 1, 1e300, 1.5, True, "7"])
def test_a_whole_number_has_64_bits(cell: object) -> None:
    found = contract(columns={**COLUMNS, "bus": {"type": "int"}})
    [(column, rule)] = refused(admission(found), **{**GOOD, "bus": cell})
    assert (column, rule.startswith("type: int")) == ("bus", True)
    coded = admission(found, features=["bus"], words=["bus"])
    assert refused(coded, bus=cell) == [("bus", "type: int")]


def test_words_that_nobody_sends_again_are_not_remembered_forever() -> None:
    judge = admission(contract(columns={**COLUMNS, "stop": {"type": "string"}}), features=["stop"], words=["stop"])
    judge.rows({"stop": [f"{number:05}" for number in range(MOST_WORDS)]})
    tracemalloc.start()
    try:
        for number in range(50):
            judge.rows({"stop": [f"{number:0{size}}" for size in (9, LONGEST_WORD, 200_000)]})
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert grown < 200_000


def test_arrow_and_python_read_flags_alike() -> None:
    coded = admission(declared([]), features=["full"], words=["full"])
    words = pa.array([True, False]).cast(pa.string()).to_pylist()
    assert coded.rows({"full": [True, False]}) == [(word,) for word in words]
    assert np.isnan(admission(declared([], "full"), features=["full"], words=[]).rows({"full": [None]})[0][0])

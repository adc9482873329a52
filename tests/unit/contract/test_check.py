"""A table against its contract."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa
import pytest

from include.contract import Finding, expectations
from include.contract.check import CheckResult
from include.contract.suite import compile_suite
from include.spec import ContractSpec
from tests.landing import checked, contract, rows

N = 40


def many(**changes: Any) -> pa.Table:
    """Forty good trips."""
    columns: dict[str, Any] = {
        "at": pa.array(range(N), pa.timestamp("s")),
        "bus": pa.array(range(1, N + 1)),
        "line": pa.array(["red", "blue"] * (N // 2)),
        "late": pa.array([float(n) for n in range(N)]),
        "full": pa.array([True] * N),
        "driver": pa.array(["ann"] * N),
    }
    return pa.table({**columns, **changes})


def check(table: pa.Table, declared: ContractSpec) -> CheckResult:
    return checked(table, declared).result


def only_finding(table: pa.Table, **changes: Any) -> Finding:
    [found] = check(table, contract(**changes)).findings
    return found


def test_good_data_passes_without_findings() -> None:
    result = check(rows(), contract())
    assert result.passed
    assert result.findings == ()
    assert result.statistics["rows"] == 4
    assert result.statistics["rules"] > 8
    assert json.loads(str(result.validation))["success"] is True
    assert "trips" in str(result.data_docs)


def test_a_check_leaves_nothing_behind_for_the_next() -> None:
    bad = rows(bus=pa.array([0, 2, 3, 4]))
    assert [check(table, contract()).passed for table in (rows(), bad, rows(), bad)] == [True, False, True, False]


def test_checks_in_threads_do_not_see_each_others_data() -> None:
    tables = [rows(bus=pa.array([n % 2, 2, 3, 4])) for n in range(12)]
    with ThreadPoolExecutor(6) as pool:
        passed = list(pool.map(lambda table: check(table, contract()).passed, tables))
    assert passed == [n % 2 == 1 for n in range(12)]


BROKEN: dict[str, tuple[dict[str, Any], str, str | None, str, str, list[int]]] = {
    "a null where none may be": (
        {"line": pa.array([None, "red"] * 20)},
        "not_null", "line", "20 of 40 rows (50.0 %) are null", "no nulls", [0, 2, 4, 6, 8],
    ),
    "a null in a key": (
        {"bus": pa.array([None, *range(2, N + 1)])},
        "not_null", "bus", "1 of 40 rows (2.5 %) are null", "no nulls", [0],
    ),
    "too many nulls": (
        {"late": pa.array([None] * 21 + [1.0] * 19)},
        "null_share", "late", "21 of 40 rows (52.5 %) are null", "at most 50.0% nulls", [0, 1, 2, 3, 4],
    ),
    "an unknown category": (
        {"line": pa.array(["red"] * 38 + ["green", "grey"])},
        "one_of", "line", "2 of 40 rows, as green, grey", "one of red, blue", [38, 39],
    ),
    "a number too low": (
        {"bus": pa.array([0, *range(2, N + 1)])},
        "between", "bus", "1 of 40 rows, as 0", "at least 1", [0],
    ),
    "a number too high": (
        {"late": pa.array([1.0] * 39 + [601.5])},
        "between", "late", "1 of 40 rows, as 601.5", "-60 to 600", [39],
    ),
    "text of another form": (
        {"driver": pa.array(["ann"] * 39 + ["R2D2"])},
        "pattern", "driver", "1 of 40 rows, as ***", "matching ^[a-z]+$", [39],
    ),
    "keys that are there twice": (
        {"at": pa.array([0, 0, *range(2, N)], pa.timestamp("s")), "bus": pa.array([1, 1, *range(3, N + 1)])},
        "unique_key", None, "2 of 40 rows share their key", "each (at, bus) once", [0, 1],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_rule_is_told_with_what_was_observed_and_required(case: str) -> None:
    changes, rule, column, observed, required, failing = BROKEN[case]
    found = only_finding(many(**changes))
    assert (found.rule, found.column, found.severity) == (rule, column, "fail")
    assert (found.observed, found.required) == (observed, required)
    assert [int(example["row"]) for example in found.examples] == failing
    assert not check(many(**changes), contract()).passed


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_good_breaks_no_rule(case: str) -> None:
    assert check(many(), contract()).findings == ()


@pytest.mark.parametrize(
    ("nulls", "broken"), [(0, []), (28, []), (29, ["null_share"])], ids=["none", "exactly the share", "one more"]
)
def test_a_share_of_nulls_is_allowed_to_the_last_row(nulls: int, broken: list[str]) -> None:
    table = many(late=pa.array([None] * nulls + [1.0] * (N - nulls), pa.float64()))
    bounded = contract(columns={"late": {"type": "float", "nullable": True, "max_null_share": 0.7}})
    assert [found.rule for found in check(table, bounded).findings] == broken


@pytest.mark.parametrize(("count", "broken"), [(1, ["row_count"]), (2, []), (100, []), (101, ["row_count"])])
def test_the_number_of_rows_is_bounded_on_both_sides(count: int, broken: list[str]) -> None:
    table = pa.concat_tables([many(bus=pa.array(range(1 + n * N, 1 + N + n * N))) for n in range(3)]).slice(0, count)
    result = check(table, contract())
    assert [found.rule for found in result.findings] == broken
    if broken:
        assert (result.findings[0].observed, result.findings[0].required) == (f"{count} rows", "2 to 100 rows")


def test_no_rows_break_the_rule_on_rows_alone() -> None:
    result = check(rows().slice(0, 0), contract())
    assert [(found.rule, found.observed) for found in result.findings] == [("row_count", "0 rows")]


def test_no_rows_are_fine_where_the_contract_says_so() -> None:
    assert check(rows().slice(0, 0), contract(rows={"min": 0})).passed


def test_a_single_key_is_unique_too() -> None:
    found = only_finding(many(bus=pa.array([2, *range(2, N + 1)])), keys=["bus"])
    assert (found.rule, found.required, found.failing_rows) == ("unique_key", "each (bus) once", 2)


def test_a_rule_that_warns_is_told_and_does_not_keep_the_data_out() -> None:
    lenient = contract(columns={"late": {"type": "float", "nullable": True, "max": 10, "severity": "warn"}})
    result = check(rows(), lenient)
    assert result.passed
    assert [(found.rule, found.severity, found.failing_rows) for found in result.warnings] == [("between", "warn", 1)]


def test_a_null_in_a_key_keeps_the_data_out_whatever_the_severity() -> None:
    lenient = contract(columns={"bus": {"type": "int", "severity": "warn"}})
    assert not check(rows(bus=pa.array([1, None, 3, 4])), lenient).passed


def test_whole_numbers_are_compared_exactly_even_beside_nulls() -> None:
    large = 2**53 + 1
    bounded = contract(columns={"bus": {"type": "int"}, "full": {"type": "int", "nullable": True}})
    table = rows(full=pa.array([large, None, 1, 2]))
    found = checked(table, bounded)
    assert found.table is not None
    assert found.table["full"].to_pylist() == [large, None, 1, 2]
    assert found.result.passed


def test_personal_values_appear_in_no_words_and_no_report() -> None:
    personal = contract(
        keys=["at", "driver"], columns={"driver": {"type": "string", "pattern": "^[a-z]+$", "personal": True}}
    )
    same_moment = pa.array([0] * 4, pa.timestamp("s"))
    result = check(rows(driver=pa.array(["Secret1"] * 4), at=same_moment, bus=pa.array([0, 2, 3, 4])), personal)
    told = json.dumps([found.model_dump() for found in result.findings]) + str(result.validation)
    assert {found.rule for found in result.findings} == {"pattern", "between", "unique_key"}
    assert "Secret1" not in told
    assert "***" in told


def test_great_expectations_own_report_is_kept_when_a_rule_is_broken() -> None:
    result = check(rows(bus=pa.array([0, 2, 3, 4])), contract())
    report = json.loads(str(result.validation))
    assert report["success"] is False
    assert report["statistics"]["unsuccessful_expectations"] == 1


def test_examples_are_few_and_short() -> None:
    found = only_finding(many(line=pa.array(["x" * 1000] * N)))
    assert found.failing_rows == N
    assert len(found.examples) == 5
    assert all(len(value) < 100 for example in found.examples for value in example.values())
    assert len(found.observed) < 150


def test_a_rule_that_cannot_be_measured_is_no_verdict_on_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = contract(columns={"line": {"type": "string", "pattern": "^[a-z]+$"}})
    suite = compile_suite(broken)
    for expectation in suite.expectations:
        if expectation.meta["rule"] == "pattern" and expectation.meta["column"] == "line":
            expectation.regex = "("  # no regular expression
    monkeypatch.setattr(expectations, "_suite", lambda *_: suite)
    with pytest.raises(RuntimeError, match=r"Rule pattern of trips could not be measured on line.*check itself"):
        check(rows(), broken)


def test_data_of_the_wrong_shape_is_told_without_loading_great_expectations_or_pandas() -> None:
    code = (
        "import sys; import pyarrow as pa; from tests.landing import checked, contract; "
        "assert not checked(pa.table({'at': pa.nulls(4)}), contract()).result.passed; "
        "print([name for name in ('great_expectations', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

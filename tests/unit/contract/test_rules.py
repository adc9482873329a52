"""Rules beyond one column's values: time, earlier partitions, changes of the columns and known exceptions."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from include.contract import Finding
from include.contract.situation import Earlier, Situation, situation
from include.lake import Profile, Store, layout, merge, profile_table
from include.ledger import Ledger
from include.spec import ContractSpec
from tests.declared import admit, trips
from tests.landing import Checked, checked, contract, rows

DAY = 1_359_590_400  # 2013-01-31 00:00 UTC
KEY = "2013-01-31"


def broken(found: Checked) -> list[tuple[str, str | None]]:
    return [(one.rule, one.column) for one in found.result.findings]


def only(found: Checked) -> Finding:
    [one] = found.result.findings
    return one


def at(*seconds: int) -> pa.Array:
    return pa.array([DAY + one for one in seconds], pa.timestamp("s"))


# Words and numbers


@pytest.mark.parametrize(
    ("words", "failing"),
    [(["ab", "abcd", "", None], 1), (["ab", "abcd", "äöü", None], 0), (["abcde", "x", "", "y"], 4)],
)
def test_texts_are_bounded_by_their_characters(words: list[str], failing: int) -> None:
    declared = contract(columns={"driver": {"type": "string", "nullable": True, "min_length": 2, "max_length": 4}})
    found = checked(rows(driver=pa.array(words)), declared)
    assert [(one.rule, one.failing_rows, one.required) for one in found.result.findings] == (
        [("length", failing, "2 to 4 characters")] if failing else []
    )


def test_whole_numbers_may_be_listed() -> None:
    declared = contract(columns={"bus": {"type": "int", "one_of": [1, 2, 3]}})
    one = only(checked(rows(), declared))
    assert (one.rule, one.observed, one.required) == ("one_of", "1 of 4 rows, as 4", "one of 1, 2, 3")


def test_a_column_may_have_to_be_unique_and_nulls_are_not() -> None:
    declared = contract(columns={"driver": {"type": "string", "nullable": True, "unique": True}})
    assert checked(rows(driver=pa.array(["a", None, "b", None])), declared).result.findings == ()
    one = only(checked(rows(driver=pa.array(["a", "b", "c", "a"])), declared))
    assert (one.rule, one.column, one.observed) == ("unique", "driver", "2 of 4 rows share their value")
    assert [example["row"] for example in one.examples] == ["0", "3"]


@pytest.mark.parametrize(
    ("words", "good"), [(["red\n", "red", "red", "red"], True), (["red\nx", "red", "red", "red"], False)]
)
@pytest.mark.parametrize("pattern", ["^[a-z]+$", r"^\w+$"])
def test_patterns_mean_what_python_means_by_them(words: list[str], good: bool, pattern: str) -> None:
    declared = contract(columns={"line": {"type": "string", "pattern": pattern}})
    assert checked(rows(line=pa.array(words)), declared).result.passed is good


@pytest.mark.parametrize(
    "pattern", ["^a{,2}$", "^[[:alpha:]]+$", "(?i)^RED$", "^(?=red)", "^re(d)$|blue", r"^r\.?ed|blue$"]
)
def test_a_quick_reading_of_a_pattern_changes_nothing(pattern: str) -> None:
    import re  # noqa: PLC0415
    import warnings  # noqa: PLC0415

    words = ["red", "RED", "aa", "a{,2}", "[[:alpha:]]+", "blue", "a", "", ":]", "r.ed", "reed"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        declared = contract(keys=["bus"], columns={"line": {"type": "string", "pattern": pattern}})
        table = pa.table({
            "at": at(*range(len(words))), "bus": list(range(1, len(words) + 1)), "line": words,
            "late": pa.array([1.0] * len(words)), "full": [True] * len(words), "driver": ["a"] * len(words),
        })  # fmt: skip
        found = checked(table, declared).result.findings
        assert sum(one.failing_rows for one in found) == sum(re.search(pattern, word) is None for word in words)


# Time


@pytest.mark.parametrize(
    ("seconds", "failing"),
    [([0, 86_399], 0), ([-3600, 86_399 + 7200], 0), ([-3601, 10], 1), ([0, 86_400 + 7200], 1), ([-9999, 999_999], 2)],
)
def test_events_belong_to_the_partitions_day(seconds: list[int], failing: int) -> None:
    declared = contract(freshness={"early_hours": 1, "late_hours": 2})
    found = checked(rows(at=at(*seconds, 5, 6)), declared, beside=Situation(KEY))
    assert [(one.rule, one.failing_rows, one.required) for one in found.result.findings] == (
        [("event_day", failing, "2013-01-30 23:00 to 2013-02-01 01:59 UTC")] if failing else []
    )


def test_one_side_of_the_day_may_be_open_and_a_breach_may_only_warn() -> None:
    declared = contract(freshness={"late_hours": 0, "severity": "warn"})
    early = checked(rows(at=at(-(10**8), 0, 1, 2)), declared, beside=Situation(KEY))
    late = checked(rows(at=at(10**8, 0, 1, 2)), declared, beside=Situation(KEY))
    assert (early.result.findings, only(late).severity, late.result.passed) == ((), "warn", True)


@pytest.mark.parametrize("unit", ["s", "us"])
def test_moments_no_calendar_has_are_refused(unit: str) -> None:
    far = {"s": 10**12, "us": 10**18}[unit]
    one = only(checked(rows(at=pa.array([0, 1, far, 3], pa.timestamp(unit))), contract()))
    assert (one.rule, one.column, one.failing_rows) == ("moment", "at", 1)
    assert one.examples[0]["at"] == str(far * {"s": 10**6, "us": 1}[unit]) or one.examples[0]["at"] == str(far)


# Earlier partitions


def many(n: int, seed: int = 1, shift: float = 0.0) -> pa.Table:
    r = np.random.default_rng(seed)
    return pa.table({
        "at": at(*range(n)), "bus": list(range(1, n + 1)), "line": r.choice(["red", "blue"], n),
        "late": r.normal(20 + shift, 5, n), "full": r.random(n) < 0.5, "driver": pa.nulls(n, pa.string()),
    })  # fmt: skip


LARGE: dict[str, Any] = {"min": 1, "max": 10_000}
DRIFTING = contract(rows=LARGE, columns={"late": {"type": "float", "nullable": True, "max_drift": 0.2}})


def beside(declared: ContractSpec, n: int = 1000) -> Situation:
    profile = merge(profile_table(many(n, seed=seed), declared) for seed in range(3))
    return Situation(KEY, Earlier(("2013-01-28", "2013-01-30"), n, profile))


def test_a_column_that_moves_away_from_the_baseline_is_told() -> None:
    still = checked(many(800, seed=9), DRIFTING, beside=beside(DRIFTING))
    assert still.result.findings == ()
    one = only(checked(many(800, seed=9, shift=6), DRIFTING, beside=beside(DRIFTING)))
    assert (one.rule, one.column, one.severity) == ("drift", "late", "fail")
    assert one.observed.startswith("a population stability index of 1.")
    assert one.required == "a population stability index of at most 0.2 to the 2 partitions 2013-01-28 to 2013-01-30"


def test_without_a_baseline_nothing_is_compared() -> None:
    assert checked(many(800, shift=50), DRIFTING, beside=Situation(KEY)).result.findings == ()


@pytest.mark.parametrize(("n", "said"), [(499, "499 rows"), (500, None), (1500, None), (1501, "1501 rows")])
def test_rows_are_bounded_beside_the_baselines_mean(n: int, said: str | None) -> None:
    declared = contract(rows={**LARGE, "min_of_baseline": 0.5, "max_of_baseline": 1.5})
    found = checked(many(n), declared, beside=beside(declared))
    assert [(one.rule, one.observed) for one in found.result.findings] == (
        [("row_count_of_baseline", said)] if said else []
    )


def test_too_few_or_too_many_rows_may_only_warn() -> None:
    found = checked(rows(), contract(rows={"min": 5, "severity": "warn"}))
    assert (broken(found), found.result.passed) == ([("row_count", None)], True)


@pytest.mark.parametrize(("there", "compared"), [(2, 0), (3, 3), (9, 5)])
def test_the_baseline_is_the_newest_partitions_before_the_key(
    store: Store, ledger: Ledger, there: int, compared: int
) -> None:
    declared = contract(
        baseline={"partitions": 5, "min_partitions": 3}, columns={"bus": {"type": "int", "max_drift": 0.5}}
    )
    for day in range(1, there + 1):
        admit(f"2013-01-{day:02}", store, ledger, trips(rows=40 + day, seed=day))
    admit("2013-02-02", store, ledger, trips(rows=9999, seed=99))
    found = situation(declared, "2013-02-01", store, ledger)
    keys = found.earlier.keys if found.earlier else ()
    assert (
        keys == tuple(f"2013-01-{day:02}" for day in range(there - compared + 1, there + 1)) if compared else keys == ()
    )
    if found.earlier:
        assert found.earlier.rows == 40 + there - (compared - 1) / 2
    assert dict(found.types)["late"] == "float"


def test_a_partition_whose_profile_is_gone_is_left_out_of_the_baseline(store: Store, ledger: Ledger) -> None:
    first = admit("2013-01-01", store, ledger)
    store.delete(layout.profile(str(first.path)))
    assert situation(contract(), "2013-01-02", store, ledger) == Situation("2013-01-02")


# Changes of the columns


@pytest.mark.parametrize(("choice", "severities"), [("ignore", []), ("warn", ["warn"]), ("fail", ["fail"])])
def test_a_new_column_is_ignored_told_or_refused(choice: str, severities: list[str]) -> None:
    found = checked(rows(colour=pa.array([1] * 4)), contract(evolution={"new_columns": choice}))
    assert [one.severity for one in found.result.findings] == severities
    assert found.result.passed is (choice != "fail")
    assert found.table is not None
    assert "colour" not in found.table.column_names


OPTIONAL = contract(columns={"full": {"type": "bool", "nullable": True, "since": "2013-01-20", "until": "2013-02-10"}})


@pytest.mark.parametrize(
    ("key", "good"),
    [("2013-01-19", True), ("2013-01-20", False), (KEY, False), ("2013-02-10", False), ("2013-02-11", True)],
)
def test_a_column_may_be_missing_before_it_began_and_after_it_ended(key: str, good: bool) -> None:
    found = checked(rows(full=None), OPTIONAL, beside=Situation(key))
    assert [(one.rule, one.column, one.severity) for one in found.result.findings] == [
        ("column_present", "full", "warn" if good else "fail")
    ]
    assert found.result.passed is good
    if good:
        assert found.table is not None
        assert found.table["full"].to_pylist() == [None] * 4


def test_a_column_that_is_there_early_is_taken() -> None:
    found = checked(rows(), OPTIONAL, beside=Situation("2013-01-01"))
    assert found.table is not None
    assert found.table["full"].to_pylist() == [True, False, None, True]


@pytest.mark.parametrize(("was", "severity"), [("int", "warn"), ("string", "fail"), ("float", None)])
def test_a_type_may_become_wider_and_nothing_else(was: str, severity: str | None) -> None:
    found = checked(rows(), contract(), beside=Situation(KEY, None, (("late", was), ("gone", "int"))))
    assert [(one.rule, one.column, one.severity) for one in found.result.findings] == (
        [("same_type", "late", severity)] if severity else []
    )
    assert found.result.passed is (severity != "fail")


# Known exceptions


def excepted(**exception: Any) -> ContractSpec:
    return contract(exceptions=[{"reason": "the red line is odd", **exception}])


ODD = rows(late=pa.array([9999.0, None, 9999.0, 20.0]))


def test_rules_do_not_hold_for_rows_that_are_known_to_be_odd() -> None:
    assert only(checked(ODD, contract())).failing_rows == 2
    found = checked(ODD, excepted(where={"line": ["red"]}, skip=["late"]))
    assert found.result.findings == ()
    assert found.table is not None
    assert found.table["late"].to_pylist()[0] == 9999.0


def test_all_conditions_must_hold() -> None:
    one = only(checked(ODD, excepted(where={"line": ["red"], "bus": {"min": 2}}, skip=["late"])))
    assert [example["row"] for example in one.examples] == ["0"]
    assert "except where line is red and bus is 2 to … (the red line is odd)" in one.required


@pytest.mark.parametrize(
    ("where", "left"),
    [
        ({"driver": None}, [1, 2, 4]),
        ({"bus": [1, 4]}, [2, 3]),
        ({"bus": {"max": 2}}, [3, 4]),
        ({"late": {"min": 10, "max": 30}}, [1, 2, 3]),
        ({"line": ["green"]}, [1, 2, 3, 4]),
    ],
)
def test_rows_may_be_left_out(where: dict[str, Any], left: list[int]) -> None:
    found = checked(rows(), excepted(where=where, drop=True))
    assert found.result.passed
    assert found.result.statistics["rows"] == len(left)
    assert found.table is not None
    assert found.table["bus"].to_pylist() == left
    assert found.result.altered is (len(left) < 4)


def test_rows_that_are_left_out_break_no_rule_and_the_others_keep_their_numbers() -> None:
    table = rows(bus=pa.array([-1, 1, -5, -9]), line=pa.array(["red", "blue", "red", "blue"]))
    one = only(checked(table, contract(exceptions=[{"where": {"line": ["red"]}, "drop": True, "reason": "odd"}])))
    assert (one.observed, [example["row"] for example in one.examples]) == ("1 of 2 rows, as -9", ["3"])


def test_keys_that_are_there_twice_only_through_dropped_rows_are_fine() -> None:
    table = rows(bus=pa.array([3, 1, 3, 1]), at=at(5, 5, 5, 6), line=pa.array(["red", "blue", "blue", "blue"]))
    assert only(checked(table, contract())).rule == "unique_key"
    assert checked(table, excepted(where={"line": ["red"]}, drop=True)).result.findings == ()
    again = rows(bus=pa.array([3, 1, 1, 1]), at=at(5, 5, 5, 6), line=pa.array(["red", "blue", "blue", "blue"]))
    one = only(checked(again, excepted(where={"line": ["red"]}, drop=True)))
    assert [example["row"] for example in one.examples] == ["1", "2"]


@pytest.mark.parametrize(("key", "holds"), [("2013-01-30", True), (KEY, True), ("2013-02-01", False)])
def test_an_exception_may_end(key: str, holds: bool) -> None:
    declared = excepted(where={"line": ["red"]}, skip=["late"], last_key=KEY)
    assert checked(ODD, declared, beside=Situation(key)).result.passed is holds


def test_what_may_be_null_may_be_excused_from_its_share_of_nulls() -> None:
    table = rows(late=pa.array([None, None, None, 1.0]))
    assert only(checked(table, contract())).rule == "null_share"
    assert checked(table, excepted(where={"line": ["red"]}, skip=["late"])).result.findings == ()


def test_the_profile_is_of_the_rows_that_are_admitted() -> None:
    found = checked(rows(), excepted(where={"bus": [1, 4]}, drop=True)).result
    assert isinstance(found.profile, Profile)
    assert (found.profile.rows, found.profile.columns["bus"].count) == (2, 2)

"""The gate of slices: sure harm is refused, doubt is not, and what could not be judged is named."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from include.chance.false_discovery import chance_of_as_bad
from include.evaluation.answers import Answers
from include.evaluation.coded import Coded
from include.evaluation.estimate import Difference
from include.evaluation.slices import FoundSlice, Level, Slice, SliceTable, measure_slices
from include.gates.result import Check, GateResult, Status
from include.gates.slices import decide
from include.spec import Slices
from include.spec.metrics import Metric
from tests.grouped import Groups, answers, columns, evidence, inside

NAN = float("nan")
GROUPS = columns()


def rule(**changes: Any) -> Slices:
    declared = {"columns": ("line",), "metric": "auc", "margin": 0.01, "false_discovery_rate": 0.05, "min_rows": 100}
    return Slices.model_validate({**declared, **changes})


def one_slice(
    value: str = "red",
    improves: float | None = 0.0,
    error: float = 0.01,
    rows: int = 400,
    blocks: int = 14,
    level: float = 0.7,
    column: str = "line",
) -> Slice:
    """A slice with this improvement over the champion; None: there is no champion."""
    width = 2 * error
    told = {"standard_error": error, "blocks": blocks, "effective_blocks": blocks}
    both = None if improves is None else level - improves
    return Slice(
        terms=((column, value),),
        rows=rows,
        challenger=Level(value=level, lower=level - width, upper=level + width, **told),
        champion=None if both is None else Level(value=both, lower=both - width, upper=both + width, **told),
        difference=None
        if improves is None
        else Difference(observed=improves, lower=improves - width, upper=improves + width, **told),
    )


def table(
    *slices: Slice, harmed: Slice | None = None, weakest: Slice | None = None, metric: Metric = "auc"
) -> SliceTable:
    found = {"most_harmed": harmed, "weakest": weakest}
    return SliceTable(
        metric=metric,
        slices=slices,
        **{name: None if one is None else FoundSlice(compared=90, slice=one) for name, one in found.items()},
    )


def decided(measured: SliceTable | None, champion: bool = True, **changes: Any) -> GateResult:
    given = answers(rows=70) if champion else replace(answers(rows=70), champion=None)
    return decide(evidence(given, slices=measured), rule(**changes))


def check(result: GateResult, name: str) -> Check:
    [found] = [one for one in result.checks if one.name == name]
    return found


@pytest.mark.parametrize(
    ("improves", "error", "status"),
    [
        (0.050, 0.01, "pass"),
        (0.000, 0.01, "pass"),
        (-0.010, 0.0, "pass"),  # exactly the margin, and sure of it
        (-0.0101, 0.0, "fail"),
        (-0.015, 0.01, "pass"),  # worse than the margin, but not surely
        (-0.027, 0.01, "pass"),  # t = -1.7 on 13 degrees of freedom: p 0.056
        (-0.028, 0.01, "fail"),  # t = -1.8: p 0.048
        (-0.200, 0.01, "fail"),
        (-0.200, 0.20, "pass"),
        (0.0, 0.0, "pass"),  # a tie with itself
    ],
)
def test_one_slice_against_the_champion(improves: float, error: float, status: Status) -> None:
    result = decided(table(one_slice("red", improves, error)))
    found = check(result, "line red")
    assert (result.gate, result.status, found.status) == ("slices", status, status)
    assert (found.observed, found.threshold) == (improves, -0.01)
    assert (found.lower, found.upper) == (pytest.approx(improves - 2 * error), pytest.approx(improves + 2 * error))
    assert found.sentence.startswith(
        f"line red (400 rows): auc 0.7000 against {0.7 - improves:.4f}, improves by {improves:+.4f} "
        f"({found.lower:+.4f} to {found.upper:+.4f} at 95% each side), required >= -0.01: "
    )
    assert (": surely missed" if status == "fail" else ": not surely missed") in found.sentence


@pytest.mark.parametrize(
    ("metric", "floor", "level", "error", "status"),
    [
        ("auc", 0.6, 0.70, 0.01, "pass"),
        ("auc", 0.6, 0.60, 0.0, "pass"),
        ("auc", 0.6, 0.599, 0.0, "fail"),
        ("auc", 0.6, 0.59, 0.01, "pass"),
        ("auc", 0.6, 0.57, 0.01, "fail"),
        ("mae", 30.0, 20.0, 1.0, "pass"),
        ("mae", 30.0, 30.0, 0.0, "pass"),
        ("mae", 30.0, 30.1, 0.0, "fail"),
        ("mae", 30.0, 31.0, 1.0, "pass"),
        ("mae", 30.0, 33.0, 1.0, "fail"),
    ],
)
@pytest.mark.parametrize("champion", [True, False])
def test_the_floor_of_a_slice(
    metric: Metric, floor: float, level: float, error: float, status: Status, champion: bool
) -> None:
    one = one_slice(level=level, error=error, improves=0.0 if champion else None)
    result = decided(table(one, metric=metric), champion, floor=floor, metric=metric)
    found = check(result, "line red, floor")
    assert (result.status, found.status, found.observed, found.threshold) == (status, status, level, floor)
    assert (found.lower, found.upper) == (level - 2 * error, level + 2 * error)
    assert found.sentence.startswith(
        f"line red (400 rows): {metric} {level:.4f} ({found.lower:.4f} to {found.upper:.4f} at 95% each side), "
        + ("required >= 0.6: " if metric == "auc" else "required <= 30: ")
    )
    assert len(result.checks) == (5 if champion else 3)  # the comparison, the coverage and the searches too


def test_of_many_slices_a_few_are_somewhat_worse_by_chance_and_that_is_no_reason() -> None:
    """p 0.03 alone is sure at a rate of 0.05; as one of twenty it is not, and three that are far worse are."""
    worse = -0.01 - 0.0206  # t = -2.06 on 13 degrees of freedom
    alone = decided(table(one_slice("red", worse)))
    assert alone.status == "fail"
    others = [one_slice(f"v{number}", 0.002) for number in range(19)]
    among = decided(table(one_slice("red", worse), *others))
    assert among.status == "pass"
    assert "adjusted p 0.6" in check(among, "line red").sentence
    far = [one_slice(f"bad{number}", -0.08) for number in range(3)]
    result = decided(table(one_slice("red", worse), *far, *others))
    assert [one.name for one in result.checks if one.status == "fail"] == ["line bad0", "line bad1", "line bad2"]
    assert "line bad1 (400 rows): auc 0.7000 against 0.7800" in result.sentence
    assert "v3" not in result.sentence
    assert decided(table(one_slice("red", worse), *others), false_discovery_rate=0.49).status == "pass"


def test_a_slice_that_may_lose_nothing_is_asked_for_nought() -> None:
    found = check(decided(table(one_slice("red", 0.0)), margin=0.0), "line red")
    assert (found.status, "required >= 0: not surely missed" in found.sentence) == ("pass", True)


def test_a_chance_that_is_the_rate_itself_is_sure() -> None:
    chance = chance_of_as_bad(-0.03, 0.01, 14, -0.01)
    assert decided(table(one_slice("red", -0.03)), false_discovery_rate=chance).status == "fail"
    assert decided(table(one_slice("red", -0.03)), false_discovery_rate=np.nextafter(chance, 0)).status == "pass"


def test_the_found_slice_is_one_more_among_all_that_are_judged() -> None:
    harmed = one_slice("red", -0.05, rows=300)
    result = decided(table(one_slice("blue", 0.01), harmed=harmed))
    found = check(result, "worst slice against the champion")
    assert (result.status, found.status, found.observed) == ("fail", "fail", -0.05)
    assert "the worst of 90 slices of one half of the days, judged on the other half, is line red" in found.sentence
    # t = -2.06 as above: enough alone, not as one of twenty
    others = [one_slice(f"v{number}", 0.002) for number in range(19)]
    assert decided(table(*others, harmed=one_slice("red", -0.0306))).status == "pass"
    assert decided(table(harmed=one_slice("red", -0.0306)), columns=()).status == "fail"


def test_the_weakest_slice_is_shown_and_judged_only_by_the_floor() -> None:
    weak = one_slice("grey", -0.3, level=0.51)
    shown = decided(table(one_slice(), weakest=weak))
    assert (shown.status, check(shown, "weakest slice").threshold) == ("pass", None)
    seen = check(shown, "weakest slice")
    assert (seen.observed, seen.lower, seen.upper) == (0.51, pytest.approx(0.49), pytest.approx(0.53))
    assert "is line grey (400 rows): auc 0.5100 (0.4900 to 0.5300 at 95% each side)" in seen.sentence
    floored = decided(table(one_slice(), weakest=weak), floor=0.6)
    assert (floored.status, check(floored, "weakest slice, floor").status) == ("fail", "fail")
    assert decided(table(one_slice(), weakest=weak), floor=0.5).status == "pass"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"rows": 99}, "line blue (99 rows)"),
        ({"blocks": 4}, "line blue (4 days)"),
        ({"level": NAN, "improves": NAN, "error": NAN, "blocks": 0}, "line blue (auc is not defined on its 400 rows)"),
        ({"error": float("inf")}, "line blue (auc hangs on a single day)"),
    ],
)
def test_a_slice_that_cannot_be_judged_is_named_and_blocks_nobody(change: dict[str, Any], why: str) -> None:
    blue = one_slice("blue", **{"improves": -0.9, **change})
    result = decided(table(one_slice("red", rows=500), blue))
    coverage = check(result, "coverage of line")
    assert (result.status, coverage.status) == ("pass", "pass")
    assert coverage.observed == pytest.approx(500 / (500 + blue.rows))
    assert f"not judged: {why}" in coverage.sentence
    assert "line blue" not in [one.name for one in result.checks]
    judged = decided(table(one_slice("red", rows=500), one_slice("blue", -0.9, rows=100, blocks=5)))
    assert judged.status == "fail"
    assert "not judged: none" in check(judged, "coverage of line").sentence


def test_a_slice_on_too_few_days_is_not_judged_without_a_champion_either() -> None:
    result = decided(table(one_slice("red", None), one_slice("blue", None, rows=100, blocks=4)), champion=False)
    assert "not judged: line blue (4 days)" in check(result, "coverage of line").sentence
    assert check(result, "coverage of line").observed == 0.8


@pytest.mark.parametrize("lost", ["champion", "difference"])
def test_a_slice_with_half_a_comparison_is_not_compared(lost: str) -> None:
    """There is no saying what -0.9 is compared with, or how sure it is."""
    red, blue = one_slice("red", -0.9), one_slice("blue")
    result = decided(table(red.model_copy(update={lost: None}), blue))
    assert (result.status, [one.name for one in result.checks if one.threshold == -0.01]) == ("pass", ["line blue"])
    assert decided(table(red, blue)).status == "fail"


@pytest.mark.parametrize(
    ("judged", "status"), [(201, "pass"), (200, "pass"), (199, "inconclusive"), (99, "inconclusive")]
)
def test_where_most_rows_could_not_be_judged_the_rows_cannot_tell(judged: int, status: Status) -> None:
    """400 rows in all; the other slice is on too few days."""
    result = decided(table(one_slice("red", rows=judged), one_slice("blue", rows=400 - judged, blocks=3)))
    coverage = check(result, "coverage of line")
    assert (result.status, coverage.status, coverage.threshold) == (status, status, 0.5)
    assert coverage.observed == pytest.approx(judged / 400 if judged >= 100 else 0)
    assert ("required >= 0.5" in result.sentence) == (status == "inconclusive")


def test_all_that_are_not_judged_are_listed() -> None:
    few = (one_slice("blue", rows=99), one_slice("grey", blocks=3))
    found = check(decided(table(one_slice("red", rows=900), *few)), "coverage of line")
    assert found.sentence.endswith("not judged: line blue (99 rows); line grey (3 days)")


def test_harm_is_told_before_doubt() -> None:
    result = decided(table(one_slice("red", -0.2, rows=150), one_slice("blue", rows=900, blocks=2)))
    assert (result.status, check(result, "coverage of line").status) == ("fail", "inconclusive")


def test_every_column_has_to_be_covered() -> None:
    slices = (one_slice("red"), one_slice("large", column="size", blocks=2))
    assert decided(table(*slices)).status == "pass"
    result = decided(table(*slices), columns=("line", "size"))
    assert (result.status, check(result, "coverage of size").status) == ("inconclusive", "inconclusive")


def test_a_search_that_led_to_nothing_says_so_and_blocks_nobody() -> None:
    nothing = decided(table(one_slice()))
    assert "nothing to search, no slice has 100 rows" in check(nothing, "worst slice against the champion").sentence
    few = decided(
        table(one_slice(), harmed=one_slice("grey", -0.9, rows=40), weakest=one_slice("pink", blocks=2)), floor=0.9
    )
    assert "line grey was found, not judged: 40 rows" in check(few, "worst slice against the champion").sentence
    assert "line pink was found, not judged: 2 days" in check(few, "weakest slice").sentence
    assert check(few, "worst slice against the champion").status == "pass"


def test_without_a_champion_there_is_nothing_to_compare_with() -> None:
    result = decided(table(one_slice("red", None), weakest=one_slice("grey", None)), champion=False)
    assert result.status == "pass"
    assert [one.name for one in result.checks] == ["line red", "weakest slice", "coverage of line"]
    assert result.sentence == "2 slices measured, nothing to compare them with: no champion yet, and no floor declared"


def test_the_sentence_of_a_pass_is_of_the_slice_that_came_closest() -> None:
    result = decided(table(one_slice("red", 0.03), one_slice("blue", -0.02), one_slice("grey", 0.0)))
    assert result.status == "pass"
    assert "3 comparisons of slices" in result.sentence
    assert "the closest: line blue (400 rows): auc 0.7000 against 0.7200, improves by -0.0200" in result.sentence


@pytest.mark.parametrize(
    ("measured", "changes", "why"),
    [
        (None, {}, "the evidence has no slices"),
        (table(one_slice()), {"metric": "brier"}, "evaluate again"),
        (table(one_slice()), {"columns": ("line", "size")}, "evaluate again"),
    ],
)
def test_what_was_not_measured_is_an_error(measured: SliceTable | None, changes: dict[str, Any], why: str) -> None:
    result = decided(measured, **changes)
    assert (result.status, result.checks[0].observed, result.checks[0].threshold) == ("error", None, -0.01)
    assert why in result.sentence


@pytest.mark.parametrize(
    ("problem", "why"),
    [(None, "the evidence lacks the predictions of champion v4"), ("v4 needs column x", "v4 needs column x")],
)
def test_a_champion_that_was_not_scored_is_an_error(problem: str | None, why: str) -> None:
    given = replace(answers(rows=70), champion=None)
    lost = evidence(given, slices=table(one_slice("red", None)), champion_version="4", champion_problem=problem)
    result = decide(lost, rule())
    assert (result.status, why in result.sentence) == ("error", True)


# From rows to the verdict


def judged(given: Answers, groups: Groups = GROUPS, **changes: Any) -> GateResult:
    asked = rule(**changes)
    return decide(evidence(given, slices=measure_slices(given, groups, asked)), asked)


def test_a_challenger_that_is_spoilt_in_one_slice_is_refused_though_it_is_as_good_on_average() -> None:
    many = columns(rows=14_000)
    harm = 0.8 * inside(many, line="green") - 0.25 * ~inside(many, line="green")
    given = answers(rows=14_000, harm=harm)
    result = judged(given, many, columns=("line", "size"))
    assert result.status == "fail"
    assert "line green" in result.sentence
    assert judged(answers(rows=14_000), many, columns=("line", "size")).status == "pass"


def test_harm_in_a_slice_that_nobody_declared_is_found_and_refused() -> None:
    many = columns(rows=28_000)
    given = answers(rows=28_000, harm=0.9 * inside(many, line="blue", size="above 20"))
    result = judged(given, many, columns=())
    assert result.status == "fail"
    assert "line blue and size above 20" in result.sentence


def test_with_forty_equal_slices_the_gate_refuses_as_seldom_as_was_asked_for() -> None:
    """60 worlds at a false discovery rate of 0.2; days move together, and so do the rows of a slice on one day."""
    refused, rows, days = 0, 7000, 14
    for world in range(60):
        random = np.random.default_rng(world)
        groups = {
            name: Coded(random.integers(0, 20, rows).astype(np.int32), tuple(f"v{place}" for place in range(20)))
            for name in ("one", "other")
        }
        day = (np.arange(rows) * days // rows).astype(np.int32)
        own = [random.normal(0, 0.3, (days, 20))[day, groups["one"].codes] for _ in range(2)]
        target = random.normal(0, 1, rows) + random.normal(0, 0.5, days)[day]
        given = Answers("regression", (), day, target, *(random.normal(0, 1, rows) + one for one in own))
        asked = {"columns": ("one", "other"), "metric": "mae", "margin": 0.0, "false_discovery_rate": 0.2}
        refused += judged(given, groups, **asked).status == "fail"
    assert 1 <= refused <= 20  # 12 are expected at most; 21 or more would have a chance of 0.5 %

"""Slices: each is what the metric is on its rows alone, and the worst one is found on days that do not judge it."""

from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest

from include.evaluation.answers import Answers
from include.evaluation.coded import Coded
from include.evaluation.metrics import improvement, measure
from include.evaluation.slices import FoundSlice, Slice, SliceTable, measure_slices
from include.spec import Slices
from include.spec.metrics import METRICS, Metric, Task
from tests.grouped import DAYS, ROWS, Groups, answers, columns, inside

GROUPS = columns()
BY_METRIC = [(task, metric) for task in get_args(Task) for metric in METRICS[task]]


def rule(metric: Metric = "auc", **changes: Any) -> Slices:
    return Slices.model_validate({"columns": ("line", "size"), "metric": metric, "margin": 0.0, **changes})


def measured(given: Answers, groups: Groups = GROUPS, metric: Metric = "auc", **changes: Any) -> SliceTable:
    table = measure_slices(given, groups, rule(metric, **changes))
    assert table is not None
    return table


def found(slice_: FoundSlice | None) -> FoundSlice:
    assert slice_ is not None
    return slice_


@pytest.mark.parametrize(("task", "metric"), BY_METRIC)
def test_a_slice_is_what_the_metric_is_on_its_rows(task: Task, metric: Metric) -> None:
    given = answers(task)
    assert given.champion is not None
    table = measured(given, metric=metric)
    assert [one.name for one in table.slices] == [
        "line red", "line blue", "line green", "line grey", "size up to 10", "size 10 to 20", "size above 20",
    ]  # fmt: skip
    for one in table.slices:
        rows = inside(GROUPS, **dict(one.terms))
        ours, theirs = (measure(metric, given.target[rows], said[rows]) for said in (given.challenger, given.champion))
        assert one.champion is not None
        assert one.difference is not None
        assert (one.challenger.value, one.champion.value) == (pytest.approx(ours), pytest.approx(theirs))
        assert one.difference.observed == pytest.approx(improvement(metric, ours, theirs))
        assert one.difference.lower < one.difference.observed < one.difference.upper
        assert one.challenger.lower < one.challenger.value < one.challenger.upper
        assert one.difference.standard_error > 0
        assert (one.rows, one.challenger.blocks) == (rows.sum(), DAYS)


@pytest.mark.parametrize(("task", "metric"), BY_METRIC)
def test_the_search_finds_where_the_challenger_is_spoilt_by_any_metric(task: Task, metric: Metric) -> None:
    harm = 0.9 * inside(GROUPS, line="green")
    given = answers(task, harm=harm)
    harmed = found(measured(given, metric=metric).most_harmed).slice
    assert harmed.terms[0] == ("line", "green")
    assert harmed.difference is not None
    assert harmed.difference.observed < -3 * harmed.difference.standard_error
    unharmed = found(measured(answers(task), metric=metric).most_harmed).slice.difference
    assert unharmed is not None
    assert abs(unharmed.observed) < 3 * unharmed.standard_error


def test_two_values_that_are_bad_only_together_are_found_though_nobody_declared_them() -> None:
    many = columns(rows=28_000)
    harm = 0.95 * inside(many, line="blue", size="above 20")
    table = measured(answers(harm=harm, rows=28_000), many, columns=())
    assert table.slices == ()
    worst = found(table.most_harmed)
    assert worst.slice.name == "line blue and size above 20"
    assert worst.compared == 4 + 3 + 12


def test_every_second_day_is_searched_and_the_others_are_judged() -> None:
    """Harm on the searched days leads to the slice, and is not what is told of it."""
    given, odd = answers(), answers().days % 2 == 1
    green = inside(GROUPS, line="green")
    searched = answers(harm=0.9 * (green & ~odd))
    lucky = found(measured(searched).most_harmed).slice
    assert lucky.terms[0] == ("line", "green")
    assert lucky.difference is not None
    assert lucky.difference.upper > 0
    rows = inside(GROUPS, **dict(lucky.terms)) & odd
    assert lucky.rows == rows.sum()
    assert lucky.challenger.value == pytest.approx(measure("auc", searched.target[rows], searched.challenger[rows]))
    assert lucky.challenger.blocks == DAYS // 2
    unseen = found(measured(answers(harm=0.9 * (green & odd))).most_harmed).slice
    assert unseen.terms == found(measured(given).most_harmed).slice.terms


def test_the_weakest_slice_is_where_errors_are_largest_whatever_the_champion_says() -> None:
    hard = 0.8 * inside(GROUPS, size="10 to 20")
    given = answers(harm=hard)
    alone = measured(replace(given, champion=None))
    assert alone.most_harmed is None
    assert found(alone.weakest).slice.terms[0] == ("size", "10 to 20")
    same = measured(replace(given, champion=given.challenger))
    assert found(same.weakest).slice.terms == found(alone.weakest).slice.terms
    harmed = found(same.most_harmed).slice.difference
    assert harmed is not None
    assert harmed.observed == 0


def test_a_bad_day_is_no_weak_slice() -> None:
    """The errors of day 4 are huge; a column whose value `late` is that day and the two after must not be blamed."""
    given = answers("regression", harm=0.6 * inside(GROUPS, line="red"))
    late = Coded((given.days >= 4).astype(np.int32), ("early", "late"))
    spoilt = replace(given, challenger=given.challenger + 40.0 * (given.days >= 4))
    table = measured(spoilt, {**GROUPS, "when": late}, "mae")
    assert ("when", "late") not in found(table.weakest).slice.terms


@pytest.mark.parametrize("metric", ["auc", "average_precision"])
def test_by_a_metric_of_ranking_errors_are_those_of_the_log_loss(metric: Metric) -> None:
    """One in eight is surely wrong and costs 14 each, or 1 as a square; all that are undecided cost 0.7, or 0.25."""
    given = answers()
    sure = np.arange(ROWS) % 3 == 0
    said = np.where(sure, np.clip(given.target, 1e-6, 1 - 1e-6), 0.5)
    wrong = sure & (np.arange(ROWS) % 8 == 0)
    kind = Coded(sure.astype(np.int32), ("undecided", "sure"))
    told = replace(given, challenger=np.where(wrong, 1 - said, said), champion=None)
    assert found(measured(told, {"kind": kind}, metric, columns=()).weakest).slice.terms == (("kind", "sure"),)
    assert found(measured(told, {"kind": kind}, "brier", columns=()).weakest).slice.terms == (("kind", "undecided"),)


def test_a_day_of_one_row_is_a_bad_day_and_no_weak_slice() -> None:
    given = answers("regression", harm=0.8 * inside(GROUPS, line="red"))
    red = int(np.flatnonzero(GROUPS["line"].codes == 0)[0])
    rows = np.append(np.arange(ROWS), red)
    lone = replace(
        given,
        days=np.append(given.days, np.int32(DAYS)),
        target=given.target[rows],
        challenger=np.append(given.challenger, 1e6),
        champion=None,
    )
    groups = {"line": Coded(GROUPS["line"].codes[rows], GROUPS["line"].names)}
    assert found(measured(lone, groups, "mae", columns=()).weakest).slice.terms == (("line", "red"),)


def test_without_a_champion_there_is_no_difference() -> None:
    table = measured(replace(answers(), champion=None))
    assert [one.champion for one in table.slices] == [None] * 7
    assert [one.difference for one in table.slices] == [None] * 7
    assert all(np.isfinite(one.challenger.value) for one in table.slices)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("side", ["challenger", "champion"])
def test_a_prediction_that_is_no_number_cannot_be_measured(side: str, value: float) -> None:
    said = answers().challenger.copy()
    said[7] = value
    assert measure_slices(replace(answers(), **{side: said}), GROUPS, rule()) is None


def test_no_rows_cannot_be_measured() -> None:
    nothing = answers().where(np.zeros(ROWS, dtype=bool))
    assert measure_slices(nothing, columns(rows=0), rule()) is None


def test_a_slice_with_one_class_has_no_auc_and_the_others_have() -> None:
    given = answers()
    target = np.where(inside(GROUPS, line="grey"), 0.0, given.target)
    slices = {one.name: one for one in measured(replace(given, target=target)).slices}
    assert np.isnan(slices["line grey"].challenger.value)
    assert slices["line grey"].difference is not None
    assert np.isnan(slices["line grey"].difference.observed)
    assert np.isfinite(slices["line red"].challenger.value)


def test_what_is_too_small_to_be_searched_is_not_found() -> None:
    table = measured(answers(), min_rows=ROWS // 2)
    assert (table.most_harmed, table.weakest) == (None, None)
    few_days = answers(days=9)  # five of them are searched, four are left
    table = measured(few_days)
    assert found(table.weakest).slice.challenger.blocks == 4
    assert measured(answers(days=8)).weakest is None
    one_day = replace(answers(), days=np.zeros(ROWS, dtype=np.int32))
    assert measured(one_day).weakest is None


def test_a_slice_is_told_in_words() -> None:
    one = measured(answers()).slices[0]
    both = Slice.model_validate({**dict(one), "terms": (("line", "red"), ("distance", "500 to 1024"))})
    assert both.name == "line red and distance 500 to 1024"


def test_the_table_survives_its_json() -> None:
    given = answers()
    target = np.where(inside(GROUPS, line="grey"), 0.0, given.target)
    table = measured(replace(given, target=target))
    again = SliceTable.model_validate_json(table.model_dump_json())
    assert again.slices[0] == table.slices[0]
    assert np.isnan(again.slices[3].challenger.value)
    assert again.most_harmed == table.most_harmed

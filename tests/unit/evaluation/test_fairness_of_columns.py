"""Fairness of columns: counts by hand, which groups are judged, and what is kept of a personal column."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, recall_score

from include.evaluation.answers import Answers
from include.evaluation.coded import Coded
from include.evaluation.fairness import ColumnFairness, Gap, measure_fairness
from include.features.matrix import Floats
from include.spec import Fairness
from tests.grouped import answers, columns

GROUPS = columns()


def rule(**changes: Any) -> Fairness:
    return Fairness.model_validate({"columns": ("line",), "min_rows": 100, "min_positives": 30, **changes})


def measured(given: Answers, groups: dict[str, Coded], **changes: Any) -> ColumnFairness:
    found = measure_fairness(given, groups, rule(**changes))
    assert found is not None
    [column] = found
    return column


def the(gap: Gap | None) -> Gap:
    assert gap is not None
    return gap


def by_hand() -> tuple[Answers, Coded]:
    """Ten days alike. Of a: 3 of 4 who are yes are told so, and 1 of 4 who are not; of b: 1 of 2, and 2 of 4."""
    target = [1.0, 1, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0]
    said = [0.9, 0.8, 0.5, 0.4, 0.6, 0.1, 0.2, 0.3, 0.7, 0.1, 0.9, 0.5, 0.0, 0.2]
    day = np.repeat(np.arange(10, dtype=np.int32), 14)
    given = Answers("binary", (), day, np.tile(target, 10), np.tile(said, 10), None)
    return given, Coded(np.tile([0] * 8 + [1] * 6, 10).astype(np.int32), ("a", "b"))


def test_the_gaps_of_an_example_by_hand() -> None:
    given, groups = by_hand()
    column = measured(given, {"line": groups}, min_rows=60, min_positives=20)
    told = {(group.name, rate.name): (rate.challenger, rate.rows) for group in column.groups for rate in group.rates}
    assert told == {
        ("a", "true positive rate"): (0.75, 40), ("a", "false positive rate"): (0.25, 40),
        ("b", "true positive rate"): (0.5, 20), ("b", "false positive rate"): (0.5, 40),
    }  # fmt: skip
    assert [(group.name, group.rows) for group in column.groups] == [("a", 80), ("b", 60)]
    opportunity, odds = the(column.gaps["equal opportunity"]), the(column.gaps["equalised odds"])
    assert (opportunity.rate, opportunity.higher, opportunity.lower) == ("true positive rate", "a", "b")
    assert (opportunity.challenger.value, odds.challenger.value) == (0.25, 0.25)
    assert (opportunity.champion, opportunity.increase) == (None, None)


def test_equalised_odds_is_the_larger_gap_of_both_rates() -> None:
    given, groups = by_hand()
    alarmed = np.where((groups.codes == 1) & (given.target == 0), 0.9, given.challenger)
    column = measured(replace(given, challenger=alarmed), {"line": groups}, min_rows=60, min_positives=20)
    odds = the(column.gaps["equalised odds"])
    assert (odds.rate, odds.higher, odds.lower, odds.challenger.value) == ("false positive rate", "b", "a", 0.75)
    assert the(column.gaps["equal opportunity"]).challenger.value == 0.25


def rates(given: Answers, said: Floats, inside: Any, threshold: float) -> tuple[float, float]:
    (tn, fp), (fn, tp) = confusion_matrix(given.target[inside], said[inside] >= threshold)
    return tp / (tp + fn), fp / (fp + tn)


@pytest.mark.parametrize("threshold", [0.5, 0.7])
def test_the_gaps_are_those_of_scikit_learns_confusion_matrices(threshold: float) -> None:
    given = answers()
    assert given.champion is not None
    column = measured(given, {"line": GROUPS["line"]}, decision_threshold=threshold)
    ours, theirs = (
        np.array([rates(given, said, GROUPS["line"].codes == place, threshold) for place in range(4)])
        for said in (given.challenger, given.champion)
    )
    opportunity, odds = the(column.gaps["equal opportunity"]), the(column.gaps["equalised odds"])
    assert opportunity.champion is not None
    assert opportunity.increase is not None
    assert odds.champion is not None
    for place, group in enumerate(column.groups):
        assert [rate.challenger for rate in group.rates] == pytest.approx(ours[place])
        assert [rate.champion for rate in group.rates] == pytest.approx(theirs[place])
    assert opportunity.challenger.value == pytest.approx(np.ptp(ours[:, 0]))
    assert opportunity.champion.value == pytest.approx(np.ptp(theirs[:, 0]))
    assert opportunity.increase.value == pytest.approx(np.ptp(ours[:, 0]) - np.ptp(theirs[:, 0]))
    assert odds.challenger.value == pytest.approx(np.ptp(ours, axis=0).max())
    assert odds.champion.value == pytest.approx(np.ptp(theirs, axis=0).max())
    assert GROUPS["line"].names[int(ours[:, 0].argmax())] == opportunity.higher
    assert GROUPS["line"].names[int(ours[:, 0].argmin())] == opportunity.lower


def test_several_classes_have_a_recall_each() -> None:
    given = answers("multiclass")
    column = measured(given, {"line": GROUPS["line"]})
    recalls = np.array(
        [
            recall_score(given.target[inside], given.challenger[inside].argmax(1), average=None)
            for inside in (GROUPS["line"].codes == place for place in range(4))
        ]
    )
    gap = the(column.gaps["recall"])
    assert list(column.gaps) == ["recall"]
    assert gap.challenger.value == pytest.approx(np.ptp(recalls, axis=0).max())
    assert gap.rate == f"recall of {given.classes[int(np.ptp(recalls, axis=0).argmax())]}"


def test_a_regression_has_a_mean_error() -> None:
    given = answers("regression")
    shifted = given.challenger + 2.0 * (GROUPS["line"].codes == 3)
    column = measured(replace(given, challenger=shifted), {"line": GROUPS["line"]}, min_positives=5000)
    means = [(shifted - given.target)[GROUPS["line"].codes == place].mean() / given.target.std() for place in range(4)]
    gap = the(column.gaps["mean error"])
    assert gap.challenger.value == pytest.approx(np.ptp(means))
    assert (gap.higher, gap.rate) == ("grey", "mean error")
    assert gap.increase is not None
    assert gap.increase.lower > 0


@pytest.mark.parametrize(
    ("changes", "judged"),
    [
        ({}, [True, True, True, True, True, True]),
        ({"min_rows": 401}, [True, True, True, True, False, False]),
        ({"min_rows": 400}, [True, True, True, True, True, True]),
        ({"min_positives": 101}, [True, True, True, True, False, True]),
        ({"min_positives": 100}, [True, True, True, True, True, True]),
    ],
)
def test_a_rate_is_judged_where_enough_rows_stand_behind_it(changes: dict[str, Any], judged: list[bool]) -> None:
    """Groups of 800, 800 and 400 rows, a quarter of each yes."""
    size = np.array([0, 0, 1, 1, 2], dtype=np.int32)
    groups = Coded(np.tile(np.repeat(size, 4), 100), ("a", "b", "c"))
    target = np.tile([1.0, 0, 0, 0], 500)
    day = (np.arange(2000) // 200).astype(np.int32)
    given = Answers("binary", (), day, target, np.where(target == 1, 0.8, 0.2), None)
    column = measured(given, {"line": groups}, **changes)
    assert [rate.judged for group in column.groups for rate in group.rates] == judged


@pytest.mark.parametrize(("days", "judged"), [(5, True), (4, False)])
def test_a_rate_is_judged_where_enough_days_stand_behind_it(days: int, judged: bool) -> None:
    given = answers()
    early = Coded((given.days < days).astype(np.int32), ("later", "early"))
    column = measured(given, {"line": early}, min_rows=1, min_positives=1)
    assert [rate.judged for rate in column.groups[1].rates] == [judged, judged]
    assert (column.gaps["equal opportunity"] is None) == (not judged)


@pytest.mark.parametrize(("days", "judged"), [(5, True), (4, False)])
def test_a_day_with_a_single_row_is_a_day(days: int, judged: bool) -> None:
    given = answers()
    firsts = np.searchsorted(given.days, np.arange(days))
    few = Coded(np.isin(np.arange(len(given.days)), firsts).astype(np.int32), ("others", "few"))
    target = np.where(few.codes == 1, 1.0, given.target)
    column = measured(replace(given, target=target), {"line": few}, min_rows=1, min_positives=1)
    assert [(rate.rows, rate.judged) for rate in column.groups[1].rates] == [(days, judged), (0, False)]


def test_a_group_that_is_not_judged_widens_no_gap() -> None:
    given, line = answers(), GROUPS["line"]
    inside = line.codes == 2
    few = inside & (np.cumsum(inside) % 20 == 0)
    keep = few | ~inside
    wrong = replace(given, challenger=np.where(few, 1 - given.target, given.challenger)).where(keep)
    column, all_judged = (
        measured(wrong, {"line": line.where(keep)}, min_rows=fewest, min_positives=1)
        for fewest in (few.sum() + 1, few.sum())
    )
    assert [rate.judged for rate in column.groups[2].rates] == [False, False]
    assert the(column.gaps["equalised odds"]).challenger.value < 0.2
    assert the(all_judged.gaps["equalised odds"]).challenger.value > 0.5


@pytest.mark.parametrize(("task", "gaps"), [("binary", 2), ("multiclass", 1), ("regression", 1)])
def test_with_one_group_there_is_no_gap(task: Any, gaps: int) -> None:
    given = answers(task)
    alone = Coded(np.zeros(len(given.target), np.int32), ("all",))
    column = measured(given, {"line": alone})
    assert list(column.gaps.values()) == [None] * gaps
    assert column.groups[0].rates[0].judged


@pytest.mark.parametrize("side", ["challenger", "champion"])
def test_a_prediction_that_is_no_number_cannot_be_measured(side: str) -> None:
    said = answers().challenger.copy()
    said[7] = np.nan
    assert measure_fairness(replace(answers(), **{side: said}), {"line": GROUPS["line"]}, rule()) is None


def test_groups_without_a_class_have_no_rate_and_no_gap() -> None:
    given = answers()
    column = measured(replace(given, target=np.zeros(len(given.target))), {"line": GROUPS["line"]})
    assert column.gaps["equal opportunity"] is None
    assert the(column.gaps["equalised odds"]).rate == "false positive rate"
    assert np.isnan(column.groups[0].rates[0].challenger)


def test_targets_that_are_all_equal_have_no_unit_for_errors() -> None:
    given = answers("regression")
    column = measured(replace(given, target=np.full(len(given.target), 3.0)), {"line": GROUPS["line"]})
    assert np.isnan(the(column.gaps["mean error"]).challenger.value)


def test_it_survives_its_json() -> None:
    column = measured(answers(), {"line": GROUPS["line"]})
    assert ColumnFairness.model_validate_json(column.model_dump_json()) == column

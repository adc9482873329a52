"""Rates by group: they agree with a confusion matrix and with sums by hand."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, recall_score

from include.evaluation.answers import Answers
from include.evaluation.coded import Coded
from include.evaluation.tally import rates_of, tally
from include.features.matrix import Floats

DAYS = np.arange(240, dtype=np.int32) % 6
GROUPS = Coded(np.arange(240, dtype=np.int32) * 7 % 3, ("a", "b", "c"))


def answers(task: Any, target: Floats, said: Floats, **changes: Any) -> Answers:
    classes = ("x", "y", "z") if task == "multiclass" else ()
    return Answers(task, classes, changes.get("days", DAYS), target, said, None)


def binary(seed: int = 1) -> tuple[Floats, Floats]:
    random = np.random.default_rng(seed)
    return (random.random(240) < 0.4).astype(np.float64), random.random(240).round(2)


@pytest.mark.parametrize("threshold", [0.5, 0.3])
def test_true_and_false_positive_rates_are_those_of_the_confusion_matrix(threshold: float) -> None:
    target, said = binary()
    found = tally(answers("binary", target, said), said, GROUPS, threshold)
    assert rates_of(answers("binary", target, said)) == ("true positive rate", "false positive rate")
    for place in range(3):
        inside = GROUPS.codes == place
        (tn, fp), (fn, tp) = confusion_matrix(target[inside], said[inside] >= threshold)
        assert found.shares[:, place] == pytest.approx([tp / (tp + fn), fp / (fp + tn)])
        assert found.rows[:, place].sum(axis=1).tolist() == [tp + fn, fp + tn]
    assert found.days == 6


def test_a_probability_at_the_threshold_is_a_yes() -> None:
    target, said = np.array([1.0, 1, 1, 0, 0]), np.array([0.5, 0.49, 0.51, 0.5, 0.1])
    one_day, everyone = np.zeros(5, np.int32), Coded(np.zeros(5, np.int32), ("all",))
    found = tally(answers("binary", target, said, days=one_day), said, everyone, 0.5)
    assert found.shares[:, 0] == pytest.approx([2 / 3, 1 / 2])


def test_the_recall_of_each_class_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(3)
    target, said = random.integers(0, 3, 240).astype(np.float64), random.dirichlet([1, 1, 1], 240)
    found = tally(answers("multiclass", target, said), said, GROUPS, 0.5)
    for place in range(3):
        inside = GROUPS.codes == place
        assert found.shares[:, place] == pytest.approx(
            recall_score(target[inside], said[inside].argmax(1), average=None)
        )
    assert rates_of(answers("multiclass", target, said)) == ("recall of x", "recall of y", "recall of z")


@pytest.mark.parametrize("unit", [1.0, 0.01])
def test_the_error_of_a_regression_is_the_mean_one_in_standard_deviations_of_the_target(unit: float) -> None:
    random = np.random.default_rng(4)
    target = unit * random.normal(5, 3, 240)
    said = target + unit * (1.5 * (GROUPS.codes == 1) - 0.5)
    found = tally(answers("regression", target, said), said, GROUPS, 0.5)
    assert found.shares[0] * target.std() == pytest.approx([-0.5 * unit, 1.0 * unit, -0.5 * unit])
    assert np.isnan(tally(answers("regression", 0 * target, said), said, GROUPS, 0.5).shares).all()


@given(st.integers(0, 10_000))
def test_days_and_groups_share_the_rows_out_and_lose_none(seed: int) -> None:
    random = np.random.default_rng(seed)
    target, said = binary(seed)
    days = random.choice([0, 2, 5], 240).astype(np.int32)
    found = tally(answers("binary", target, said, days=days), said, GROUPS, 0.5)
    assert found.days == 3  # the others have no rows
    assert found.rows.sum() == 240
    assert found.sums.sum() == (said >= 0.5).sum()
    assert (found.sums <= found.rows).all()


def test_a_group_without_a_class_has_no_rate() -> None:
    target, said = binary()
    target[GROUPS.codes == 2] = 0
    shares = tally(answers("binary", target, said), said, GROUPS, 0.5).shares
    assert np.isnan(shares[0]).tolist() == [False, False, True]
    assert np.isfinite(shares[1]).all()

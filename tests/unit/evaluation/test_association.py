"""Association: what a single feature gives away, whatever the shape of the relation."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from include.evaluation.association import codes_of, out_of_fold, strength, strengths
from include.features.matrix import Floats
from include.spec.metrics import Task
from tests.declared import contract, spec

ROWS = 4000
RANDOM = np.random.default_rng(11)
X = RANDOM.normal(size=ROWS)
TARGET = (X + RANDOM.normal(size=ROWS) > 0.8).astype(float)
NOISE = RANDOM.normal(size=ROWS)


def of_numbers(values: Floats, target: Floats, task: Task = "binary") -> float:
    return strength(task, codes_of(pd.Series(values), numeric=True), target)


@pytest.mark.parametrize("direction", [1.0, -1.0])
def test_a_rising_or_falling_number_is_as_strong_as_its_auc(direction: float) -> None:
    expected = 2 * roc_auc_score(TARGET, X) - 1
    assert of_numbers(direction * X, TARGET) == pytest.approx(expected, abs=0.03)


def test_a_number_that_says_nothing_is_weak() -> None:
    assert of_numbers(NOISE, TARGET) < 0.06


def test_a_relation_that_neither_rises_nor_falls_is_seen() -> None:
    u_shape = (np.abs(X) > 1).astype(float)
    assert abs(2 * roc_auc_score(u_shape, X) - 1) < 0.1
    assert of_numbers(X, u_shape) > 0.95


def test_missing_values_that_give_the_answer_away_are_seen() -> None:
    """As an arrival time is missing for every cancelled flight."""
    assert of_numbers(np.where(TARGET == 1, np.nan, NOISE), TARGET) > 0.99
    assert of_numbers(np.where(RANDOM.random(ROWS) < 0.3, np.nan, NOISE), TARGET) < 0.06


def test_a_category_of_one_row_says_nothing() -> None:
    """Its own row would give the answer; other rows do not."""
    assert strength("binary", np.arange(ROWS), TARGET) < 0.06


def test_a_category_that_repeats_the_target_gives_it_away() -> None:
    words = pd.Series(np.where(TARGET == 1, "late", "on time"), dtype=object)
    assert strength("binary", codes_of(words, numeric=False), TARGET) == pytest.approx(1.0)
    missing = pd.Series(np.where(TARGET == 1, None, "on time"), dtype=object)
    assert strength("binary", codes_of(missing, numeric=False), TARGET) == pytest.approx(1.0)


def test_of_a_regression_only_the_order_counts() -> None:
    target = np.exp(3 * X)
    assert of_numbers(X, target, "regression") > 0.99
    assert of_numbers(X**2, target, "regression") < 0.2
    assert of_numbers(X, X**2, "regression") > 0.9
    assert of_numbers(NOISE, target, "regression") < 0.06


def test_of_several_classes_the_one_told_best_counts() -> None:
    classes = RANDOM.integers(0, 4, ROWS).astype(float)
    tells_one = (classes == 2).astype(float)
    assert of_numbers(tells_one, classes, "multiclass") == pytest.approx(1.0)
    assert of_numbers(NOISE, classes, "multiclass") < 0.1


def test_a_class_of_few_rows_does_not_count() -> None:
    rare = np.zeros(ROWS)
    rare[:49] = 1
    assert of_numbers(rare, rare, "multiclass") == pytest.approx(1.0)  # by the common class, told as well
    both = rare.copy()
    both[2000:] = 2
    assert of_numbers(rare, both, "multiclass") < 0.2
    rare[49] = both[49] = 1
    assert of_numbers(rare, both, "multiclass") == pytest.approx(1.0)


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_equal_targets_have_no_association(task: Task) -> None:
    assert math.isnan(of_numbers(X, np.ones(ROWS), task))


def test_few_rows_are_cut_into_few_bins() -> None:
    assert codes_of(pd.Series(np.arange(30.0)), numeric=True).tolist() == [1] * 15 + [2] * 15
    assert len(np.unique(codes_of(pd.Series(np.arange(200.0)), numeric=True))) == 4
    assert len(np.unique(codes_of(pd.Series(X), numeric=True))) == 40
    assert codes_of(pd.Series([np.nan, np.nan]), numeric=True).tolist() == [0, 0]


def test_means_are_those_of_the_other_folds() -> None:
    codes, target = RANDOM.integers(0, 3, 50), RANDOM.random(50)
    fold = np.random.default_rng(20130405).integers(0, 5, 50)
    expected = [target[(codes == codes[row]) & (fold != fold[row])].mean() for row in range(50)]
    np.testing.assert_allclose(out_of_fold(codes, target), expected)


def test_a_category_that_the_other_folds_lack_gets_the_mean_of_all() -> None:
    """Of 30 categories of 50 rows, some have one other row in the other folds, and some none."""
    random = np.random.default_rng(3)
    codes, target = random.integers(0, 30, 50), random.random(50)
    fold = np.random.default_rng(20130405).integers(0, 5, 50)
    others = [target[(codes == codes[row]) & (fold != fold[row])] for row in range(50)]
    assert {len(one) for one in others} >= {0, 1, 2}
    expected = [one.mean() if len(one) else target.mean() for one in others]
    np.testing.assert_allclose(out_of_fold(codes, target), expected)
    assert out_of_fold(np.empty(0, dtype=np.int64), np.empty(0)).tolist() == []


def test_a_yes_of_few_rows_is_judged_and_a_class_of_few_is_not() -> None:
    target = np.tile([0.0, 1.0], 30)
    assert strength("binary", target.astype(np.int64), target) == pytest.approx(1.0)
    assert math.isnan(strength("multiclass", target.astype(np.int64), target))


def test_a_missing_word_is_category_nought() -> None:
    assert codes_of(pd.Series(["a", None, "b", "a"], dtype=object), numeric=False).tolist() == [1, 0, 2, 1]


def test_features_are_listed_the_strongest_first() -> None:
    columns: dict[str, Any] = {"bus": {"type": "float", "nullable": True}, "full": {"type": "float"}}
    declared = spec(contract=contract(columns=columns, keys=["at"]))
    rows = pd.DataFrame({"bus": X, "full": TARGET, "line": np.full(ROWS, "red", dtype=object)})
    found = strengths(declared, rows, TARGET)
    assert list(found) == ["full", "bus", "line"]
    assert found["full"] == pytest.approx(1.0)
    assert found["line"] < 0.01

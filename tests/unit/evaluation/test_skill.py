"""Skill: the improvement over a constant prediction, and how well predictions order rows, against scikit-learn."""

import math

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from include.evaluation.skill import Skill, constant, rank_skill, skill
from include.features.matrix import Floats
from include.spec.metrics import Metric
from tests.declared import spec

RANDOM = np.random.default_rng(5)
TARGET = (RANDOM.random(400) < 0.3).astype(float)
SCORES = np.round(TARGET * 0.4 + RANDOM.random(400), 1)  # with ties


@pytest.mark.parametrize(
    ("metric", "reached", "without", "gained", "possible"),
    [
        ("auc", 0.75, 0.5, 0.25, 0.5),
        ("brier", 0.2, 0.25, 0.05, 0.25),
        ("mae", 5, 4, -1, 4),
        ("r2", 0.3, -0.1, 0.4, 1.1),
    ],
)
def test_skill_is_what_is_gained_over_the_constant(
    metric: Metric, reached: float, without: float, gained: float, possible: float
) -> None:
    found = skill(metric, reached, without)
    assert (found.gained, found.possible) == (pytest.approx(gained), pytest.approx(possible))


@pytest.mark.parametrize(
    ("gained", "lost", "share"),
    [(0.2, 0.1, 0.5), (0.2, -0.1, -0.5), (0.05, 0.05, 1.0), (0.049, 0.05, 1.0), (0.0, 0.05, 1.0), (-0.3, 0.1, 2.0)],
)
def test_a_loss_is_a_share_of_the_skill_or_of_a_tenth_of_the_possible(gained: float, lost: float, share: float) -> None:
    assert Skill(gained=gained, possible=0.5).share(lost) == pytest.approx(share)


def test_where_nothing_can_be_gained_there_is_no_share() -> None:
    assert math.isnan(Skill(gained=0.0, possible=0.0).share(0.1))
    assert math.isnan(skill("auc", math.nan, math.nan).share(0.1))
    assert math.isnan(skill("auc", 0.7, 0.5).share(math.nan))


def test_the_constant_is_the_base_rate_the_median_or_the_shares_of_the_classes() -> None:
    target = np.array([0.0, 0, 1, 7])
    regression = {"task": "regression", "target": {"column": "late"}}
    assert constant(spec(), np.array([0.0, 0, 0, 1])) == 0.25
    assert constant(spec(**regression), target) == 2.0
    assert constant(spec(**regression, gates={"champion_comparison": {"metric": "mae"}}), target) == 0.5
    classes = spec(
        task="multiclass", target={"column": "line", "classes": ["red", "blue"]}, features={"numeric": ["full"]}
    )
    assert constant(classes, np.zeros(4)).tolist() == [1.0, 0.0]
    assert math.isnan(float(constant(spec(), np.empty(0))))


def test_binary_order_is_that_of_scikit_learn_ties_included() -> None:
    assert rank_skill("binary", TARGET, SCORES) == pytest.approx(2 * roc_auc_score(TARGET, SCORES) - 1, abs=1e-12)
    assert rank_skill("binary", TARGET, -SCORES) == pytest.approx(1 - 2 * roc_auc_score(TARGET, SCORES), abs=1e-12)


def test_the_order_of_several_classes_is_that_of_scikit_learn() -> None:
    target = RANDOM.integers(0, 3, 400).astype(float)
    said = RANDOM.random((400, 3)) + np.eye(3)[target.astype(int)] * 0.3
    said /= said.sum(axis=1, keepdims=True)
    expected = 2 * roc_auc_score(target, said, multi_class="ovr", average="macro") - 1
    assert rank_skill("multiclass", target, said) == pytest.approx(expected, abs=1e-12)


def test_the_order_of_numbers_is_spearmans_correlation() -> None:
    target = np.exp(SCORES + RANDOM.random(400))
    expected = spearmanr(target, SCORES).statistic
    assert rank_skill("regression", target, SCORES) == pytest.approx(expected, abs=1e-12)
    assert rank_skill("regression", target, -SCORES) == pytest.approx(-expected, abs=1e-12)


def test_a_row_in_the_middle_is_no_reason_to_say_nothing() -> None:
    assert rank_skill("regression", np.array([1.0, 2, 3]), np.array([1.0, 3, 2])) == pytest.approx(0.5)
    assert rank_skill("regression", np.array([1.0, 2, 3, 4]), np.array([1.0, 2, 2, 3])) == pytest.approx(
        spearmanr([1, 2, 3, 4], [1, 2, 2, 3]).statistic
    )


def test_two_classes_of_three_are_ordered_by_those_two() -> None:
    said = np.array([[0.7, 0.2, 0.1], [0.4, 0.3, 0.3], [0.5, 0.3, 0.2], [0.2, 0.6, 0.2]])
    assert rank_skill("multiclass", np.array([0.0, 0, 1, 1]), said) == pytest.approx((0.5 + 0.75) / 2)


@pytest.mark.parametrize(("task", "said"), [("binary", np.ones(4)), ("regression", np.ones(4))])
def test_a_constant_orders_nothing_and_equal_targets_cannot_be_ordered(task: str, said: Floats) -> None:
    target = np.array([0.0, 1, 0, 1])
    assert rank_skill(task, target, said) == 0.0  # type: ignore[arg-type]
    assert math.isnan(rank_skill(task, np.ones(4), target))  # type: ignore[arg-type]


def test_one_class_alone_cannot_be_ordered() -> None:
    assert math.isnan(rank_skill("multiclass", np.zeros(4), np.tile([0.5, 0.5], (4, 1))))

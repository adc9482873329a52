"""The rule of the comparison refuses what could not be compared, and knows what each policy requires."""

from typing import Any

import pytest
from pydantic import ValidationError

from include.spec import ChampionComparison
from include.spec.comparison import Method, methods_for
from include.spec.metrics import METRICS, Metric, Task
from tests.declared import spec


@pytest.mark.parametrize(
    ("changes", "required", "enough", "short"),
    [
        ({"margin": 0.25}, -0.25, [-0.25, 0.0, 1.0], [-0.26, -1.0]),
        ({}, 0.0, [0.0, 0.1], [-0.001]),
        ({"policy": "significantly_better"}, 0.0, [0.001], [0.0, -0.001]),
        ({"policy": "better_by_margin", "margin": 0.25}, 0.25, [0.25, 1.0], [0.24, 0.0, -0.25]),
    ],
)
def test_what_a_policy_requires(
    changes: dict[str, Any], required: float, enough: list[float], short: list[float]
) -> None:
    rule = ChampionComparison.model_validate({"metric": "auc", **changes})
    assert rule.required == required
    assert [rule.reached(one) for one in enough] == [True] * len(enough)
    assert [rule.reached(one) for one in short] == [False] * len(short)


@pytest.mark.parametrize(
    ("task", "metric", "methods"),
    [
        ("binary", "auc", ("block_bootstrap", "delong")),
        ("multiclass", "auc", ("block_bootstrap",)),
        ("binary", "average_precision", ("block_bootstrap",)),
        ("binary", "accuracy", ("block_bootstrap", "mcnemar", "paired_t")),
        ("multiclass", "accuracy", ("block_bootstrap", "mcnemar", "paired_t")),
        ("binary", "brier", ("block_bootstrap", "paired_t")),
        ("multiclass", "log_loss", ("block_bootstrap", "paired_t")),
        ("regression", "mae", ("block_bootstrap", "paired_t")),
        ("regression", "rmse", ("block_bootstrap",)),
        ("regression", "r2", ("block_bootstrap",)),
    ],
)
def test_the_methods_of_a_metric(task: Task, metric: Metric, methods: tuple[Method, ...]) -> None:
    assert methods_for(metric, task) == methods
    assert set(methods) <= set(methods_for(metric))


def test_every_metric_can_be_compared() -> None:
    for task, metrics in METRICS.items():
        assert all(methods_for(metric, task)[0] == "block_bootstrap" for metric in metrics)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"metric": "brier", "method": "delong"}, "'delong' cannot compare brier. Choices: block_bootstrap, paired_t"),
        ({"metric": "auc", "method": "mcnemar"}, "'mcnemar' cannot compare auc. Choices: block_bootstrap, delong"),
        ({"metric": "rmse", "method": "paired_t"}, "'paired_t' cannot compare rmse. Choices: block_bootstrap"),
        ({"metric": "auc", "policy": "better_by_margin"}, "needs a margin above 0"),
        ({"metric": "auc", "policy": "significantly_better", "margin": 0.1}, "has no margin, got 0.1"),
        ({"metric": "auc", "method": "guess"}, "'block_bootstrap', 'delong', 'mcnemar' or 'paired_t'"),
    ],
)
def test_the_impossible_is_refused_with_the_choices(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        ChampionComparison.model_validate(changes)


@pytest.mark.parametrize(
    ("key", "taken", "refused", "limit"),
    [
        ("margin", 0, -0.001, "greater than or equal to 0"),
        ("confidence", 0.501, 0.5, "greater than 0.5"),
        ("confidence", 0.999, 1, "less than 1"),
        ("power", 0.5, 0.499, "greater than or equal to 0.5"),
        ("power", 0.999, 1, "less than 1"),
        ("yearly_false_promotions", 0.001, 0, "greater than 0"),
        ("held_out_uses", 1, 0, "greater than or equal to 1"),
    ],
)
def test_a_number_may_go_as_far_as_it_means_something(key: str, taken: float, refused: float, limit: str) -> None:
    assert getattr(ChampionComparison.model_validate({"metric": "auc", key: taken}), key) == taken
    with pytest.raises(ValidationError, match=limit):
        ChampionComparison.model_validate({"metric": "auc", key: refused})


def test_no_margin_is_required_as_nought_and_not_as_minus_nought() -> None:
    assert f"{ChampionComparison(metric='auc').required:g}" == "0"
    assert f"{ChampionComparison(metric='auc', margin=0.5).required:g}" == "-0.5"


def test_a_task_with_several_classes_has_no_single_curve() -> None:
    several = {
        "task": "multiclass",
        "target": {"column": "line", "classes": ["red", "blue"]},
        "features": {"numeric": ["full"]},
    }
    compared = {"champion_comparison": {"metric": "auc", "method": "delong"}}
    with pytest.raises(ValidationError, match=r"'delong' cannot compare multiclass auc\. Choices: block_bootstrap"):
        spec(**several, gates=compared)
    assert spec(gates=compared).gates.champion_comparison.method == "delong"


@pytest.mark.parametrize(("days", "possible"), [(34, False), (35, True)])
def test_weeks_need_a_window_of_five(days: int, possible: bool) -> None:
    changes = {
        "training": {"held_out_days": days},
        "gates": {"champion_comparison": {"metric": "auc", "block": "week"}},
    }
    if possible:
        assert spec(**changes).gates.champion_comparison.block == "week"
    else:
        with pytest.raises(ValidationError, match=r"block .week. needs training\.held_out_days of 35 or more"):
            spec(**changes)

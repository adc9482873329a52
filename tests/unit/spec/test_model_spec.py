"""A model refuses the combinations that could not work, when it is read and not a week later."""

from typing import Any

import pytest
from pydantic import ValidationError

from include.spec import Calibration, ContractSpec, Features, ModelSpec, Monitoring
from tests.declared import contract, spec

REGRESSION = {"task": "regression", "target": {"column": "late"}}


def floor(metric: str) -> dict[str, Any]:
    return {"absolute_floor": {metric: 0.5}}


def buses(low: int, high: int) -> ContractSpec:
    return contract(columns={"bus": {"type": "int", "min": low, "max": high}})


def margin(metric: str) -> dict[str, Any]:
    return {"champion_comparison": {"metric": metric, "margin": 0.5}}


def classes(names: list[Any], column: str = "line", **target: Any) -> dict[str, Any]:
    declared = {"column": column, "classes": names, **target}
    return {"task": "multiclass", "target": declared, "features": {"numeric": ["full"]}}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"target": {"column": "soon"}}, "target.column 'soon' is not in the contract. Columns: at, bus"),
        ({"target": {"column": "line"}}, "target.column 'line' has type string; required: int, float or bool"),
        ({"target": {"column": "at"}}, "target.column 'at' has type timestamp"),
        ({"target": {"column": "late"}}, "a binary task on a float column needs target.above"),
        ({"task": "regression"}, "target.above makes a yes or no of a number"),
        ({"gates": {"calibration": None}}, "gates.calibration cannot be switched off: leave it out for its defaults"),
        ({**classes(["red", "blue"]), "gates": {"calibration": None}}, "gates.calibration cannot be switched off"),
        ({**REGRESSION, "gates": {"calibration": {}}}, "gates.calibration judges probabilities, and task regression"),
        ({**REGRESSION, "training": {"recalibrate": "sigmoid"}}, "training.recalibrate bends probabilities"),
        (classes(["red"]), "several classes, each another; got red"),
        (classes(["red", "blue", "red"]), "several classes, each another; got red, blue, red"),
        (classes([True, False]), "YAML reads yes, no, on and off as flags: write classes in quotes"),
        (
            classes(["red", "green", "amber"]),
            "target.classes names green, amber, which 'line' never is. It is: red, blue",
        ),
        (classes(["red", "blue"], above=2), "target.above makes a yes or no of a number"),
        (classes(["1", "many"], column="bus"), "target.classes names many, but target.column 'bus' is of type int"),
        (classes(["1", "2"], column="late"), "target.column 'late' has type float; required: string or int"),
        ({**classes([]), "target": {"column": "line"}}, "target.classes lists the classes of a multiclass task"),
        (
            {"target": {"column": "full", "classes": ["a", "b"]}},
            "target.classes lists the classes of a multiclass task",
        ),
        ({"features": {"numeric": ["seats"]}}, "features.numeric names 'seats', which the contract lacks. Columns: at"),
        ({"features": {"numeric": ["line"]}}, "names 'line' of type string; required: bool or float or int"),
        ({"features": {"numeric": ["at"]}}, "names 'at' of type timestamp"),
        ({"features": {"categorical": ["late"]}}, "'late' of type float; required: bool or int or string"),
        ({"features": {"numeric": ["late"]}}, "contains the target 'late'"),
        (
            {"contract": contract(columns={"full": {"type": "bool", "known": "after"}})},
            "features.numeric names 'full', which is known only after the event (contract.yaml, columns.full.known)",
        ),
        ({"features": {"categorical": ["driver"]}}, "'driver', which is personal: it could not be watched"),
        ({"features": {}}, "at least one feature is needed"),
        ({"features": {"numeric": ["bus"], "categorical": ["bus"]}}, "listed twice: bus"),
        ({"features": {"numeric": ["full"], "float32": ["full", "full"]}}, "listed twice: full"),
        (
            {"features": {"numeric": ["full"], "categorical": ["line"], "float32": ["line", "bus"]}},
            "float32 names line, bus, no numeric feature. Numeric features: full",
        ),
        ({"features": {"categorical": ["line"], "float32": ["line"]}}, "no numeric feature. Numeric features: none"),
        (
            {"features": {"numeric": ["bus"], "float32": ["bus"]}},
            "features.float32 names 'bus', whole numbers from 1 to any by the contract; 32 bits hold them up to "
            "16777216 exactly. Bound it there (contract.yaml, columns.bus.min and max)",
        ),
        (
            {"features": {"numeric": ["bus"], "float32": ["bus"]}, "contract": buses(-16_777_217, 0)},
            "whole numbers from -16777217 to 0",
        ),
        ({"label_delay_days": 14, "training": {"history_days": 41}}, "history_days 41 leaves nothing to learn from"),
        ({"training": {"history_days": 14}}, "history_days 14 leaves nothing to learn from"),
        ({"training": {"history_days": 15}, "label_delay_days": 1}, "history_days 15 leaves nothing"),
        ({"training": {"schedule": "weekly"}}, "a cron expression has five fields"),
        ({"training": {"schedule": "0 0 6 * * 1"}}, "a cron expression has five fields"),
        (
            {"gates": floor("mae")},
            "gate metric 'mae' is not for task binary. Choices: auc, average_precision, log_loss",
        ),
        ({"gates": margin("r2")}, "gate metric 'r2' is not for task binary"),
        ({**REGRESSION, "gates": floor("auc")}, "'auc' is not for task regression. Choices: mae, rmse, r2"),
        ({"monitoring": {"warn": 0.2}}, "required: warn < alert < critical, got 0.2, 0.2, 0.3"),
        ({"monitoring": {"alert": 0.3}}, "required: warn < alert < critical, got 0.1, 0.3, 0.3"),
        ({"monitoring": {"violations": 6}}, "violations 6 can never be reached in 5 windows"),
        ({"monitoring": {"seasonal": ["bus", "rain"]}}, "monitoring.seasonal names rain, no feature. Features: bus"),
        ({"release": {"approval_timeout_hours": 0}}, "greater than 0"),
        ({"gates": None}, "gates"),
    ],
)
def test_an_impossible_combination_is_refused(changes: dict[str, Any], problem: str) -> None:
    declared = {**spec().model_dump(), **changes}
    if "gates" not in changes:
        declared.pop("gates")
    with pytest.raises(ValidationError) as caught:
        ModelSpec.model_validate(declared)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"label_delay_days": 14, "training": {"history_days": 42}},
        {"label_delay_days": 30, "training": {"held_out_days": 1}},
        {"training": {"history_days": 15}},
        {"training": {"history_days": 16}, "label_delay_days": 1},
        {"training": {"schedule": None}},
        {"target": {"column": "bus", "above": 3}, "features": {"numeric": ["late"]}},
        {"target": {"column": "full"}, "features": {"numeric": ["bus"], "categorical": ["line"]}},
        REGRESSION,
        {**REGRESSION, "target": {"column": "bus"}, "features": {"numeric": ["late", "full"]}},
        {"features": {"numeric": ["bus", "full"], "float32": ["full"]}},
        {"features": {"numeric": ["bus"], "float32": ["bus"]}, "contract": buses(-16_777_216, 16_777_216)},
        {**REGRESSION, "target": {"column": "bus"}, "features": {"numeric": ["late"], "float32": ["late"]}},
        {"gates": floor("brier")},
        {"monitoring": {"violations": 5}},
        {"monitoring": {"seasonal": ["bus", "line"]}},
    ],
)
def test_the_nearest_possible_combination_is_taken(changes: dict[str, Any]) -> None:
    assert spec(**changes).dataset == "trips"


def test_the_type_of_a_feature_is_that_of_its_list() -> None:
    features = Features(numeric=("a", "b"), categorical=("c",), float32=("b",))
    assert [features.kind_of(name) for name in features.names] == ["float64", "float32", "object"]


def test_features_keep_their_order_numbers_first() -> None:
    assert Features(numeric=("b", "a"), categorical=("c",)).names == ("b", "a", "c")


def test_limits_that_rise_are_taken() -> None:
    assert Monitoring(warn=0.01, alert=0.02, critical=0.03).alert == 0.02


@pytest.mark.parametrize("key", ["intended_use", "limits"])
def test_a_text_for_the_card_is_short(key: str) -> None:
    assert getattr(spec(**{key: "x" * 600}), key) == "x" * 600
    with pytest.raises(ValidationError, match="at most 600"):
        spec(**{key: "x" * 601})


def test_classes_may_be_written_as_whole_numbers() -> None:
    declared = spec(**classes([2, 10, -1], column="bus"))
    assert declared.target.classes == ("2", "10", "-1")


def test_calibration_is_judged_where_there_are_probabilities() -> None:
    assert "calibration" in spec().gates.names
    assert "calibration" in spec(**classes(["red", "blue"])).gates.names
    assert "calibration" not in spec(**REGRESSION).gates.names
    assert spec(gates={"calibration": {"max_error": 0.2}}).gates.calibration == Calibration(max_error=0.2)

"""A search is refused when it is read if it could not run: with the key, the value and what is required."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from include.errors import SpecError
from include.spec import ModelSpec, Search, SearchedParameter, load_model
from tests.declared import LATE, declare, spec
from tests.landing import TRIPS

C = {"type": "float", "min": 0.01, "max": 10, "log": True}
DEPTH = {"type": "int", "min": 2, "max": 8}


def searched(parameters: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    return {"parameters": parameters or {}, "search": {"space": {"C": C, "depth": DEPTH}, **changes}}


@pytest.mark.parametrize(
    ("space", "problem"),
    [
        ({}, "say type (int or float), min and max, or choices"),
        ({"type": "float", "min": 1}, "say type (int or float), min and max, or choices"),
        ({"min": 1, "max": 2}, "say type (int or float), min and max, or choices"),
        ({**C, "min": 10}, "min 10 must be below max 10"),
        ({**C, "min": 0}, "min 0 must be above 0 where log is true"),
        ({**DEPTH, "max": 8.5}, "min 2 and max 8.5 of an int are whole numbers"),
        ({**DEPTH, "choices": [2, 4]}, "choices stand alone"),
        ({"log": True, "choices": [2, 4]}, "choices stand alone"),
        ({"choices": [2]}, "choices are at least two, each another; got [2]"),
        ({"choices": ["a", "b", "a"]}, "choices are at least two, each another"),
        ({"type": "text", "min": 1, "max": 2}, "Input should be 'int' or 'float'"),
    ],
)
def test_values_that_cannot_be_searched_are_refused(space: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError) as caught:
        SearchedParameter.model_validate(space)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("space", "inside", "outside"),
    [
        (C, [0.01, 1, 10], [0.009, 10.1, "1", True, None]),
        (DEPTH, [2, 8, 3.0], [1, 9, 2.5, True]),
        ({"choices": ["gini", None, [1, 2]]}, ["gini", None, [1, 2]], ["entropy", [1], 0]),
    ],
)
def test_the_space_says_what_lies_in_it(space: dict[str, Any], inside: list[Any], outside: list[Any]) -> None:
    declared = SearchedParameter.model_validate(space)
    assert [declared.holds(value) for value in inside] == [True] * len(inside)
    assert [declared.holds(value) for value in outside] == [False] * len(outside)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"trials": None}, "a search needs an end: trials, minutes or both"),
        ({"trials": 0}, "greater than or equal to 1"),
        ({"minutes": 0}, "greater than 0"),
        ({"folds": 0}, "greater than or equal to 1"),
        ({"space": {}}, "at least 1 item"),
        ({"space": {"random_state": DEPTH}}, "space.random_state is training.seed"),
    ],
)
def test_a_search_without_an_end_or_a_space_is_refused(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Search.model_validate({"space": {"C": C}, **changes})
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"training": searched({"C": 20})}, "parameters.C is 20, where the search starts; required by search.space.C"),
        ({"training": searched(metric="mae")}, "training.search.metric 'mae' is not for task binary. Choices: auc"),
        ({"training": {**searched(), "history_days": 17}}, "history_days 17 is too short to be split for 3 search"),
        (
            {"training": {**searched(), "history_days": 19}, "label_delay_days": 1},
            "with a gap of 1; required: 20",
        ),
    ],
)
def test_a_search_the_model_has_no_room_for_is_refused(changes: dict[str, Any], problem: str) -> None:
    declared = {**spec().model_dump(), **changes}
    declared.pop("gates")
    with pytest.raises(ValidationError) as caught:
        ModelSpec.model_validate(declared)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"training": searched({"C": 10, "other": "x"})},
        {"training": searched(metric="brier", trials=None, minutes=0.5)},
        {"training": {**searched(), "history_days": 18}},
        {"training": {**searched(), "history_days": 20}, "label_delay_days": 1},
    ],
)
def test_the_nearest_search_that_can_run_is_taken(changes: dict[str, Any]) -> None:
    search = spec(**changes).training.search
    assert search is not None
    assert list(search.space) == ["C", "depth"]


def test_the_file_s_keys_are_named(models: Path) -> None:
    training = {"search": {"space": {"C": {**C, "min": 11}}, "trails": 3}}
    declare(models, model={**LATE, "training": training}, contract=TRIPS)
    with pytest.raises(SpecError) as caught:
        load_model("trip_late")
    assert "training.search.space.C: min 11 must be below max 10" in str(caught.value)
    assert "key 'training.search.trails' is unknown. Did you mean 'trials'?" in str(caught.value)

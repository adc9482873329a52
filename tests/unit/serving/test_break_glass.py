"""What is answered where a model fails: a constant or the rule of the user, as the model would have said it."""

import math
from pathlib import Path
from typing import Any

import pytest

from include.errors import SpecError
from include.serving.glass import glass, said
from include.spec import ModelSpec
from tests.declared import contract, spec
from tests.served import answering, app, state

GOOD = {"bus": 7, "line": "red"}
SIZES = ["small", "large"]


def of(task: str) -> ModelSpec:
    if task == "multiclass":
        size = {"size": {"type": "string", "one_of": SIZES, "nullable": True}}
        return spec(task=task, target={"column": "size", "classes": SIZES}, contract=contract(columns=size))
    return spec(task=task, target={"column": "late", **({"above": 15} if task == "binary" else {})})


@pytest.mark.parametrize(
    ("task", "answer", "wanted"),
    [
        ("binary", 0.25, [0.25]), ("binary", "0.25", [0.25]), ("binary", 1, [1.0]), ("regression", -7.5, [-7.5]),
        ("multiclass", "large", [0.0, 1.0]),
    ],
)  # fmt: skip
def test_a_constant_is_said_as_the_model_would(task: str, answer: Any, wanted: list[float]) -> None:
    assert said(of(task), answer) == wanted
    assert glass(of(task), answer)({"bus": 1.0}) == wanted


@pytest.mark.parametrize(
    ("task", "answer"),
    [("binary", 1.5), ("binary", "many"), ("regression", "nan"), ("regression", "inf"), ("regression", None),
     ("multiclass", "huge"), ("multiclass", 0.5)],
)  # fmt: skip
def test_what_is_no_answer_of_the_model_is_refused(task: str, answer: Any) -> None:
    with pytest.raises(SpecError, match="no answer to break the glass with"):
        said(of(task), answer)


def ruled(models: Path, body: str) -> None:
    models.joinpath("trip_late").mkdir()
    models.joinpath("trip_late", "pipeline.py").write_text(f"def fallback(row):\n    {body}\n")


def raising(_: object) -> list[float]:
    raise ArithmeticError("out of sorts")


def test_the_rule_gets_the_features_as_served(tmp_path: Path, models: Path) -> None:
    ruled(models, "return 0.9 if row['bus'] > 5 and row['line'] == 'red' else 0.2")
    with app(tmp_path, state(champion=answering("1", raising)), spec(serving={"break_glass": "fallback"})) as asked:
        answer = asked.invoke(GOOD, {"bus": 7, "line": "blue"}, {"bus": 2, "line": "red"})
        assert (answer.status_code, answer.json()["predictions"]) == (200, [0.9, 0.2, 0.2])
        assert {(one["slot"], one["version"], one["error"]) for one in asked.records()} == {
            ("break_glass", "", "v1 ArithmeticError: out of sorts")
        }


def test_a_missing_number_is_not_a_number_for_the_rule(models: Path) -> None:
    ruled(models, "return 1.0 if row['bus'] != row['bus'] else 0.0")
    assert glass(of("binary"), "fallback")({"bus": math.nan}) == [1.0]


def test_a_rule_that_says_nonsense_fails_the_request(tmp_path: Path, models: Path) -> None:
    ruled(models, "return 'soon'")
    with app(tmp_path, state("break_glass", answer="fallback")) as asked:
        answer = asked.invoke(GOOD)
        assert (answer.status_code, "'soon' is no answer" in answer.json()["error"]) == (500, True)
        assert [(one["slot"], one["said"]) for one in asked.records()] == [("break_glass", [])]


def test_a_person_breaks_the_glass_with_the_rule_though_nothing_is_declared(tmp_path: Path, models: Path) -> None:
    ruled(models, "return 0.75")
    with app(tmp_path, state("break_glass", answer="fallback")) as asked:
        assert asked.invoke(GOOD).json()["predictions"] == [0.75]
        assert asked.records()[0]["error"] == "broken by a person"


def test_a_rule_is_read_before_the_first_request_and_a_missing_one_is_told(
    tmp_path: Path, models: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ruled(models, "return 0.5")
    with app(tmp_path, declared=spec(serving={"break_glass": "fallback"})) as asked:
        asked.worker.desks["trip_late"].warm()
        assert caplog.text == ""
        models.joinpath("trip_late", "pipeline.py").write_text("")
        with app(tmp_path / "other", declared=spec(serving={"break_glass": "fallback"})) as other:
            other.worker.desks["trip_late"].warm()
        assert "has no function fallback(row)" in caplog.text

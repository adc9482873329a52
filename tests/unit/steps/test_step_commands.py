"""A step is one thing by three roads: called, as a command line, and as the parser reads that line back."""

from importlib import import_module
from inspect import signature

import pytest

from include.cli import parser
from include.steps import STEPS, Argument, Result, Step

GIVEN = {"as_of": "2013-04-01", "reason": "why not; -- 'quoted' \"twice\" = ü", "actor": "--ann", "to": "3"}


def arguments(step: Step) -> dict[str, str | None]:
    return {one.name: GIVEN.get(one.name, f"a-{one.name}") for one in step.arguments}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_its_command_line_is_read_back_as_the_same_arguments(step: Step) -> None:
    command = step.command("trip_late", arguments(step))
    assert command[:4] == ["python", "-m", "include", step.name]
    read = vars(parser().parse_args(command[3:]))
    assert read == {"command": step.name, "target": "trip_late", **arguments(step)}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_only_what_must_be_given_leaves_the_defaults_to_the_parser(step: Step) -> None:
    required = {one.name: GIVEN.get(one.name, "x") for one in step.arguments if one.required}
    read = vars(parser().parse_args(step.command("trip_late", {**required})[3:]))
    assert {one.name: read[one.name] for one in step.arguments} == {
        one.name: required.get(one.name, one.default) for one in step.arguments
    }


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_its_arguments_are_those_of_the_function_behind_it(step: Step) -> None:
    module, _, name = step.function.partition(":")
    first, *others = signature(getattr(import_module(module), name)).parameters
    assert first == step.target
    assert others == [one.name for one in step.arguments]


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_it_and_every_argument_of_it_say_what_they_are_for(step: Step) -> None:
    assert len(step.help) > 10
    assert all(len(one.help) > 5 for one in step.arguments)
    assert step.help[0].islower()
    may_be_nothing = {"to", "known_at", "since", "share", "version"}
    assert all(one.required == (one.default is None) or one.name in may_be_nothing for one in step.arguments)


def test_names_are_unique_and_spelt_for_a_command_line() -> None:
    assert len(STEPS) == 40
    assert all(name == step.name and name == name.lower().replace("_", "-") for name, step in STEPS.items())
    assert Argument("as_of", "a day").flag == "--as-of"


def echo(model: str, key: str, reason: str) -> Result:
    """A step's function for the tests below."""
    return Result(sentence=f"{model} {key} {reason}")


ECHO = Step(
    "echo", "model", "says what it was given", f"{__name__}:echo",
    (Argument("key", "a key"), Argument("reason", "why", default="by hand", required=False)),
)  # fmt: skip


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"key": "k"}, "m k by hand"),
        ({"key": "k", "reason": None}, "m k by hand"),
        ({"key": "k", "reason": ""}, "m k by hand"),
        ({"key": "k", "reason": "rain"}, "m k rain"),
    ],
)
def test_what_is_not_given_has_its_default(given: dict[str, str | None], said: str) -> None:
    assert ECHO.run("m", given).sentence == said


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "Step 'echo' needs key"),
        ({"key": ""}, "Step 'echo' needs key"),
        ({"key": "k", "reson": "x"}, "Step 'echo' has no argument 'reson'. Arguments: key, reason"),
    ],
)
def test_what_is_missing_or_unknown_is_refused(given: dict[str, str | None], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        ECHO.run("m", given)
    with pytest.raises(ValueError, match=problem):
        ECHO.command("m", given)

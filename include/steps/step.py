"""What a step is: a function of strings with help texts, so that a person, a worker and a pod run the same thing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Literal

from pydantic import BaseModel, ConfigDict

MOST_AT_ONCE = 500  # mapped tasks of one run; the rest is found by the next one


class Result(BaseModel):
    """What a step reports: small facts, never data.

    `announces` are the partition keys of the asset events that follow; `each` are the arguments of the steps that
    follow, one mapped task each. `links` are pages to open, by title; `evidence` is a path in the lake.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sentence: str
    announces: tuple[str, ...] = ()
    each: tuple[dict[str, str], ...] = ()
    facts: dict[str, str | int | float | None] = {}
    evidence: str | None = None
    links: dict[str, str] = {}


@dataclass(frozen=True)
class Argument:
    """One argument of a step; without a default it must be given."""

    name: str
    help: str
    default: str | None = None
    required: bool = True

    @property
    def flag(self) -> str:
        """Its spelling on the command line."""
        return "--" + self.name.replace("_", "-")


@dataclass(frozen=True)
class Step:
    """A step by name: what it acts on, what it takes and the function behind it, imported only when it runs."""

    name: str
    target: Literal["model", "dataset"]
    help: str
    function: str
    arguments: tuple[Argument, ...] = field(default=())

    def run(self, target: str, arguments: dict[str, str | None]) -> Result:
        """Runs the step here and now."""
        self.check(arguments)
        module, _, name = self.function.partition(":")
        function: Callable[..., Result] = getattr(import_module(module), name)
        return function(target, **{one.name: arguments.get(one.name) or one.default for one in self.arguments})

    def command(self, target: str, arguments: dict[str, str | None]) -> list[str]:
        """The same as a command line of the project's image."""
        self.check(arguments)
        given = [(one.flag, arguments.get(one.name)) for one in self.arguments]
        return ["python", "-m", "include", self.name, target, *(f"{flag}={value}" for flag, value in given if value)]

    def check(self, arguments: dict[str, str | None]) -> None:
        """Refuses arguments the step does not have, and missing ones."""
        known = ", ".join(one.name for one in self.arguments) or "none"
        for name in arguments:
            if name not in {one.name for one in self.arguments}:
                raise ValueError(f"Step '{self.name}' has no argument '{name}'. Arguments: {known}.")
        missing = [one.name for one in self.arguments if one.required and not arguments.get(one.name)]
        if missing:
            raise ValueError(f"Step '{self.name}' needs {', '.join(missing)}.")

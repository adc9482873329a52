"""Policies to try: each one is model.yaml with a few keys changed, and a way to find drift."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import JsonValue, ValidationError

from include.errors import NotFound, SpecError
from include.spec import ModelSpec
from include.spec.frozen import Frozen

Keys = dict[str, JsonValue]
WEEKLY = "0 6 * * 1"
NEVER_ASKS: Keys = {"requests_per_month": 0}


class Policy(Frozen):
    """What differs from model.yaml, by its own keys. `detector` says who finds drift: model.yaml's watch, or the
    textbook (`include.replay.textbook`)."""

    detector: Literal["declared", "textbook"] = "declared"
    training: Keys = {}
    gates: Keys = {}
    monitoring: Keys = {}

    def applied(self, name: str, spec: ModelSpec) -> ModelSpec:
        """The model as this policy would have it. SpecError where no model.yaml could say so."""
        changed = self.model_dump(include={"training", "gates", "monitoring"})
        try:
            return ModelSpec.model_validate(_merged(spec.model_dump(), changed))
        except ValidationError as problem:
            found = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in problem.errors())
            raise SpecError(f"Policy '{name}' of {spec.name} is none that model.yaml could declare: {found}.") from None


POLICIES: Mapping[str, Policy] = {
    "never": Policy(training={"schedule": None}, monitoring=NEVER_ASKS),
    "weekly": Policy(training={"schedule": WEEKLY}, monitoring=NEVER_ASKS),
    "on_alarm": Policy(training={"schedule": None}),
    "declared": Policy(),
    "textbook": Policy(
        detector="textbook",
        training={"schedule": None},
        monitoring={"violations": 1, "of_windows": 1, "leave_after": 1, "cool_down_days": 6, "requests_per_month": 30},
    ),  # a verdict is on the day before its morning: six days of rest are a training a week
}
"""By name: no training after the first; one a week and none else; those that the watch asks for; model.yaml as it is;
the rule of the textbooks, with a training a week at most."""


def read(path: Path) -> dict[str, Policy]:
    """The policies of a YAML file, by name. SpecError where it says something else."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return {str(name): Policy.model_validate(given or {}) for name, given in content.items()}
    except FileNotFoundError:
        raise NotFound(f"There is no file {path} of policies.") from None
    except (AttributeError, yaml.YAMLError, ValidationError) as problem:
        raise SpecError(f"{path}: names of policies with training, gates, monitoring and detector: {problem}") from None


def chosen(names: Sequence[str], known: Mapping[str, Policy]) -> dict[str, Policy]:
    """The named policies, all of them where none is named. NotFound with the choices where one is not known."""
    if unknown := [name for name in names if name not in known]:
        raise NotFound(f"No policy '{unknown[0]}'. Choices: {', '.join(known)}.")
    return {name: known[name] for name in names or known}


def ladder(name: str, policy: Policy, spec: ModelSpec, factors: Sequence[float]) -> dict[str, Policy]:
    """The policy with its three limits of drift multiplied by each factor."""
    limits = policy.applied(name, spec).monitoring
    return {
        f"{name} x{factor:g}": policy.model_copy(
            update={
                "monitoring": {
                    **policy.monitoring,
                    "warn": limits.warn * factor,
                    "alert": limits.alert * factor,
                    "critical": limits.critical * factor,
                }
            }
        )
        for factor in factors
    }


def _merged(declared: dict[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    """Mappings are merged, everything else is replaced."""
    merged = dict(declared)
    for key, value in changed.items():
        before = merged.get(key)
        merged[key] = _merged(before, value) if isinstance(value, dict) and isinstance(before, dict) else value
    return merged

"""A declared file: read as YAML, and what is wrong with it told by file, key, value and choices."""

from difflib import get_close_matches
from pathlib import Path
from typing import get_args

import yaml
from pydantic import BaseModel, ValidationError

from include.errors import SpecError
from include.spec.model import ModelSpec

# The same YAML, read by libyaml where PyYAML was built with it: eight times as fast.
SAFE_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SET_BY_LOADER = {"name", "contract", "windows"}


def read(path: Path) -> dict[str, object]:
    """The keys of a file. SpecError where it is no YAML mapping."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), SAFE_LOADER)  # noqa: S506 - a safe loader
    except FileNotFoundError:
        raise SpecError(f"{path}: missing. A model's folder has model.yaml and pipeline.py.") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise SpecError(f"{path}: cannot be read as YAML: {' '.join(str(problem).split())}") from None
    if not isinstance(content, dict):
        raise SpecError(f"{path}: must be a mapping of keys to values, found {type(content).__name__}.")
    return content


def explained(path: Path, spec: type[BaseModel], problem: ValidationError, under: str = "") -> SpecError:
    """What is wrong, in the words of the file; `under` is the key that the spec stands under there."""
    lines = []
    for error in problem.errors(include_url=False):
        inner, place = _written(spec, error["loc"])
        key = ".".join([under, *place] if under else place) or "the file as a whole"
        if error["type"] == "extra_forbidden":
            lines.append(f"key '{key}' is unknown. {_choices(inner, place[-1])}")
        elif error["type"] == "missing":
            lines.append(f"key '{key}' is missing.")
        elif not place or error["type"] == "value_error":
            lines.append(f"{key}: {error['msg'].removeprefix('Value error, ')}.")
        else:
            lines.append(f"key '{key}' has value {error['input']!r}. {error['msg']}.")
    return SpecError(f"{path}: " + " ".join(lines))


def _written(spec: type[BaseModel], location: tuple[int | str, ...]) -> tuple[type[BaseModel], list[str]]:
    """The spec the last key belongs to, and the keys as the file has them: without the names of a union's parts."""
    place: list[str] = []
    inner = spec
    for step in map(str, location):
        if step in (inner.__name__, "[key]") or step.startswith("literal["):
            continue
        place.append(step)
        spec = inner
        field = spec.model_fields.get(step)
        inner = (_nested(field.annotation) if field else None) or spec
    return spec, place


def _choices(spec: type[BaseModel], key: str) -> str:
    hidden = SET_BY_LOADER if spec is ModelSpec else set()
    names = sorted((set(spec.model_fields) - hidden) | ({"dataset"} if hidden else set()))
    close = get_close_matches(key, names, n=1)
    meant = f"Did you mean '{close[0]}'? " if close else ""
    return f"{meant}Choices: {', '.join(names)}."


def _nested(annotation: object) -> type[BaseModel] | None:
    """The spec class in an annotation such as `Release`, `dict[str, ColumnSpec]` or `Literal["local"] | Place`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _nested(part))), None)

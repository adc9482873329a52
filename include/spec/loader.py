"""One loader: the folders under `include/models/` become specs; what is wrong names file, key, value and choices."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import get_args

import yaml
from pydantic import BaseModel, ValidationError

from include.errors import NotFound, SpecError
from include.settings import settings
from include.spec.contract import NAME, ContractSpec
from include.spec.model import ModelSpec

# The same YAML, read by libyaml where PyYAML was built with it: eight times as fast.
SAFE_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Declarations:
    """All that is declared: the good ones by name, and for each bad file its error."""

    models: dict[str, ModelSpec]
    contracts: dict[str, ContractSpec]
    errors: dict[Path, SpecError]


def load_models(models_dir: Path | None = None, only: Collection[str] | None = None) -> Declarations:
    """Every contract and model under `models_dir`, or `only` the models with these names.

    A bad folder never hides a good one: see `errors`.
    """
    root = models_dir or settings().models_dir
    if not root.is_dir():
        raise NotFound(f"There is no models folder {root}. Create it, or set PERENNIAL_MODELS to the one you have.")
    folders = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith(("_", ".")))
    contracts, errors = _contracts(folders)
    models: dict[str, ModelSpec] = {}
    for folder in folders:
        if only is not None and folder.name not in only:
            continue
        try:
            models[folder.name] = _model(folder / "model.yaml", contracts)
        except SpecError as error:
            errors[folder / "model.yaml"] = error
    return Declarations(models, contracts, errors)


def load_model(name: str, models_dir: Path | None = None) -> ModelSpec:
    """One model by its folder's name. Raises SpecError where its files are wrong, NotFound where there is none."""
    root = models_dir or settings().models_dir
    declared = load_models(root, only=[name])
    if name in declared.models:
        return declared.models[name]
    for path, error in declared.errors.items():
        if path.parent.name == name:
            raise error
    raise NotFound(f"No model '{name}' under {root}. Models: {', '.join(load_models(root).models) or 'none'}.")


def load_contract(dataset: str, models_dir: Path | None = None) -> ContractSpec:
    """One dataset's contract. Raises SpecError or NotFound."""
    root = models_dir or settings().models_dir
    declared = load_models(root, only=[])
    if dataset in declared.contracts:
        return declared.contracts[dataset]
    broken = [error for path, error in declared.errors.items() if path.name == "contract.yaml"]
    if broken:
        raise broken[0]
    raise NotFound(f"No dataset '{dataset}' under {root}. Datasets: {', '.join(declared.contracts) or 'none'}.")


def _contracts(folders: Iterable[Path]) -> tuple[dict[str, ContractSpec], dict[Path, SpecError]]:
    contracts: dict[str, ContractSpec] = {}
    errors: dict[Path, SpecError] = {}
    declared_in: dict[str, Path] = {}
    for path in (folder / "contract.yaml" for folder in folders):
        if not path.exists():
            continue
        try:
            contract = _contract(path)
        except SpecError as error:
            errors[path] = error
            continue
        if contract.dataset in declared_in:
            errors[path] = SpecError(
                f"{path}: key 'dataset' has value '{contract.dataset}', which {declared_in[contract.dataset]} declares "
                "already. One dataset has one contract: name another dataset, or drop this file."
            )
            continue
        contracts[contract.dataset], declared_in[contract.dataset] = contract, path
    return contracts, errors


def _contract(path: Path) -> ContractSpec:
    try:
        return ContractSpec.model_validate(_read(path))
    except ValidationError as problem:
        raise _explained(path, ContractSpec, problem) from None


def _model(path: Path, contracts: Mapping[str, ContractSpec]) -> ModelSpec:
    content = _read(path)
    if not re.fullmatch(NAME, path.parent.name):
        raise SpecError(
            f"{path.parent}: the folder's name '{path.parent.name}' cannot be a model's: it becomes part of Dag ids. "
            "Use small letters, digits and _, and start with a letter."
        )
    if not (path.parent / "pipeline.py").exists():
        raise SpecError(f"{path.parent}: pipeline.py is missing: it has build_pipeline(parameters).")
    if "contract" in content or "name" in content:
        word = "contract" if "contract" in content else "name"
        raise SpecError(f"{path}: key '{word}' is not set here: the folder's name and 'dataset' say it. Remove it.")
    dataset = content.pop("dataset", None)
    if not isinstance(dataset, str) or dataset not in contracts:
        choices = ", ".join(contracts) or "none: no contract.yaml could be read"
        raise SpecError(f"{path}: key 'dataset' has value {dataset!r}. Choices: {choices}.")
    try:
        return ModelSpec.model_validate({**content, "name": path.parent.name, "contract": contracts[dataset]})
    except ValidationError as problem:
        raise _explained(path, ModelSpec, problem) from None


def _read(path: Path) -> dict[str, object]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), SAFE_LOADER)  # noqa: S506 - a safe loader
    except FileNotFoundError:
        raise SpecError(f"{path}: missing. A model's folder has model.yaml and pipeline.py.") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise SpecError(f"{path}: cannot be read as YAML: {' '.join(str(problem).split())}") from None
    if not isinstance(content, dict):
        raise SpecError(f"{path}: must be a mapping of keys to values, found {type(content).__name__}.")
    return content


def _explained(path: Path, spec: type[BaseModel], problem: ValidationError) -> SpecError:
    lines = []
    for error in problem.errors(include_url=False):
        inner, place = _written(spec, error["loc"])
        key = ".".join(place) or "the file as a whole"
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
    hidden = {"name", "contract"} if spec is ModelSpec else set()
    names = sorted((set(spec.model_fields) - hidden) | ({"dataset"} if hidden else set()))
    close = get_close_matches(key, names, n=1)
    meant = f"Did you mean '{close[0]}'? " if close else ""
    return f"{meant}Choices: {', '.join(names)}."


def _nested(annotation: object) -> type[BaseModel] | None:
    """The spec class in an annotation such as `Release`, `dict[str, ColumnSpec]` or `Literal["local"] | Place`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _nested(part))), None)

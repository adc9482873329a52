"""One loader: the folders under `include/models/` become specs; what is wrong names file, key, value and choices."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from include.errors import NotFound, SpecError
from include.settings import settings
from include.spec.contract import NAME, ContractSpec
from include.spec.file import SET_BY_LOADER, explained, read
from include.spec.model import ModelSpec
from include.spec.windows import WindowFeature

Windows = Mapping[str, WindowFeature]


@dataclass(frozen=True)
class Declarations:
    """All that is declared: the good ones by name, and for each bad file its error.

    `windows` are the window features of each dataset that has some.
    """

    models: dict[str, ModelSpec]
    contracts: dict[str, ContractSpec]
    windows: dict[str, Windows]
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
    windows = _windows(folders, contracts, errors)
    models: dict[str, ModelSpec] = {}
    for folder in folders:
        if only is not None and folder.name not in only:
            continue
        try:
            models[folder.name] = _model(folder / "model.yaml", contracts, windows)
        except SpecError as error:
            errors[folder / "model.yaml"] = error
    return Declarations(models, contracts, windows, errors)


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


def load_windows(dataset: str, models_dir: Path | None = None) -> Windows:
    """The window features of a dataset, by name; there may be none. Raises SpecError where their file is wrong."""
    declared = load_models(models_dir, only=[])
    for path, error in declared.errors.items():
        if path.name == "features.yaml":
            raise error
    return declared.windows.get(dataset, {})


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
        return ContractSpec.model_validate(read(path))
    except ValidationError as problem:
        raise explained(path, ContractSpec, problem) from None


def _windows(
    folders: Iterable[Path], contracts: Mapping[str, ContractSpec], errors: dict[Path, SpecError]
) -> dict[str, Windows]:
    """The window features of each dataset; a bad file is added to `errors`."""
    found: dict[str, Windows] = {}
    for path in (folder / "features.yaml" for folder in folders):
        if not path.exists() or (beside := path.with_name("contract.yaml")) in errors:
            continue
        try:
            if not beside.exists():
                raise SpecError(f"{path}: window features belong to a dataset: move them beside its contract.yaml.")
            contract = contracts[str(read(beside)["dataset"])]
            found[contract.dataset] = {name: _window(path, name, one, contract) for name, one in read(path).items()}
        except SpecError as error:
            errors[path] = error
    return found


def _window(path: Path, name: object, content: object, contract: ContractSpec) -> WindowFeature:
    if not re.fullmatch(NAME, str(name)):
        raise SpecError(f"{path}: '{name}' is no name: use small letters, digits and _, and start with a letter.")
    try:
        feature = WindowFeature.model_validate(content)
    except ValidationError as problem:
        raise explained(path, WindowFeature, problem, str(name)) from None
    try:
        feature.check(str(name), contract)
    except ValueError as problem:
        raise SpecError(f"{path}: {problem}.") from None
    return feature


def _model(path: Path, contracts: Mapping[str, ContractSpec], windows: Mapping[str, Windows]) -> ModelSpec:
    content = read(path)
    if not re.fullmatch(NAME, path.parent.name):
        raise SpecError(
            f"{path.parent}: the folder's name '{path.parent.name}' cannot be a model's: it becomes part of Dag ids. "
            "Use small letters, digits and _, and start with a letter."
        )
    if not (path.parent / "pipeline.py").exists():
        raise SpecError(f"{path.parent}: pipeline.py is missing: it has build_pipeline(parameters).")
    for word in sorted(SET_BY_LOADER & content.keys()):
        raise SpecError(f"{path}: key '{word}' is not set here: the folder's name and 'dataset' say it. Remove it.")
    dataset = content.pop("dataset", None)
    if not isinstance(dataset, str) or dataset not in contracts:
        choices = ", ".join(contracts) or "none: no contract.yaml could be read"
        raise SpecError(f"{path}: key 'dataset' has value {dataset!r}. Choices: {choices}.")
    known = windows.get(dataset, {})
    given = {"name": path.parent.name, "contract": contracts[dataset], "windows": _named(content, known)}
    try:
        return ModelSpec.model_validate({**content, **given})
    except ValidationError as problem:
        raise explained(path, ModelSpec, problem) from None


def _named(content: Mapping[str, object], known: Windows) -> dict[str, WindowFeature]:
    """The window features that the model lists among its numbers."""
    features = content.get("features")
    listed = features.get("numeric") if isinstance(features, dict) else None
    names = listed if isinstance(listed, list) else []
    return {name: feature for name, feature in known.items() if name in names}

"""The user's `pipeline.py`: from the folder of a model to an unfitted pipeline."""

import importlib.util
import sys
from collections.abc import Callable, Mapping
from types import ModuleType

from pydantic import JsonValue
from sklearn.pipeline import Pipeline

from include.errors import SpecError
from include.settings import settings
from include.spec import ModelSpec
from include.spec.training import SEED


def build_pipeline(spec: ModelSpec, parameters: Mapping[str, JsonValue] | None = None) -> Pipeline:
    """An unfitted pipeline from the model's `build_pipeline(parameters)`, by default those of model.yaml.

    The seed is added as `random_state`.
    """
    module, given = _user_module(spec), spec.training.parameters if parameters is None else parameters
    if not hasattr(module, "build_pipeline"):
        raise SpecError(f"{module.__file__}: has no function build_pipeline(parameters).")
    try:
        pipeline = module.build_pipeline({**given, SEED: spec.training.seed})
    except Exception as problem:
        raise SpecError(
            f"{module.__file__}: build_pipeline failed: {_shown(problem)}. "
            f"It was given training.parameters: {', '.join(given) or 'none'}."
        ) from problem
    if not isinstance(pipeline, Pipeline):
        raise SpecError(f"{module.__file__}: build_pipeline returned {type(pipeline).__name__}; required: a Pipeline.")
    return pipeline


def rule(spec: ModelSpec, name: str) -> Callable[[dict[str, float | str | None]], object]:
    """A function of a row's features in the model's `pipeline.py`. SpecError where there is none of that name."""
    module = _user_module(spec)
    found = getattr(module, name, None)
    if not callable(found):
        raise SpecError(f"{module.__file__}: has no function {name}(row).")
    return found  # type: ignore[no-any-return]


def _user_module(spec: ModelSpec) -> ModuleType:
    path = settings().models_dir / spec.name / "pipeline.py"
    name = f"perennial_model_{spec.name}"
    found = importlib.util.spec_from_file_location(name, path)
    if found is None or found.loader is None:
        raise SpecError(f"{path}: cannot be imported.")
    module = importlib.util.module_from_spec(found)
    sys.modules[name] = module  # classes defined there must be importable while they are saved
    try:
        found.loader.exec_module(module)
    except Exception as problem:
        raise SpecError(f"{path}: cannot be imported: {_shown(problem)}.") from problem
    return module


def _shown(problem: Exception) -> str:
    return f"{type(problem).__name__}: {problem}"

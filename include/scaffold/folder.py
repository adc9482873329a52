"""The folder of a new model: contract.yaml, model.yaml and pipeline.py, ready to be read and corrected."""

import re
from collections.abc import Sequence
from pathlib import Path

from include.errors import Conflict, NotFound
from include.lake.profile import CategoryProfile, NumericProfile
from include.scaffold.guesses import contract_text, text
from include.scaffold.sample import Sample, SampledColumn, read
from include.settings import settings
from include.spec import load_models
from include.spec.contract import NAME

MOST_CATEGORIES = 255
_PIPELINE = '''\
"""A first pipeline for {name}: boosted trees, which take missing values and unseen categories as they come."""

from collections.abc import Mapping
from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.ensemble import {estimator}
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder

CATEGORIES: list[str] = {categories}


def build_pipeline(params: Mapping[str, Any]) -> Pipeline:
    """An unfitted pipeline; `params` are the estimator's, `random_state` among them."""
    encoder = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=float("nan"), encoded_missing_value=float("nan")
    )
    columns = ColumnTransformer([("categories", encoder, CATEGORIES)], remainder="passthrough")
    return Pipeline([("columns", columns), ("trees", {estimator}(early_stopping=False, **params))])
'''


def scaffold(name: str, samples: Sequence[str], target: str | None, dataset: str | None, owner: str) -> str:
    """Writes the folder in one step and gives what to do next.

    NotFound where a name or the sample is of no use, Conflict where the model or the dataset is there already: nothing
    is overwritten.
    """
    dataset = dataset or name
    for one in (name, dataset):
        if not re.fullmatch(NAME, one):
            raise NotFound(f"'{one}' cannot be a name: use small letters, digits and _, a letter first.")
    folder = settings().models_dir / name
    _require_new(folder, dataset)
    sample = read(samples)
    goal = _target(sample, target)
    files = {
        "contract.yaml": contract_text(sample, dataset, owner),
        "model.yaml": _model(sample, goal, dataset, owner, guessed=target is None),
        "pipeline.py": _pipeline(name, sample, goal),
    }
    _write(folder, files)
    return (
        f"{folder} has {', '.join(files)}, guessed from {sample.rows} rows. Read each guess, then land a day and try "
        f"it: python -m include find {dataset}"
    )


def _require_new(folder: Path, dataset: str) -> None:
    if folder.exists():
        raise Conflict(f"{folder} is there already. Nothing was written; name another model, or move it away.")
    if folder.parent.is_dir() and dataset in load_models(folder.parent, only=[]).contracts:
        raise Conflict(
            f"The dataset {dataset} has a contract already, and it can have but one. Nothing was written; name another "
            "dataset, or write model.yaml and pipeline.py by hand beside the contract there is."
        )


def _write(folder: Path, files: dict[str, str]) -> None:
    """All files at once: who reads declarations meanwhile sees no half of a model."""
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    unfinished.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (unfinished / name).write_text(content, encoding="utf-8")
    unfinished.rename(folder)


def _target(sample: Sample, wanted: str | None) -> SampledColumn:
    taken = {*sample.keys}
    fit = [one for one in sample.columns if one.kind in {"int", "float", "bool"} and one.name not in taken]
    named = {one.name: one for one in fit if not one.personal}
    if wanted is not None and wanted not in named:
        raise NotFound(f"'{wanted}' cannot be predicted. Columns of numbers and flags: {', '.join(named) or 'none'}.")
    if not named:
        raise NotFound("The sample has no column of numbers or flags that could be predicted.")
    return named[wanted] if wanted is not None else list(named.values())[-1]


def _is_yes_or_no(column: SampledColumn) -> bool:
    profile = column.profile
    of_two = isinstance(profile, NumericProfile) and column.kind == "int" and {profile.min, profile.max} <= {0.0, 1.0}
    return column.kind == "bool" or of_two


def _features(sample: Sample, goal: SampledColumn) -> tuple[list[str], list[str]]:
    taken = {goal.name, *sample.keys, sample.event_time}
    others = [one for one in sample.columns if one.name not in taken and not one.personal]
    numeric = [one.name for one in others if one.kind in {"int", "float", "bool"}]
    words = [one for one in others if one.kind == "string" and isinstance(one.profile, CategoryProfile)]
    return numeric, [one.name for one in words if _distinct(one) <= MOST_CATEGORIES]


def _distinct(column: SampledColumn) -> int:
    return column.profile.distinct if isinstance(column.profile, CategoryProfile) else 0


def _model(sample: Sample, goal: SampledColumn, dataset: str, owner: str, *, guessed: bool) -> str:
    numeric, categorical = _features(sample, goal)
    task = "binary" if _is_yes_or_no(goal) else "regression"
    why = "  # guess: the last column of numbers or flags" if guessed else ""
    return "\n".join(
        [
            f"owner: {text(owner)}",
            f"task: {task}  # guess: {text(goal.name)} {'is yes or no' if task == 'binary' else 'has many values'}",
            f"dataset: {dataset}",
            f"target: {{column: {text(goal.name)}}}{why}",
            "label_delay_days: 1  # guess: how many days after a partition its labels are known",
            "",
            "# Guess: every column but the target and the keys. Take out what is only known afterwards: it would make",
            "# the model brilliant in training and useless in service.",
            "features:",
            f"  numeric: [{', '.join(map(text, numeric))}]",
            f"  categorical: [{', '.join(map(text, categorical))}]",
            "",
        ]
    )


def _pipeline(name: str, sample: Sample, goal: SampledColumn) -> str:
    kind = "Classifier" if _is_yes_or_no(goal) else "Regressor"
    _, categorical = _features(sample, goal)
    return _PIPELINE.format(name=name, estimator=f"HistGradientBoosting{kind}", categories=repr(categorical))

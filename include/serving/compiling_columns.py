"""What a fitted transformer makes of columns, as far as a plan can say it."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler

from include.serving.plan import Column

Named = tuple[str, Column]


class NotCompilable(Exception):
    """A part of the pipeline that a plan cannot say; the message names it."""


def columns_of(features: Sequence[str]) -> list[Named]:
    """The features as they come."""
    return [(name, Column(source=place)) for place, name in enumerate(features)]


def transformed(step: Any, columns: Sequence[Named]) -> list[Named]:
    """The columns after the transformer. NotCompilable where it is another, or set in a way that a plan cannot say."""
    if isinstance(step, str) and step == "passthrough":
        return list(columns)
    known = _KNOWN.get(type(step))
    if known is None:
        raise NotCompilable(f"{type(step).__name__} is no transformer that can be compiled")
    return known(step, columns)


def _pipeline(step: Pipeline, columns: Sequence[Named]) -> list[Named]:
    for _, one in step.steps:
        columns = transformed(one, columns)
    return list(columns)


def _identity(step: FunctionTransformer, columns: Sequence[Named]) -> list[Named]:
    if step.func is not None:
        raise NotCompilable("FunctionTransformer calls a function")
    return list(columns)


def _by_column(step: ColumnTransformer, columns: Sequence[Named]) -> list[Named]:
    found: list[Named] = []
    places = {name: place for place, (name, _) in enumerate(columns)}
    for _, one, chosen in step.transformers_:
        if isinstance(one, str) and one == "drop":
            continue
        listed = [chosen] if isinstance(chosen, str) else list(chosen)
        found += transformed(one, [columns[places[name] if isinstance(name, str) else int(name)] for name in listed])
    return found


def _ordinal(step: OrdinalEncoder, columns: Sequence[Named]) -> list[Named]:
    if getattr(step, "_infrequent_enabled", False):
        raise NotCompilable("OrdinalEncoder groups infrequent categories")
    unknown = float(step.unknown_value) if step.handle_unknown == "use_encoded_value" else math.nan
    made = []
    for (name, column), categories in zip(columns, step.categories_, strict=True):
        codes = {str(one): float(code) for code, one in enumerate(categories) if one is not None}
        # None is a category like others for it; only NaN is a missing one
        missing = next((float(code) for code, one in enumerate(categories) if one is None), unknown)
        made.append((name, _words(column, codes, missing, unknown)))
    return made


def _one_hot(step: OneHotEncoder, columns: Sequence[Named]) -> list[Named]:
    if getattr(step, "_infrequent_enabled", False) or step.drop is not None:
        raise NotCompilable("OneHotEncoder groups infrequent categories or drops one")
    made = []
    for (name, column), categories in zip(columns, step.categories_, strict=True):
        for one in categories:
            flag = {} if one is None else {str(one): 1.0}
            made.append((f"{name}_{one}", _words(column, flag, float(one is None), 0.0)))
    return made


def _words(column: Column, codes: dict[str, float], missing: float, unknown: float) -> Column:
    if column != Column(source=column.source):
        raise NotCompilable("an encoder stands behind another transformer")
    return Column(source=column.source, words=codes, missing=missing, unknown=unknown)


def _standard(step: StandardScaler, columns: Sequence[Named]) -> list[Named]:
    count = len(columns)
    offsets = step.mean_ if step.with_mean else np.zeros(count)
    scales = step.scale_ if step.with_std else np.ones(count)
    return _scaled(columns, offsets, scales)


def _min_max(step: MinMaxScaler, columns: Sequence[Named]) -> list[Named]:
    if step.clip:
        raise NotCompilable("MinMaxScaler clips")
    return _scaled(columns, -step.min_ / step.scale_, 1 / step.scale_)


def _scaled(columns: Sequence[Named], offsets: Any, scales: Any) -> list[Named]:
    made = []
    for (name, column), offset, scale in zip(columns, offsets, scales, strict=True):
        if (column.offset, column.scale) != (0.0, 1.0):
            raise NotCompilable("a scaler stands behind another scaler")
        made.append((name, msgspec.structs.replace(column, offset=float(offset), scale=float(scale))))
    return made


def _imputed(step: SimpleImputer, columns: Sequence[Named]) -> list[Named]:
    if step.add_indicator or not (isinstance(step.missing_values, float) and math.isnan(step.missing_values)):
        raise NotCompilable("SimpleImputer adds indicators, or takes something else than NaN for missing")
    if len(step.statistics_) != len(columns) or any(isinstance(one, str) for one in step.statistics_):
        raise NotCompilable("SimpleImputer drops columns, or fills words")
    made = []
    for (name, column), value in zip(columns, step.statistics_, strict=True):
        if column != Column(source=column.source):
            raise NotCompilable("SimpleImputer stands behind another transformer")
        made.append((name, msgspec.structs.replace(column, missing=float(value))))
    return made


_KNOWN: dict[type, Callable[[Any, Sequence[Named]], list[Named]]] = {
    Pipeline: _pipeline,
    FunctionTransformer: _identity,
    ColumnTransformer: _by_column,
    OrdinalEncoder: _ordinal,
    OneHotEncoder: _one_hot,
    StandardScaler: _standard,
    MinMaxScaler: _min_max,
    SimpleImputer: _imputed,
}

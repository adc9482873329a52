"""From admitted rows to what an estimator takes: the same code for training, scoring and every check."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from include.errors import BadData
from include.spec import ModelSpec

Floats = npt.NDArray[np.float64]
SHOWN = 5  # values that a message names


def feature_frame(table: pa.Table, spec: ModelSpec) -> pd.DataFrame:
    """The features of every row, in the order of `model.yaml`: numbers as float64 (NaN where missing), categories as
    strings (None where missing). One row per row of `table`, in the same order."""
    columns: dict[str, object] = {}
    for name in spec.features.numeric:
        columns[name] = _floats(table[name])
    for name in spec.features.categorical:
        columns[name] = np.asarray(table[name].cast(pa.string()).to_pylist(), dtype=object)
    return pd.DataFrame(columns, columns=list(spec.features.names))


def target_vector(table: pa.Table, spec: ModelSpec) -> Floats:
    """The target of every row, NaN where it is not known.

    0 or 1 for a binary model, the number for a regression, of several classes the place in `target.classes`. Raises
    BadData where a value is none of these.
    """
    if spec.task == "multiclass":
        return _class_numbers(table[spec.target.column], spec)
    values = _floats(table[spec.target.column])
    if spec.target.above is None:
        if spec.task == "binary":
            _require_zero_or_one(spec, values)
        return values
    return np.where(np.isnan(values), np.nan, (values > spec.target.above).astype(np.float64))


def _class_numbers(column: pa.ChunkedArray, spec: ModelSpec) -> Floats:
    names = column.cast(pa.string())
    numbers = pc.index_in(names, value_set=pa.array(spec.target.classes))
    unknown = pc.unique(names.filter(pc.and_(numbers.is_null(), names.is_valid()))).to_pylist()
    if unknown:
        raise BadData(
            f"{spec.name}: target {spec.target.column} holds {', '.join(sorted(unknown)[:SHOWN])}; target.classes are "
            f"{', '.join(spec.target.classes)}. Add the class, or bound the column in contract.yaml."
        )
    return _floats(numbers)


def _require_zero_or_one(spec: ModelSpec, values: Floats) -> None:
    others = np.setdiff1d(values[~np.isnan(values)], [0, 1])
    if len(others):
        shown = ", ".join(f"{value:g}" for value in others[:SHOWN])
        raise BadData(
            f"{spec.name}: target {spec.target.column} holds {shown}; a binary target is 0 or 1. "
            "Say with target.above where yes begins, or bound the column in contract.yaml."
        )


def _floats(column: pa.ChunkedArray) -> Floats:
    numbers = pc.fill_null(column.cast(pa.float64(), safe=False), float("nan"))
    return np.asarray(numbers.combine_chunks().to_numpy(zero_copy_only=False), dtype=np.float64)

"""From admitted rows to what an estimator takes: the same code for training, scoring and every check."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from include.errors import BadData
from include.spec import ModelSpec

Floats = npt.NDArray[np.float64]


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
    """The target of every row: 0 or 1 for a binary model, the number for a regression, NaN where it is not known."""
    values = _floats(table[spec.target.column])
    if spec.target.above is None:
        if spec.task == "binary":
            _require_zero_or_one(spec, values)
        return values
    return np.where(np.isnan(values), np.nan, (values > spec.target.above).astype(np.float64))


def _require_zero_or_one(spec: ModelSpec, values: Floats) -> None:
    others = np.setdiff1d(values[~np.isnan(values)], [0, 1])
    if len(others):
        shown = ", ".join(f"{value:g}" for value in others[:5])
        raise BadData(
            f"{spec.name}: target {spec.target.column} holds {shown}; a binary target is 0 or 1. "
            "Say with target.above where yes begins, or bound the column in contract.yaml."
        )


def _floats(column: pa.ChunkedArray) -> Floats:
    numbers = pc.fill_null(column.cast(pa.float64(), safe=False), float("nan"))
    return np.asarray(numbers.combine_chunks().to_numpy(zero_copy_only=False), dtype=np.float64)

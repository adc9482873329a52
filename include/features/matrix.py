"""From admitted rows to what an estimator takes: the same code for training, scoring and every check."""

from itertools import groupby

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds

from include.errors import BadData
from include.spec import Features, ModelSpec

Floats = npt.NDArray[np.float64]
SHOWN = 5  # values that a message names


class Matrix:
    """The features of so many rows in the arrays that a frame is made of, without a copy; filled in any order.

    Numbers next to each other are one array, so that an estimator that asks for numbers gets that array. Equal words
    are one string, in whatever piece and partition they stand.
    """

    def __init__(self, features: Features, rows: int) -> None:
        self._blocks = [
            (names, np.empty((len(names), rows), dtype=kind))
            for kind, names in ((kind, list(names)) for kind, names in groupby(features.names, features.kind_of))
        ]
        self._words: dict[str, dict[str, str]] = {name: {} for name in features.categorical}

    def put(self, first: int, piece: pa.RecordBatch) -> None:
        """Takes the rows of a piece, from row `first` on."""
        for names, block in self._blocks:
            for name, whole in zip(names, block, strict=True):
                part, column = whole[first : first + piece.num_rows], piece[name]
                if name in self._words:
                    _put_words(part, column, self._words[name])
                else:
                    _put_numbers(part, column)

    def frame(self) -> pd.DataFrame:
        """The rows as a frame that shares the arrays: numbers are NaN where they are missing, words None."""
        parts = [pd.DataFrame(block.T, columns=names, dtype=block.dtype) for names, block in self._blocks]
        return pd.concat(parts, axis=1, copy=False)  # type: ignore[call-overload,no-any-return] # unknown to its stubs


def feature_frame(table: pa.Table, spec: ModelSpec) -> pd.DataFrame:
    """The features of every row, in the order of `model.yaml`: numbers as float64, or float32 where declared (NaN where
    missing), categories as strings (None where missing). One row per row of `table`, in the same order."""
    whole, first = Matrix(spec.features, table.num_rows), 0
    for piece in table.select(list(spec.features.names)).to_batches():
        whole.put(first, piece)
        first += piece.num_rows
    return whole.frame()


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


def _put_numbers(whole: npt.NDArray[np.floating], column: pa.Array) -> None:
    if kinds.is_boolean(column.type) or kinds.is_null(column.type):
        column = column.cast(pa.float64())
    whole[:] = column.to_numpy(zero_copy_only=False)


def _put_words(whole: npt.NDArray[np.object_], column: pa.Array, known: dict[str, str]) -> None:
    coded = column if kinds.is_dictionary(column.type) else column.dictionary_encode()
    names = coded.dictionary.cast(pa.string()).to_pylist()
    words = np.array([*(known.setdefault(name, name) for name in names), None], dtype=object)
    codes = coded.indices.fill_null(len(names)).to_numpy(zero_copy_only=False)
    words.take(codes, out=whole, mode="clip")  # any other mode would copy what is written to

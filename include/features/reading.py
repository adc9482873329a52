"""Features and targets straight from stored files: into arrays of the final size, partition by partition."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd
import pyarrow as pa

from include.features.matrix import Floats, Matrix, target_vector
from include.lake.reading import Mask, Stored, in_parallel, pieces, require_columns
from include.lake.store import Store
from include.spec import Features, ModelSpec

NOTHING: Mapping[str, Floats] = MappingProxyType({})


def read_targets(spec: ModelSpec, files: Sequence[Stored], store: Store) -> list[Floats]:
    """The target of every row, one array per partition; a partition without the column yet has no labels."""
    name = spec.target.column

    def read(file: Stored) -> Floats:
        table = pa.Table.from_batches(pieces(store, file, [name]))
        return target_vector(table, spec)

    return in_parallel(read, files)


def read_features(
    features: Features,
    files: Sequence[Stored],
    kept: Sequence[Mask],
    store: Store,
    made: Mapping[str, Floats] = NOTHING,
) -> pd.DataFrame:
    """The features of the kept rows, one partition after the other, as `feature_frame` gives them.

    `made` are those that no file has, of all kept rows. In memory are the frame and a piece of `READERS` partitions.
    NotFound where no partition has a feature.
    """
    ends = np.cumsum([int(mask.sum()) for mask in kept])
    whole = Matrix(features, int(ends[-1]) if len(ends) else 0)
    stored = [name for name in features.names if name not in made]

    def read(file: Stored, mask: Mask, first: int) -> pa.Schema:
        for piece in pieces(store, file, stored, mask, features.categorical):
            whole.put(first, beside(piece, made, first))
            first += piece.num_rows
        return piece.schema

    schemas = in_parallel(read, files, kept, [0, *ends[:-1].tolist()])
    require_columns(files, stored, schemas)
    return whole.frame()


def beside(piece: pa.RecordBatch, made: Mapping[str, Floats], first: int) -> pa.RecordBatch:
    """The piece with the rows from `first` on of what was made, each in its place."""
    for name, values in made.items():
        piece = piece.append_column(name, pa.array(values[first : first + piece.num_rows], from_pandas=True))
    return piece

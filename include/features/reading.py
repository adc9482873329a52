"""Features and targets straight from stored files: into arrays of the final size, partition by partition."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from include.features.matrix import Floats, Matrix, target_vector
from include.lake.reading import Mask, Stored, in_parallel, pieces, require_columns
from include.lake.store import Store
from include.spec import Features, ModelSpec


def read_targets(spec: ModelSpec, files: Sequence[Stored], store: Store) -> list[Floats]:
    """The target of every row, one array per partition; a partition without the column yet has no labels."""
    name = spec.target.column

    def read(file: Stored) -> Floats:
        table = pa.Table.from_batches(pieces(store, file, [name]))
        return target_vector(table, spec)

    return in_parallel(read, files)


def read_features(features: Features, files: Sequence[Stored], kept: Sequence[Mask], store: Store) -> pd.DataFrame:
    """The features of the kept rows, one partition after the other, as `feature_frame` gives them.

    In memory are the frame and a piece of `READERS` partitions. NotFound where no partition has a feature.
    """
    ends = np.cumsum([int(mask.sum()) for mask in kept])
    whole = Matrix(features, int(ends[-1]) if len(ends) else 0)

    def read(file: Stored, mask: Mask, first: int) -> pa.Schema:
        for piece in pieces(store, file, features.names, mask, features.categorical):
            whole.put(first, piece)
            first += piece.num_rows
        return piece.schema

    schemas = in_parallel(read, files, kept, [0, *ends[:-1].tolist()])
    require_columns(files, features.names, schemas)
    return whole.frame()

"""The rows a model learns from: those of a snapshot whose label is known, read once, each with its day."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from include.features.matrix import Floats, feature_frame, target_vector
from include.lake.snapshot import Snapshot
from include.lake.store import Store
from include.spec import ModelSpec
from include.spec.metrics import Metric
from include.training.data import partition_day

Days = npt.NDArray[np.datetime64]
Measure = Callable[[Metric, Floats, Floats], float]  # a metric of target and predictions; NaN where it is not defined


@dataclass(frozen=True)
class LabelledRows:
    """Rows with a known label in the order of their days; `unlabelled` is how many more rows there were."""

    features: pd.DataFrame
    target: Floats
    days: Days
    unlabelled: int

    def __len__(self) -> int:
        return len(self.target)


def read_labelled(spec: ModelSpec, snapshot: Snapshot, store: Store) -> LabelledRows:
    """The snapshot's rows whose label is known; there may be none."""
    table = snapshot.read(store, columns_of(spec))
    target = target_vector(table, spec)
    known = ~np.isnan(target)
    features = feature_frame(table.filter(pa.array(known)), spec)
    return LabelledRows(features, target[known], _days(spec, snapshot)[known], int((~known).sum()))


def columns_of(spec: ModelSpec) -> list[str]:
    """The columns a training reads: the features and the target's."""
    return list(dict.fromkeys([*spec.features.names, spec.target.column]))


def _days(spec: ModelSpec, snapshot: Snapshot) -> Days:
    """Each row's day: a snapshot is read partition by partition, in the order of its keys."""
    days = [partition_day(spec.contract, entry.key) for entry in snapshot.entries]
    return np.repeat(np.array(days, dtype="datetime64[D]"), [entry.rows for entry in snapshot.entries])

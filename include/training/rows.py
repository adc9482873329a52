"""The rows a model learns from: those of a snapshot whose label is known, read once, each with its day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from include.features.matrix import Floats
from include.features.reading import read_targets
from include.features.windows import features_of
from include.lake.reading import Mask
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
    """The snapshot's rows whose label is known; there may be none.

    The target is read first, so that of the features only what is learnt from is read, to where it stays.
    """
    targets = read_targets(spec, snapshot.entries, store)
    return chosen_rows(spec, snapshot, targets, [~np.isnan(one) for one in targets], store)


def chosen_rows(
    spec: ModelSpec, snapshot: Snapshot, targets: Sequence[Floats], kept: Sequence[Mask], store: Store
) -> LabelledRows:
    """The kept rows of partitions, given the target of every row; those that are kept have a label."""
    days = np.array([partition_day(spec.contract, entry.key) for entry in snapshot.entries], dtype="datetime64[D]")
    return LabelledRows(
        features=features_of(spec, snapshot, kept, store),
        target=np.concatenate([target[mask] for target, mask in zip(targets, kept, strict=True)]),
        days=np.repeat(days, [int(mask.sum()) for mask in kept]),
        unlabelled=sum(int(np.isnan(target).sum()) for target in targets),
    )

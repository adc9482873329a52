"""The smoke test: before anybody is asked, the challenger proves that it loads and answers as it was judged."""

import logging

import numpy as np
import pandas as pd

from include.errors import BadData
from include.evaluation import evidence
from include.features.reading import read_targets
from include.features.windows import features_of
from include.lake.reading import Mask
from include.lake.snapshot import Snapshot, SnapshotEntry
from include.lake.store import Store
from include.registry import registry, runs
from include.spec import ModelSpec
from include.training.predictions import predict
from include.training.recorded import recorded_data

log = logging.getLogger(__name__)
SMOKE_ROWS = 200


def smoke_test(spec: ModelSpec, number: str, store: Store) -> int:
    """Loads the registered version and has it answer held-out rows again; gives how many it answered.

    Raises BadData where the file was changed or an answer differs from the evidence the gates decided on.
    """
    wanted = registry.version(spec.name, number)
    pipeline = registry.load(wanted)
    judged = evidence.load(spec.name, wanted.run_id, store)
    held_out = recorded_data(spec, runs.manifest(wanted.run_id)).held_out
    said = predict(spec, pipeline, first_labelled(spec, held_out, store))
    expected = judged.challenger[: len(said)]
    if not np.array_equal(said, expected):
        other = (said != expected).reshape(len(said), -1).any(axis=1)
        raise BadData(
            f"{spec.name} v{number} does not answer as it was judged: {int(other.sum())} of {len(said)} "
            f"held-out predictions differ by up to {np.abs(said - expected).max():.3g}. Evidence: "
            f"{evidence.folder(spec.name, wanted.run_id)}. Do not release it; train again."
        )
    log.info("%s v%s loads and answers %d rows as judged", spec.name, number, len(said))
    return len(said)


def first_labelled(spec: ModelSpec, held_out: Snapshot, store: Store) -> pd.DataFrame:
    """The features of the first `SMOKE_ROWS` labelled rows; no partition after them is read."""
    entries: list[SnapshotEntry] = []
    kept: list[Mask] = []
    missing = SMOKE_ROWS
    for entry in held_out.entries:
        known = ~np.isnan(read_targets(spec, [entry], store)[0])
        entries.append(entry)
        kept.append(known & (np.cumsum(known) <= missing))
        missing -= int(kept[-1].sum())
        if not missing:
            break
    return features_of(spec, held_out.only(entries), kept, store)

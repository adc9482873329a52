"""The held-out rows: those with a known label, read once for both models and every measurement."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from include.errors import NotFound
from include.evaluation.coded import Coded
from include.features.matrix import Floats
from include.features.reading import read_targets
from include.features.windows import rows_of
from include.lake.snapshot import Snapshot
from include.lake.store import Store
from include.spec import ModelSpec


@dataclass(frozen=True)
class HeldOut:
    """Labelled rows in the order of their days: `table`, `target` and `days` have one entry per row."""

    table: pa.Table
    target: Floats
    days: Coded


def read_held_out(spec: ModelSpec, snapshot: Snapshot, columns: Sequence[str], store: Store) -> HeldOut:
    """The snapshot's labelled rows with these columns. NotFound where no row has a label."""
    targets = read_targets(spec, snapshot.entries, store)
    known = [~np.isnan(one) for one in targets]
    target, kept = np.concatenate(targets), np.concatenate(known)
    if not kept.any():
        first, last = snapshot.entries[0].key, snapshot.entries[-1].key
        raise NotFound(
            f"{spec.name}: none of the {len(target)} rows from {first} to {last} has a label, so nothing can be "
            f"compared. Land partitions with {spec.target.column}, or raise label_delay_days, and train again."
        )
    table = rows_of(spec, snapshot, list(dict.fromkeys(columns)), known, store)
    return HeldOut(table, target[kept], _days(snapshot).where(kept))


def _days(snapshot: Snapshot) -> Coded:
    """Each row's partition, in the order the rows are read."""
    rows = [entry.rows for entry in snapshot.entries]
    codes = np.repeat(np.arange(len(rows), dtype=np.int32), rows)
    return Coded(codes, tuple(entry.key for entry in snapshot.entries))

"""The reference set: fixed rows of the past on which a new version should say nearly what the champion says."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from include.evaluation.history import Comparison
from include.features.history import with_history
from include.features.windows import rows_of
from include.lake.reading import masks
from include.lake.snapshot import Snapshot
from include.lake.store import Store
from include.ledger import Ledger, PartitionRecord
from include.spec import ModelSpec

DAYS = 7
ROWS = 2000


@dataclass(frozen=True)
class ReferenceSet:
    """The reference rows in their order, and the days they are from."""

    table: pa.Table
    window: str


def reference_set(
    spec: ModelSpec,
    columns: Sequence[str],
    first_held_out: str,
    history: Sequence[Comparison],
    store: Store,
    ledger: Ledger,
) -> ReferenceSet:
    """A seeded sample of one week with these columns, the same rows for `renew_after` comparisons in a row.

    At first of the dataset's first admitted week. After each `renew_after` comparisons of the newest admitted week
    before the held-out window (its first day's key) of the first comparison after them, with another seed: no model is
    judged by the same rows forever, and the rows do not age out of the world. All follows from the ledger.
    """
    draw = len(history) // spec.gates.reference_sanity.renew_after
    days = _week(spec, draw, [*(one.first_day for one in history), first_held_out], ledger)
    week = with_history(Snapshot.of(spec.dataset, days), spec.windows, spec.contract, ledger)
    chosen = np.random.default_rng(draw).choice(week.rows, min(ROWS, week.rows), replace=False)
    table = rows_of(spec, week, list(dict.fromkeys(columns)), masks(week.entries, chosen), store)
    return ReferenceSet(table, f"{days[0].key} to {days[-1].key}")


def _week(spec: ModelSpec, draw: int, held_out_from: Sequence[str], ledger: Ledger) -> list[PartitionRecord]:
    admitted = ledger.admitted(spec.dataset)
    if draw == 0:
        return admitted[:DAYS]
    first = held_out_from[draw * spec.gates.reference_sanity.renew_after]
    return [day for day in admitted if day.key < first][-DAYS:]

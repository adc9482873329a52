"""Which labels were there on a day: the versions of each partition, and when they came."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from include.features.reading import read_targets
from include.lake import layout
from include.lake.profile import Profile
from include.lake.snapshot import Snapshot
from include.lake.store import Store
from include.ledger import Ledger, PartitionRecord
from include.ledger.removal import removed
from include.monitoring.maturity import Arrival, as_of
from include.spec import ModelSpec
from include.training.data import partition_day, partition_key


@dataclass(frozen=True)
class LabelDays:
    """The admitted versions of each partition, oldest first, and what each brought; known is what came by `today`."""

    today: date
    versions: Mapping[str, Sequence[PartitionRecord]]
    arrivals: Mapping[date, Sequence[Arrival]]

    def known(self, key: str, day: date) -> PartitionRecord | None:
        """The version whose labels were the newest; None where none had come."""
        place = as_of(self.arrivals.get(day, ()), self.today)
        return self.versions[key][place] if place >= 0 else None


def label_days(spec: ModelSpec, first: date, today: date, store: Store, ledger: Ledger) -> LabelDays:
    """The partitions from `first` to `today`, with those versions that are still in the lake."""
    newest = ledger.admitted(spec.dataset, most=1)
    if not newest:
        return LabelDays(today, {}, {})
    records = ledger.admitted_versions(spec.dataset, partition_key(spec.contract, first), newest[-1].key)
    gone, seen = removed(spec.dataset, ledger), first
    versions: dict[str, list[PartitionRecord]] = defaultdict(list)
    arrivals: dict[date, list[Arrival]] = defaultdict(list)
    for record in records:
        day = partition_day(spec.contract, record.key)
        seen = max(seen, day)
        if day > today or record.path in gone:
            continue
        versions[record.key].append(record)
        arrivals[day].append(Arrival(day, seen, record.rows or 0, _labels(spec, record, store)))
    there = {day: came for day, came in arrivals.items() if came[0].seen <= today}
    return LabelDays(today, dict(versions), there)


def _labels(spec: ModelSpec, record: PartitionRecord, store: Store) -> int:
    """How many rows of the version have a label. Of a personal column there is no profile: it is read."""
    name = spec.target.column
    if spec.contract.columns[name].personal:
        [target] = read_targets(spec, Snapshot.of(spec.dataset, [record]).entries, store)
        return int(np.count_nonzero(~np.isnan(target)))
    column = Profile.read(store, layout.profile(str(record.path))).columns.get(name)
    return 0 if column is None else column.count

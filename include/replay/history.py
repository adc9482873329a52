"""What was admitted, as it was known on each morning of the past."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

from include.errors import NotFound
from include.features.history import looked_at, looking_back
from include.lake.snapshot import Snapshot
from include.ledger import Ledger, PartitionRecord
from include.ledger.removal import removed
from include.spec import ContractSpec, ModelSpec
from include.training.data import partition_day, partition_key
from include.training.windows import Window

NOON = time(12)  # of the day a training stands on: by then what came in the night is admitted
LATE = timedelta(days=7)  # a day that was admitted later than this was loaded afterwards


@dataclass(frozen=True)
class History:
    """Every version of every admitted partition, oldest first, by key and in the order of the keys.

    Known on a morning is the newest version on record by its noon (UTC). A partition whose first version came more than
    `LATE` after its day was loaded afterwards: that version counts as if it had come in time.
    """

    contract: ContractSpec
    versions: Mapping[str, tuple[PartitionRecord, ...]]

    @classmethod
    def read(cls, contract: ContractSpec, last: date, ledger: Ledger) -> Self:
        """All partitions up to a day. NotFound where there are none."""
        gone, found = removed(contract.dataset, ledger), defaultdict[str, list[PartitionRecord]](list)
        for one in ledger.admitted_versions(contract.dataset, "", partition_key(contract, last)):
            if one.path not in gone:
                found[one.key].append(one)
        if not found:
            raise NotFound(f"Dataset {contract.dataset} has no admitted partition up to {last}: nothing to replay.")
        return cls(contract, {key: tuple(found[key]) for key in sorted(found)})

    def known(self, key: str, morning: date) -> PartitionRecord | None:
        """The version of a partition that was known on a morning, None if it had not come."""
        day, versions = partition_day(self.contract, key), self.versions[key]
        if day >= morning:
            return None
        moment = datetime.combine(morning, NOON, UTC)
        by_then = [one for one in versions if one.recorded_at <= moment]
        if by_then:
            return by_then[-1]
        loaded_afterwards = versions[0].recorded_at > datetime.combine(day, NOON, UTC) + timedelta(days=1) + LATE
        return versions[0] if loaded_afterwards else None

    def snapshot(self, spec: ModelSpec, window: Window, morning: date) -> Snapshot:
        """What is seen of a window on a morning, with what window features look back at. NotFound where nothing is."""
        first = "" if window.first is None else partition_key(self.contract, window.first)
        seen = self._between(first, partition_key(self.contract, window.last), morning)
        if not seen:
            raise NotFound(
                f"Nothing of {self.contract.dataset} from {window} was known on {morning}. The history begins with "
                f"{next(iter(self.versions))}: replay from a later day."
            )
        found = Snapshot.of(self.contract.dataset, seen)
        if not spec.windows:
            return found
        return looking_back(found, self._between(*looked_at(found, spec.windows, self.contract), morning))

    def _between(self, first: str, last: str, morning: date) -> list[PartitionRecord]:
        found = [self.known(key, morning) for key in self.versions if first <= key <= last]
        return [one for one in found if one is not None]

    def arrived(self, morning: date) -> list[PartitionRecord]:
        """What was known on a morning and not on the one before, by key."""
        before = morning - timedelta(days=1)
        found = [self.known(key, morning) for key in self.versions if self.known(key, before) is None]
        return [one for one in found if one is not None]

    def verdicts(self) -> list[PartitionRecord]:
        """Every version of every partition."""
        return [one for versions in self.versions.values() for one in versions]

"""What a partition is judged beside: its key, and the admitted partitions before it."""

from dataclasses import dataclass
from statistics import fmean

from include.errors import NotFound
from include.lake import Profile, Store, layout, merge
from include.ledger import Ledger, PartitionRecord
from include.spec import ContractSpec


@dataclass(frozen=True)
class Earlier:
    """The rolling baseline: the newest admitted partitions before this one, their rows and their merged profile."""

    keys: tuple[str, ...]
    rows: float
    profile: Profile


@dataclass(frozen=True)
class Situation:
    """The partition's key, the baseline (None while there are too few partitions) and the newest earlier types."""

    key: str | None = None
    earlier: Earlier | None = None
    types: tuple[tuple[str, str], ...] = ()

    def lacks(self, since: str | None, until: str | None) -> bool:
        """Whether a column that begins and ends with these keys may be missing here."""
        if self.key is None:
            return False
        return (since is not None and self.key < since) or (until is not None and self.key > until)


ALONE = Situation()


def situation(contract: ContractSpec, key: str, store: Store, ledger: Ledger) -> Situation:
    """What is known before the partition is read."""
    most = contract.baseline.partitions if _compares(contract) else 1
    newest = [one for one in ledger.admitted(contract.dataset, last=key, most=most + 1) if one.key < key][-most:]
    profiles = [profile for one in newest if (profile := _profile(one, store)) is not None]
    types = tuple(profiles[-1].types.items()) if profiles else ()
    if not _compares(contract) or len(profiles) < contract.baseline.min_partitions:
        return Situation(key, None, types)
    rows = fmean(profile.rows for profile in profiles)
    return Situation(key, Earlier(tuple(one.key for one in newest), rows, merge(profiles)), types)


def _compares(contract: ContractSpec) -> bool:
    """Whether any rule of the contract needs the baseline."""
    of_rows = contract.rows.min_of_baseline is not None or contract.rows.max_of_baseline is not None
    return of_rows or any(spec.max_drift is not None for spec in contract.columns.values())


def _profile(record: PartitionRecord, store: Store) -> Profile | None:
    try:
        return Profile.read(store, layout.profile(str(record.path)))
    except NotFound:
        return None

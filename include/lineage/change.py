"""What changed in the data between two snapshots: partitions by key, columns by their profiles."""

from collections.abc import Sequence

from include.lake.distance import excess_psi, shares_of
from include.lake.profile import ColumnProfile, Profile
from include.lake.snapshot import Snapshot, SnapshotEntry
from include.spec.contract import Measured

SHOWN = 5  # keys and columns a sentence names


class Replaced(Measured):
    """A partition that is there in both, with other content."""

    key: str
    before: str
    after: str
    rows_before: int
    rows_after: int


class ColumnChange(Measured):
    """How far a column moved: the population stability index, less what chance adds, and the means of numbers."""

    column: str
    effect: float
    nulls_before: float
    nulls_after: float


class Change(Measured):
    """From one snapshot to another of the same dataset. Columns come largest change first."""

    before: str
    after: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    replaced: tuple[Replaced, ...]
    rows_before: int
    rows_after: int
    new_columns: tuple[str, ...]
    dropped_columns: tuple[str, ...]
    columns: tuple[ColumnChange, ...]

    @property
    def sentence(self) -> str:
        """The change in one line."""
        if self.before == self.after:
            return f"the same {self.rows_after} rows"
        moved = ", ".join(f"{one.column} {one.effect:.3f}" for one in self.columns[:SHOWN])
        return (
            f"{self.rows_before} rows became {self.rows_after}: {_named('added', self.added)}, "
            f"{_named('removed', self.removed)}, {_named('replaced', [one.key for one in self.replaced])}; "
            f"columns that moved most: {moved or 'none'}"
        )


def change(before: Snapshot, after: Snapshot, profiles: tuple[Profile, Profile]) -> Change:
    """The change from one snapshot to the other; `profiles` are those of all their rows."""
    old, new = _by_key(before), _by_key(after)
    first, second = profiles
    return Change(
        before=before.id,
        after=after.id,
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - new.keys())),
        replaced=tuple(
            _replaced(old[key], new[key]) for key in sorted(old.keys() & new.keys()) if old[key] != new[key]
        ),
        rows_before=before.rows,
        rows_after=after.rows,
        new_columns=tuple(sorted(second.columns.keys() - first.columns.keys())),
        dropped_columns=tuple(sorted(first.columns.keys() - second.columns.keys())),
        columns=_columns(first, second),
    )


def _columns(before: Profile, after: Profile) -> tuple[ColumnChange, ...]:
    """Columns of both, of the same kind."""
    found = []
    for name in sorted(before.columns.keys() & after.columns.keys()):
        old, new = before.columns[name], after.columns[name]
        if old.kind == new.kind:
            effect = excess_psi(*shares_of(old, new))
            found.append(ColumnChange(column=name, effect=effect, nulls_before=_nulls(old), nulls_after=_nulls(new)))
    return tuple(sorted(found, key=lambda one: -one.effect))


def _nulls(column: ColumnProfile) -> float:
    rows = column.count + column.nulls
    return column.nulls / rows if rows else 0.0


def _replaced(old: SnapshotEntry, new: SnapshotEntry) -> Replaced:
    return Replaced(
        key=new.key, before=old.content_hash, after=new.content_hash, rows_before=old.rows, rows_after=new.rows
    )


def _by_key(snapshot: Snapshot) -> dict[str, SnapshotEntry]:
    return {entry.key: entry for entry in snapshot.entries}


def _named(what: str, keys: Sequence[str]) -> str:
    if not keys:
        return f"none {what}"
    shown = ", ".join(keys) if len(keys) <= SHOWN else f"{keys[0]} to {keys[-1]}"
    return f"{len(keys)} {what} ({shown})"

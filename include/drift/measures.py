"""Every measure of how far a column moved, from two profiles; PSI decides (`include.drift.chance`), these describe."""

from include.lake.distance import Bins, bins_of, cramers_v, jensen_shannon, largest_gap, moved, wasserstein
from include.lake.profile import CategoryProfile, ColumnProfile, NumericProfile
from include.spec.contract import Measured

NAMED = 5


class Measures(Measured):
    """One column in two windows.

    `moved` is the share of rows that changed bins (total variation) and `jensen_shannon` a distance from 0 to 1, both
    over the reference's deciles or commonest categories and the missing values. For numbers: the largest gap of the
    distribution functions `ks`, the mean way `wasserstein` in standard deviations of the reference, and the share of
    values beyond the reference's extremes. For categories: `cramers_v`, and those that the reference never had.
    """

    moved: float
    jensen_shannon: float
    missing_reference: float
    missing_current: float
    ks: float | None = None
    wasserstein: float | None = None
    out_of_range: float | None = None
    cramers_v: float | None = None
    new_categories: tuple[str, ...] = ()
    new_share: float | None = None

    @property
    def missing_change(self) -> float:
        """By how much the share of missing values rose."""
        return self.missing_current - self.missing_reference


def measures(reference: ColumnProfile, current: ColumnProfile, bins: Bins | None = None) -> Measures:
    """All of them for one column. TypeError where the windows profile it as different kinds."""
    over = bins_of(reference) if bins is None else bins
    before, now = over.counts(reference), over.counts(current)
    found = Measures(
        moved=moved(before, now),
        jensen_shannon=jensen_shannon(before, now),
        missing_reference=missing(reference),
        missing_current=missing(current),
    )
    if isinstance(reference, NumericProfile) and isinstance(current, NumericProfile):
        return found.model_copy(
            update={
                "ks": largest_gap(reference, current),
                "wasserstein": wasserstein(reference, current),
                "out_of_range": _out_of_range(reference, current),
            }
        )
    if isinstance(reference, CategoryProfile) and isinstance(current, CategoryProfile):
        new = _new(reference, current)
        return found.model_copy(
            update={
                "cramers_v": cramers_v(reference, current),
                "new_categories": tuple(sorted(new, key=lambda name: (-new[name], name)))[:NAMED],
                "new_share": sum(new.values()) / current.count if current.count else 0.0,
            }
        )
    return found


def missing(profile: ColumnProfile) -> float:
    """The share of missing values; 0 without rows."""
    rows = profile.count + profile.nulls
    return profile.nulls / rows if rows else 0.0


def _out_of_range(reference: NumericProfile, current: NumericProfile) -> float:
    """To the width of a cell; none where the current extremes lie within the reference's."""
    if reference.min is None or reference.max is None or current.min is None or current.max is None:
        return 0.0
    if reference.min <= current.min and current.max <= reference.max:
        return 0.0
    cells = current.distribution
    outside = int(cells.counts[(cells.upper < reference.min) | (cells.lower > reference.max)].sum())
    return max(1, outside) / current.count


def _new(reference: CategoryProfile, current: CategoryProfile) -> dict[str, int]:
    """Categories with their rows; none where the reference has too many to remember each."""
    if reference.registers is not None:
        return {}
    return {name: count for name, count in current.counts.items() if name not in reference.counts}

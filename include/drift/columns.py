"""Drift as an effect size: how far the current window lies from the reference window, feature by feature."""

from include.drift.days import all_missing
from include.drift.measures import missing
from include.drift.tiers import TIERS, Tier, tier_of
from include.errors import BadData
from include.lake.distance import excess_psi, shares_of
from include.lake.profile import ColumnProfile, Profile
from include.spec import Monitoring
from include.spec.contract import Measured


class FeatureDrift(Measured):
    """One column's drift: population stability index, less what pure chance adds at these sample sizes."""

    feature: str
    effect: float
    tier: Tier
    missing_reference: float
    missing_current: float


def drift(reference: Profile, current: Profile, names: tuple[str, ...], limits: Monitoring) -> tuple[FeatureDrift, ...]:
    """The drift of each named column, largest first. A column the current window lacks is all missing there."""
    found = []
    for name in names:
        before, now = both(name, reference, current)
        effect = excess_psi(*shares_of(before, now))
        found.append(
            FeatureDrift(
                feature=name,
                effect=effect,
                tier=_tier(name, effect, limits),
                missing_reference=missing(before),
                missing_current=missing(now),
            )
        )
    return tuple(sorted(found, key=lambda one: -one.effect))


def _tier(name: str, effect: float, limits: Monitoring) -> Tier:
    """A seasonal feature moves with the calendar whatever happens: it is shown, but does not alarm."""
    tier = tier_of(effect, limits)
    return min(tier, "warn", key=TIERS.index) if name in limits.seasonal else tier


def both(name: str, reference: Profile, current: Profile) -> tuple[ColumnProfile, ColumnProfile]:
    """The column in both windows, all missing where the current one lacks it. BadData where they cannot be compared."""
    before = reference.columns.get(name)
    if before is None:
        raise BadData(
            f"The champion's reference window lacks column {name}: the features changed. Train and release anew."
        )
    now = current.columns.get(name) or all_missing(before, current.rows)
    if before.kind != now.kind:
        raise BadData(
            f"Column {name} is of kind {before.kind} in the champion's reference window and {now.kind} now: "
            "the contract changed. Train and release anew."
        )
    return before, now

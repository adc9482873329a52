"""Drift as an effect size: how far the current window lies from the reference window, feature by feature."""

from typing import Literal

from include.errors import BadData
from include.lake.distance import excess_psi, shares_of
from include.lake.profile import CategoryProfile, ColumnProfile, NumericProfile, Profile
from include.spec import Monitoring
from include.spec.contract import Measured

__all__ = ["FeatureDrift", "drift", "excess_psi", "shares_of", "tier_of", "worst"]

Tier = Literal["ok", "warn", "alert", "critical"]
TIERS: tuple[Tier, ...] = ("ok", "warn", "alert", "critical")


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
        before, now = _columns(name, reference, current)
        effect = excess_psi(*shares_of(before, now))
        found.append(
            FeatureDrift(
                feature=name,
                effect=effect,
                tier=_tier(name, effect, limits),
                missing_reference=_missing(before),
                missing_current=_missing(now),
            )
        )
    return tuple(sorted(found, key=lambda one: -one.effect))


def _tier(name: str, effect: float, limits: Monitoring) -> Tier:
    """A seasonal feature moves with the calendar whatever happens: it is shown, but does not alarm."""
    tier = tier_of(effect, limits)
    return min(tier, "warn", key=TIERS.index) if name in limits.seasonal else tier


def _columns(name: str, reference: Profile, current: Profile) -> tuple[ColumnProfile, ColumnProfile]:
    before = reference.columns.get(name)
    if before is None:
        raise BadData(
            f"The champion's reference window lacks column {name}: the features changed. Train and release anew."
        )
    now = current.columns.get(name) or _all_missing(before, current.rows)
    if before.kind != now.kind:
        raise BadData(
            f"Column {name} is of kind {before.kind} in the champion's reference window and {now.kind} now: "
            "the contract changed. Train and release anew."
        )
    return before, now


def _all_missing(before: ColumnProfile, rows: int) -> ColumnProfile:
    if isinstance(before, CategoryProfile):
        return CategoryProfile(count=0, nulls=rows, counts={})
    return NumericProfile.of_nulls(rows)


def tier_of(effect: float, limits: Monitoring) -> Tier:
    """The tier of an effect: the highest limit it reaches."""
    if effect >= limits.critical:
        return "critical"
    if effect >= limits.alert:
        return "alert"
    return "warn" if effect >= limits.warn else "ok"


def worst(tiers: list[Tier]) -> Tier:
    """The highest tier; one broken feature is never averaged away."""
    return max(tiers, key=TIERS.index, default="ok")


def _missing(profile: NumericProfile | CategoryProfile) -> float:
    rows = profile.count + profile.nulls
    return profile.nulls / rows if rows else 0.0

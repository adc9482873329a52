"""Drift as an effect size: how far the current window lies from the reference window, feature by feature."""

import math
from typing import Literal

import numpy as np

from include.errors import BadData
from include.features.matrix import Floats
from include.lake.profile import CategoryProfile, ColumnProfile, NumericProfile, Profile
from include.spec import Monitoring
from include.spec.contract import Measured

Tier = Literal["ok", "warn", "alert", "critical"]
TIERS: tuple[Tier, ...] = ("ok", "warn", "alert", "critical")
BINS = 10
TOP_CATEGORIES = 20


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
    return before.model_copy(update={"count": 0, "nulls": rows})


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


def excess_psi(reference: Floats, current: Floats) -> float:
    """Population stability index of two vectors of counts over the same bins, less its expectation under no change.

    PSI = sum (p - q) ln(p / q). Without a change it is distributed as (1/n + 1/m) chi-squared with bins - 1 degrees
    of freedom (Yurdakul, Statistical Properties of Population Stability Index, 2018, chapter 3), so its mean
    (bins - 1) (1/n + 1/m) is subtracted. Half a row is added to each bin, so that an empty one stays finite.
    """
    n, m = float(reference.sum()), float(current.sum())
    if n == 0 or m == 0:
        return 0.0 if n == m else math.inf
    q = (reference + 0.5) / (n + 0.5 * len(reference))
    p = (current + 0.5) / (m + 0.5 * len(current))
    psi = float(np.sum((p - q) * np.log(p / q)))
    return max(0.0, psi - (len(q) - 1) * (1 / n + 1 / m))


def shares_of(
    reference: NumericProfile | CategoryProfile, current: NumericProfile | CategoryProfile
) -> tuple[Floats, Floats]:
    """Rows per bin of both windows: the reference's deciles or commonest categories, and missing values."""
    if isinstance(reference, NumericProfile) and isinstance(current, NumericProfile):
        edges = _edges(reference)
        return _numeric(reference, edges), _numeric(current, edges)
    if isinstance(reference, CategoryProfile) and isinstance(current, CategoryProfile):
        known = sorted(reference.counts, key=lambda value: (-reference.counts[value], value))[:TOP_CATEGORIES]
        return _categories(reference, known), _categories(current, known)
    raise TypeError("reference and current window profile the column as different kinds")


def _edges(reference: NumericProfile) -> Floats:
    """The deciles. One that repeats, or is the minimum, gets its own bin: what lies below must not hide there."""
    deciles = reference.quantiles(np.linspace(0, 1, BINS + 1)[1:-1])
    values, times = np.unique(deciles[~np.isnan(deciles)], return_counts=True)
    common = values[(times > 1) | (values == reference.min)]
    return np.unique(np.concatenate([values, np.nextafter(common, -np.inf)]))


def _numeric(profile: NumericProfile, edges: Floats) -> Floats:
    return np.append(profile.shares(edges) * profile.count, float(profile.nulls))


def _categories(profile: CategoryProfile, known: list[str]) -> Floats:
    counts = [float(profile.counts.get(value, 0)) for value in known]
    others = profile.count - sum(counts)
    return np.array([*counts, others, float(profile.nulls)])


def _missing(profile: NumericProfile | CategoryProfile) -> float:
    rows = profile.count + profile.nulls
    return profile.nulls / rows if rows else 0.0

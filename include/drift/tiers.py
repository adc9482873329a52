"""How loud a finding is."""

from typing import Literal

from include.spec import Monitoring

Tier = Literal["ok", "warn", "alert", "critical"]
TIERS: tuple[Tier, ...] = ("ok", "warn", "alert", "critical")


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

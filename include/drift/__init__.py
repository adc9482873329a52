"""Drift: how far the current window lies from the reference window, how sure that is, and what it may cost."""

from include.drift.columns import FeatureDrift, drift
from include.drift.reference import Reference
from include.drift.tiers import TIERS, Tier, tier_of, worst
from include.drift.weighed import WeighedDrift, weigh

__all__ = ["TIERS", "FeatureDrift", "Reference", "Tier", "WeighedDrift", "drift", "tier_of", "weigh", "worst"]

"""Notices about the model `trip_late`, and channels that could be told of them."""

from typing import Any

from include.alerts import Notice
from include.drift import Tier
from include.spec import Channel

OPS = Channel(kind="email", connection="smtp_default", to=("ops@example.org",))
PAGER = Channel(kind="webhook", connection="pager", tier="critical")
EARLY = Channel(kind="slack", connection="chat", tier="warn")


def notice(tier: Tier = "alert", **changes: Any) -> Notice:
    """Drift of a feature; a change replaces a field."""
    given: dict[str, Any] = {
        "of": "model", "about": "trip_late", "cause": "drift", "tier": tier, "sentence": f"{tier}: drift of bus",
        "runbook": "dag-by-dag", **changes,
    }  # fmt: skip
    return Notice(**given)

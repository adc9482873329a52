"""What follows from verdicts: a pure function of their history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from include.drift import TIERS, Tier
from include.spec import Monitoring

Action = Literal["nothing", "request_training"]


@dataclass(frozen=True)
class FollowUp:
    """What is to be done, and why."""

    action: Action
    reason: str


def follow_up(tiers: Sequence[Tier], today: date, last_request: date | None, limits: Monitoring) -> FollowUp:
    """Requests training where m of the last n verdicts are alert or above, the newest is one of them, and drift's
    last own request is further back than the cool-down. `tiers` is in day order and ends with today's verdict."""
    recent = tiers[-limits.of_windows :]
    loud = [tier for tier in recent if _is_loud(tier)]
    seen = f"{len(loud)} of the last {len(recent)} verdicts at alert or above"
    if not recent or not _is_loud(recent[-1]):
        return FollowUp("nothing", f"the newest verdict is {recent[-1] if recent else 'missing'}")
    if len(loud) < limits.violations:
        return FollowUp("nothing", f"{seen}, required {limits.violations} of {limits.of_windows}")
    if last_request is not None and (today - last_request).days < limits.cool_down_days:
        days = (today - last_request).days
        return FollowUp(
            "nothing", f"{seen}, but training was requested {days} days ago: cool-down of {limits.cool_down_days}"
        )
    return FollowUp("request_training", f"drift: {seen}")


def _is_loud(tier: Tier) -> bool:
    return TIERS.index(tier) >= TIERS.index("alert")

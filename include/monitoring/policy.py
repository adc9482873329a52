"""What follows from verdicts: a pure function of their history and of what followed before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from include.drift import TIERS, Tier, worst
from include.spec import Monitoring

Action = Literal["nothing", "notify", "request_training", "hold_canary", "roll_back"]
ACTIONS: tuple[Action, ...] = get_args(Action)
"""From the mildest to the strongest."""

MONTH_DAYS = 30


@dataclass(frozen=True)
class Seen:
    """The verdicts on one day. `since_champion` is false for those made before the present champion served."""

    day: date
    drift: Tier
    performance: Tier = "ok"
    since_champion: bool = True


@dataclass(frozen=True)
class Situation:
    """What else counts: days trainings asked for by the watch stand on, the version on trial, the one to go back to."""

    asked: tuple[date, ...] = ()
    canary: str | None = None
    former: str | None = None


@dataclass(frozen=True)
class FollowUp:
    """What is to be done and why, and how loud each alarm is now."""

    action: Action
    reason: str
    drift: Tier = "ok"
    performance: Tier = "ok"


def follow_up(history: Sequence[Seen], situation: Situation, limits: Monitoring) -> FollowUp:
    """What follows from the verdicts, given in the order of their days, today's last.

    The strongest that applies: going back, where the owner declared it and measured performance is critical in m of
    the last n verdicts; holding the version on trial; a training, where m of n are at alert or above; a notice while
    an alarm stands. All but the notice need today's verdict to be as loud.
    """
    if not history:
        return FollowUp("nothing", "there is no verdict yet")
    heard = [_heard(one, limits) for one in history]
    drift, performance = (alarm_of([getattr(one, kind) for one in heard], limits) for kind in ("drift", "performance"))
    today = history[-1].day
    if quiet := _quiet(today, limits):
        drift = "ok"
    action, reason = _action(heard[-limits.of_windows :], worst([drift, performance]), situation, limits)
    expected = f"; drift {history[-1].drift} is expected: {quiet}" if quiet and history[-1].drift != "ok" else ""
    return FollowUp(action, reason + expected, drift, performance)


def _action(recent: list[Seen], alarm: Tier, situation: Situation, limits: Monitoring) -> tuple[Action, str]:
    newest = _loudness(recent[-1])
    standing: Action = "notify" if _is_loud(alarm) else "nothing"
    if not _is_loud(newest):
        return standing, f"the newest verdict is {newest}" + (
            f", the alarm is still {alarm}" if _is_loud(alarm) else ""
        )
    if situation.former and (bad := _critical_performance(recent, limits)):
        return "roll_back", f"{bad}: v{situation.former} is to serve again"
    if situation.canary:
        return "hold_canary", f"the newest verdict is {newest}: v{situation.canary} gets no larger share"
    loud = sum(_is_loud(_loudness(one)) for one in recent)
    seen = f"{loud} of the last {len(recent)} verdicts at alert or above"
    if loud < limits.violations:
        return standing, f"{seen}, required {limits.violations} of {limits.of_windows}"
    if rest := _rest(recent[-1].day, situation.asked, limits):
        return standing, f"{seen}, but {rest}"
    return "request_training", f"{'drift' if _is_loud(recent[-1].drift) else 'performance'}: {seen}"


def _critical_performance(recent: list[Seen], limits: Monitoring) -> str:
    """Why to go back; empty where the owner did not declare it or the present champion is not surely that bad."""
    found = sum(one.performance == "critical" and one.since_champion for one in recent)
    newest = recent[-1]
    if not limits.roll_back or newest.performance != "critical" or not newest.since_champion:
        return ""
    return f"performance critical in {found} of the last {len(recent)} verdicts" if found >= limits.violations else ""


def _rest(today: date, asked: Sequence[date], limits: Monitoring) -> str:
    """Why no training is asked for now; empty where one may be."""
    last = max(asked, default=None)
    if last is not None and (today - last).days < limits.cool_down_days:
        return f"training was requested {(today - last).days} days ago: cool-down of {limits.cool_down_days}"
    month = [one for one in asked if (today + timedelta(days=1) - one).days < MONTH_DAYS]
    if len(month) >= limits.requests_per_month:
        return f"{len(month)} trainings were requested in {MONTH_DAYS} days: budget of {limits.requests_per_month}"
    return ""


def alarm_of(tiers: list[Tier], limits: Monitoring) -> Tier:
    """The loudest of the last few: it rises at once, and falls after so many quieter verdicts."""
    return worst(tiers[-limits.leave_after :])


def _heard(seen: Seen, limits: Monitoring) -> Seen:
    """The verdicts as they count: drift that the calendar expects does not."""
    drift: Tier = "ok" if _quiet(seen.day, limits) else seen.drift
    return Seen(seen.day, drift, seen.performance, seen.since_champion)


def _quiet(day: date, limits: Monitoring) -> str:
    return next((one.reason for one in limits.calendar if one.holds(day)), "")


def _loudness(seen: Seen) -> Tier:
    return worst([seen.drift, seen.performance])


def _is_loud(tier: Tier) -> bool:
    return TIERS.index(tier) >= TIERS.index("alert")

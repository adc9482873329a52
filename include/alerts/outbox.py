"""Who still has to be told what. The ledger knows what each channel was told last, so nothing is lost or said twice."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from include.alerts.notice import ALERTS, Notice, is_loud, standing
from include.drift import Tier
from include.ledger import Decision, Ledger
from include.ledger.records import now
from include.spec import Channel
from include.spec.frozen import Frozen

log = logging.getLogger(__name__)
CUT_OFF = timedelta(minutes=5)  # a delivery that has not ended by then never will: somebody else takes it up
MOST_WORDS = 300  # characters of a server's answer that are kept


class Heard(Frozen):
    """What a delivery was to tell, and what its channel had been told before."""

    tier: Tier
    before: Tier = "ok"


@dataclass(frozen=True)
class Message:
    """One thing to tell one channel; `before` is the tier it heard of last."""

    channel: Channel
    notice: Notice
    before: Tier


Send = Callable[[Message], None]


@dataclass(frozen=True)
class _Due:
    subject: str
    message: Message
    newest: Decision | None


def deliver(of: str, about: str, channels: Mapping[str, Channel], ledger: Ledger, send: Send) -> list[Decision]:
    """Sends what the channels have not heard yet, and gives the record of each delivery. It never fails for a channel.

    A delivery that failed is on record and is tried again the next time. What came and went while a channel could not
    be reached is not told: the newest state is what counts. If the process is killed between sending and its record,
    the same is sent once more.
    """
    return [
        _settle(one, ledger, send) for one in _due(of, about, channels, ledger) if _record(one, "sending", "", ledger)
    ]


def _settle(due: _Due, ledger: Ledger, send: Send) -> Decision:
    message = due.message
    try:
        send(message)
    except Exception as problem:
        why = " ".join(f"{type(problem).__name__}: {problem}".split())[:MOST_WORDS]
        log.error("%s was not told of %s, which is %s: %s", due.subject, message.notice.about, message.notice.tier, why)
        return ledger.record_decision(_delivery(due, "failed", why))
    return ledger.record_decision(_delivery(due, "sent", message.notice.sentence))


def _due(of: str, about: str, channels: Mapping[str, Channel], ledger: Ledger) -> list[_Due]:
    if not channels:
        return []
    said = {one.subject: one for one in ledger.decisions(about, kind="delivery")}
    found = []
    for notice in standing(of, about, ledger):
        for name, channel in channels.items():
            subject = f"{notice.cause} by {name}"
            newest = said.get(subject)
            before = _heard(newest)
            if not _is_under_way(newest, now()) and _level(before, channel) != _level(notice.tier, channel):
                found.append(_Due(subject, Message(channel, notice, before), newest))
    return found


def _heard(newest: Decision | None) -> Tier:
    """The tier the channel was told last."""
    if newest is None:
        return "ok"
    detail = Heard.model_validate_json(newest.detail)
    return detail.tier if newest.outcome == "sent" else detail.before


def _is_under_way(newest: Decision | None, moment: datetime) -> bool:
    return newest is not None and newest.outcome == "sending" and moment - newest.recorded_at < CUT_OFF


def _level(tier: Tier, channel: Channel) -> Tier:
    """The tier as far as the channel cares: below its own there is only ok."""
    return tier if is_loud(tier, channel.tier) else "ok"


def _record(due: _Due, outcome: str, reason: str, ledger: Ledger) -> bool:
    return ledger.record_next(_delivery(due, outcome, reason), due.newest)


def _delivery(due: _Due, outcome: str, reason: str) -> Decision:
    notice = due.message.notice
    return Decision(
        model=notice.about, kind="delivery", subject=due.subject, outcome=outcome, reason=reason, actor=ALERTS,
        detail=Heard(tier=notice.tier, before=due.message.before).model_dump_json(),
    )  # fmt: skip

"""Who is told what: each channel once, from its tier on, and again when it could not be reached."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from include.alerts import deliver, tell
from include.alerts import outbox as outbox_module
from include.alerts.outbox import Message
from include.drift import Tier
from include.errors import Outage
from include.ledger import Ledger
from include.spec import Channel
from tests.notices import EARLY, OPS, PAGER, notice


class Inbox:
    """Takes what is sent, unless it is `closed`."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, Tier, Tier]] = []
        self.closed = False

    def __call__(self, message: Message) -> None:
        if self.closed:
            raise Outage("the server is\n away")
        self.taken.append((message.channel.connection, message.before, message.notice.tier))


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


def play(ledger: Ledger, inbox: Inbox, tiers: list[Tier], **channels: Channel) -> list[tuple[str, Tier, Tier]]:
    for tier in tiers:
        tell(notice(tier), ledger)
        deliver("model", "trip_late", channels, ledger, inbox)
    return inbox.taken


@pytest.mark.parametrize(
    ("channel", "tiers", "heard"),
    [
        (OPS, ["warn", "ok"], []),
        (OPS, ["alert", "alert", "ok"], [("ok", "alert"), ("alert", "ok")]),
        (OPS, ["alert", "critical", "warn"], [("ok", "alert"), ("alert", "critical"), ("critical", "warn")]),
        (OPS, ["alert", "warn", "ok"], [("ok", "alert"), ("alert", "warn")]),
        (PAGER, ["alert", "ok"], []),
        (PAGER, ["alert", "critical", "alert", "ok"], [("ok", "critical"), ("critical", "alert")]),
        (EARLY, ["warn", "ok"], [("ok", "warn"), ("warn", "ok")]),
    ],
)
def test_a_channel_hears_of_changes_from_its_tier_on_and_of_the_recovery(
    ledger: Ledger, inbox: Inbox, channel: Channel, tiers: list[Tier], heard: list[tuple[Tier, Tier]]
) -> None:
    assert [(before, tier) for _, before, tier in play(ledger, inbox, tiers, one=channel)] == heard


def test_each_channel_is_told_on_its_own(ledger: Ledger, inbox: Inbox) -> None:
    heard = play(ledger, inbox, ["alert", "critical"], ops=OPS, pager=PAGER)
    assert heard == [
        ("smtp_default", "ok", "alert"), ("smtp_default", "alert", "critical"), ("pager", "ok", "critical"),
    ]  # fmt: skip


def test_without_a_channel_nobody_is_told(ledger: Ledger, inbox: Inbox) -> None:
    assert play(ledger, inbox, ["critical"]) == []
    assert ledger.decisions("trip_late", kind="delivery") == []


def test_what_could_not_be_delivered_is_on_record_and_is_tried_again(ledger: Ledger, inbox: Inbox) -> None:
    inbox.closed = True
    play(ledger, inbox, ["alert"], ops=OPS)
    [failed] = deliver("model", "trip_late", {"ops": OPS}, ledger, inbox)
    assert (failed.subject, failed.outcome) == ("drift by ops", "failed")
    assert failed.reason == "Outage: the server is away"
    inbox.closed = False
    [sent] = deliver("model", "trip_late", {"ops": OPS}, ledger, inbox)
    assert (sent.outcome, inbox.taken) == ("sent", [("smtp_default", "ok", "alert")])
    assert deliver("model", "trip_late", {"ops": OPS}, ledger, inbox) == []


def test_what_came_and_went_while_nobody_could_be_reached_is_not_told(ledger: Ledger, inbox: Inbox) -> None:
    inbox.closed = True
    play(ledger, inbox, ["alert"], ops=OPS)
    inbox.closed = False
    assert play(ledger, inbox, ["ok"], ops=OPS) == []


def test_a_recovery_that_failed_is_still_told_later(ledger: Ledger, inbox: Inbox) -> None:
    play(ledger, inbox, ["alert"], ops=OPS)
    inbox.closed = True
    play(ledger, inbox, ["ok"], ops=OPS)
    inbox.closed = False
    assert play(ledger, inbox, [], ops=OPS) == [("smtp_default", "ok", "alert")]
    deliver("model", "trip_late", {"ops": OPS}, ledger, inbox)
    assert inbox.taken[-1] == ("smtp_default", "alert", "ok")


def test_tasks_that_end_together_send_one_message(ledger: Ledger, inbox: Inbox) -> None:
    tell(notice(), ledger)
    start = Barrier(8)

    def end(_: int) -> None:
        start.wait()
        deliver("model", "trip_late", {"ops": OPS}, ledger, inbox)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(end, range(8)))
    assert inbox.taken == [("smtp_default", "ok", "alert")]


@pytest.mark.parametrize(("minutes", "taken_up"), [(4, False), (6, True)])
def test_a_delivery_that_was_cut_off_is_taken_up_after_a_while(
    ledger: Ledger, inbox: Inbox, monkeypatch: pytest.MonkeyPatch, minutes: int, taken_up: bool
) -> None:
    class Killed(BaseException):
        """The process ends in the middle of sending."""

    def killed(_: Message) -> None:
        raise Killed

    tell(notice(), ledger)
    with pytest.raises(Killed):
        deliver("model", "trip_late", {"ops": OPS}, ledger, killed)
    later = outbox_module.now() + timedelta(minutes=minutes)
    monkeypatch.setattr(outbox_module, "now", lambda: later)
    deliver("model", "trip_late", {"ops": OPS}, ledger, inbox)
    assert (inbox.taken == [("smtp_default", "ok", "alert")]) is taken_up

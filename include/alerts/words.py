"""An alert in words: one headline, and the same facts as a page, as a chat message and as JSON."""

import html
from dataclasses import dataclass

from include.alerts.notice import is_loud
from include.alerts.outbox import Message
from include.drift import TIERS
from include.settings import BOARD, settings

COLOURS = {"ok": "#2e7d4f", "warn": "#8a6d00", "alert": "#b45309", "critical": "#b91c1c"}


@dataclass(frozen=True)
class Link:
    """A page to open."""

    title: str
    address: str

    @property
    def opens(self) -> bool:
        """Whether a browser can open it; a place in the repository it cannot."""
        return self.address.startswith(("http://", "https://"))


def headline(message: Message) -> str:
    """One line that says how loud, about what and why.

    Example: alert after ok -> [alert] flight_delay: drift; ok after alert -> [recovered] flight_delay: drift
    """
    return _line(f"[{_word(message)}] {message.notice.about}: {message.notice.cause}")


def links(message: Message, airflow: str) -> list[Link]:
    """The notice's pages, the board and the section of the runbook, as addresses that work in a mail."""
    notice = message.notice
    board = f"{BOARD}/{notice.about}" if notice.of == "model" else BOARD
    pages = {**notice.pages, "Board": board, "Runbook": f"{settings().runbook}#{notice.runbook}"}
    base = airflow.rstrip("/")
    return [Link(title, f"{base}{page}" if page.startswith("/") else page) for title, page in pages.items()]


def page(message: Message, found: list[Link]) -> str:
    """The body of a mail."""
    colour = COLOURS[message.notice.tier]
    rows = "".join(f"<li>{_anchor(one)}</li>" for one in found)
    return (
        f'<div style="font-family:sans-serif;max-width:44em;border-left:4px solid {colour};padding-left:1em">'
        f"<h2>{html.escape(headline(message))}</h2><p>{html.escape(message.notice.sentence)}</p><ul>{rows}</ul></div>"
    )


def chat(message: Message, found: list[Link]) -> dict[str, str]:
    """What a Slack incoming webhook takes."""
    where = " | ".join(_reference(one) for one in found)
    return {"text": f"*{_slack(headline(message))}*\n{_slack(message.notice.sentence)}\n{where}"}


def payload(message: Message, found: list[Link]) -> dict[str, object]:
    """What any other receiver gets; `status` is firing or recovered, `dedup_key` the same for both."""
    notice = message.notice
    return {
        "headline": headline(message),
        "status": "firing" if is_loud(notice.tier, message.channel.tier) else "recovered",
        "dedup_key": f"perennial/{notice.of}/{notice.about}/{notice.cause}",
        "of": notice.of,
        "about": notice.about,
        "cause": notice.cause,
        "tier": notice.tier,
        "before": message.before,
        "sentence": notice.sentence,
        "links": {one.title: one.address for one in found},
    }


def _word(message: Message) -> str:
    tier, before = message.notice.tier, message.before
    if tier == "ok":
        return "recovered"
    return tier if TIERS.index(tier) > TIERS.index(before) else f"down to {tier}"


def _anchor(link: Link) -> str:
    title, address = html.escape(link.title), html.escape(link.address, quote=True)
    return f'<a href="{address}">{title}</a>' if link.opens else f"{title}: {address}"


def _reference(link: Link) -> str:
    title, address = _slack(link.title), _slack(link.address)
    return f"<{address}|{title}>" if link.opens else f"{title}: {address}"


def _slack(text: str) -> str:
    """Without Slack's control characters: text out of data is never a mention or a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _line(text: str) -> str:
    return " ".join(text.split())

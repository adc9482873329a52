"""The card as a page: whole, without a broken picture, and with everybody's words as text."""

from base64 import b64decode
from functools import cache
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from include.card import html
from include.card.card import card_of
from include.card.plots.draw import draw
from include.card.plots.plot import Plot
from include.card.rulings import Ruling
from include.card.sources import Sources
from tests.cards import overridden, promotion, ruling, sources

EVIL = "<script>alert('x')</script><img src=x onerror=alert(1)>"
VOID = {"meta", "img", "br", "link"}
PICTURE = "data:image/svg+xml;base64,"


class Page(HTMLParser):
    """What a browser would make of a page: its tags, text, pictures, links and anchors."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.pictures: list[dict[str, str]] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self._open: list[str] = []
        self.feed(content)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        assert not [name for name in values if name.startswith("on")]
        self.tags.append(tag)
        self.anchors |= {values["id"]} if "id" in values else set()
        self.links += [values["href"]] if "href" in values else []
        self.pictures += [values] if tag == "img" else []
        self._open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"]:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


@cache
def plots() -> tuple[Plot, ...]:
    return draw(sources())


def page(found: Sources) -> Page:
    return Page(html.page(card_of(found), plots()))


def test_every_picture_is_in_it_and_can_be_drawn() -> None:
    shown = page(sources())
    assert len(shown.pictures) == 6
    for picture in shown.pictures:
        assert picture["src"].startswith(PICTURE)
        root = ElementTree.fromstring(b64decode(picture["src"].removeprefix(PICTURE), validate=True))
        assert root.tag.endswith("svg")
        assert len(picture["alt"]) > 40


def test_it_needs_nothing_from_anywhere_else() -> None:
    shown = page(sources())
    assert {"script", "link", "iframe"} & set(shown.tags) == set()
    assert {link[0] for link in shown.links} == {"#"}
    assert {link[1:] for link in shown.links} <= shown.anchors


def test_what_people_and_data_say_is_text() -> None:
    declared = {"description": EVIL, "intended_use": EVIL, "limits": EVIL}
    rulings = (ruling("a", "fail", EVIL), overridden("b", EVIL))
    found = sources(
        None, *rulings, declared=declared, made={"reason": EVIL}, promotion=promotion(actor=EVIL, reason=EVIL)
    )
    shown = page(found)
    assert "script" not in shown.tags
    assert len(shown.pictures) == 6
    assert shown.text.count(EVIL) == 9


@pytest.mark.parametrize("outcome", ["overridden", "passed"])
def test_an_override_is_at_the_top(outcome: str) -> None:
    found = sources(None, ruling("a"), overridden("b", "rain all week") if outcome == "overridden" else ruling("b"))
    text = page(found).text
    assert ("Overridden: b by ann, 2013-04-01 12:30 UTC: rain all week" in text) == (outcome == "overridden")
    if outcome == "overridden":
        assert text.index("Overridden: b") < text.index("Metrics, on the same rows")
        assert "The gate said fail: b says fail" in text


def test_every_gate_appears_by_itself_with_its_checks() -> None:
    found = sources(None, ruling("gate_of_tomorrow", "inconclusive", "nobody knows"), Ruling("other", None))
    shown = page(found)
    assert {"gate-gate_of_tomorrow", "gate-other"} <= shown.anchors
    assert "auc inconclusive 0.6100 0.5000 to 0.7000 0.6000 nobody knows" in shown.text
    assert "It was never decided on this run." in shown.text


def test_a_long_table_of_passed_checks_is_folded_and_one_with_a_failure_is_not() -> None:
    long, failed = ruling("long"), ruling("failed", "fail")
    assert long.result is not None
    assert failed.result is not None
    rulings = [
        Ruling(one.gate, one.result.model_copy(update={"checks": one.result.checks * 9}))
        for one in (long, failed)
        if one.result
    ]
    shown = page(sources(None, *rulings))
    assert shown.tags.count("details") == 1
    assert "All 9 checks passed" in shown.text


@pytest.mark.parametrize("promoted", [True, False])
def test_a_promotion_is_shown_once_there_is_one(promoted: bool) -> None:
    text = page(sources(promotion=promotion() if promoted else None)).text
    assert ("Promoted 2013-04-01 12:30:00 UTC by ann: looks right" in text) == promoted
    assert (f"SHA-256 {'b' * 64}" in text) == promoted

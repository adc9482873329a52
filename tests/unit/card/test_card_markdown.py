"""The card in Markdown: the facts that decide are in its core, and nobody else's markup is in any of it."""

import re

import pytest

from include.card.card import card_of
from include.card.markdown import CORE_LENGTH, core, whole
from include.card.plots.plot import Plot
from include.registry.card import DESCRIPTION_LENGTH
from tests.cards import overridden, promotion, ruling, sources
from tests.evaluations import GOOD, TARGET, held_out

EVIL = "<script>alert(1)</script> | [here](http://x) `code` *bold*\n# title"


def test_the_core_has_both_sides_every_gate_and_where_it_comes_from() -> None:
    text = core(card_of(sources(None, ruling("absolute_floor"), ruling("slices"))))
    assert "| metric | challenger | champion v4 | change |" in text
    assert "| auc | 1.000 |" in text
    assert "- **absolute_floor** pass: absolute_floor says pass" in text
    assert "- **slices** pass: slices says pass" in text
    assert "Judged on: c to d: 120 labelled rows of 10 days" in text
    assert f"Model file: {'c' * 64}" in text


def test_overrides_and_warnings_come_before_the_numbers() -> None:
    text = core(card_of(sources(held_out(TARGET, GOOD), ruling("a"), overridden("b", "rain all week"))))
    override = text.index("**OVERRIDDEN: b** by ann: rain all week. It said fail: b says fail")
    warning = text.index("**Note:** There was no champion to compare with")
    assert override < warning < text.index("| metric |")
    assert "- **b** overridden: b says fail" in text


def test_a_gate_of_many_checks_is_one_line() -> None:
    many = ruling("slices")
    assert many.result is not None
    result = many.result.model_copy(update={"checks": many.result.checks * 40})
    text = core(card_of(sources(None, type(many)("slices", result))))
    assert "- **slices** pass: all 40 checks" in text


def test_the_core_fits_into_a_version_s_description_whatever_gates_and_people_say() -> None:
    gates = [overridden(f"gate_{number}", "because of the rain " * 200) for number in range(30)]
    text = core(card_of(sources(None, *gates)))
    assert CORE_LENGTH == DESCRIPTION_LENGTH
    assert CORE_LENGTH - 2 <= len(text) <= CORE_LENGTH
    assert text.startswith("**0 of 30 gates passed, 30 overridden")


@pytest.mark.parametrize("approval", ["person", "policy"])
def test_a_promotion_is_told_with_who_agreed_and_what_it_replaced(approval: str) -> None:
    text = core(card_of(sources(promotion=promotion(approval=approval))))
    assert "Promoted: 2013-04-01 12:30:00 UTC by ann: looks right" in text
    assert ("a person agreed" in text) == (approval == "person")
    assert "Replaces: v4" in text


def test_the_whole_card_has_the_record_and_its_hashes() -> None:
    text = whole(card_of(sources(promotion=promotion(replaces=None))), [])
    assert "no champion: it is the first" in text
    assert f"evidence/trip_late/run-1/evidence.json, SHA-256 {'b' * 64}" in text


def test_every_check_stands_in_a_table_with_its_numbers() -> None:
    text = whole(card_of(sources(None, ruling("absolute_floor", "fail", "auc 0.61, required >= 0.6"))), [])
    assert "### absolute_floor: fail" in text
    assert "| auc | fail | 0.6100 | 0.5000 to 0.7000 | 0.6000 | auc 0.61, required >= 0.6 |" in text


def test_pictures_are_links_to_files_beside_it() -> None:
    text = whole(card_of(sources()), [Plot("roc", "ROC", "Up is better", b"")])
    assert "![Up is better](card/roc.svg)" in text


def test_what_people_and_data_say_is_text() -> None:
    declared = {"description": EVIL, "intended_use": EVIL, "limits": EVIL}
    rulings = (ruling("a", "fail", EVIL), overridden("b", EVIL))
    made = {"reason": EVIL, "parameters": {EVIL: EVIL}}
    card = card_of(sources(None, *rulings, declared=declared, made=made, promotion=promotion(actor=EVIL, reason=EVIL)))
    for text in (core(card), whole(card, [])):
        assert "<script" not in text
        assert "&lt;script>" in text
        assert re.findall(r"(?<!\\)\]\(", text) == []
        assert "\n# title" not in text
        assert r"\| \[here\]" in text

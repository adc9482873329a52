"""A model's page on the board: who serves, what it stood on, and which gates a person overrode."""

import re
from pathlib import Path

import pytest

from include.board import page
from include.ledger import Decision, Ledger, Rollout
from include.release.override import override
from tests.cards import promotion
from tests.declared import TRIPS, declare, spec
from tests.verdicts import decide, decide_all

GATE = "champion_comparison"


@pytest.fixture
def book(models: Path, ledger: Ledger) -> Ledger:
    declare(models, contract=TRIPS)
    return ledger


def registered(book: Ledger, run: str, version: str, card: bool = True) -> None:
    book.record_decision(
        Decision(
            model="trip_late", kind="registration", subject=version, outcome="registered", reason="passed",
            actor="gates", evidence=f"evidence/trip_late/{run}/{'card.html' if card else 'evidence.json'}",
        )
    )  # fmt: skip


def promoted(book: Ledger, version: str, record: bool = True, **changes: object) -> None:
    deployment = book.record_deployment(
        "trip_late",
        version,
        "a" * 64,
        expected=book.champion("trip_late"),
        action="promote",
        actor="ann",
        reason="good",
    )
    made = promotion(version=version, run_id=f"run-{version}", recorded_at=deployment.recorded_at, **changes)
    book.record_decision(
        Decision(
            model="trip_late", kind="promotion", subject=version, outcome="promoted", reason="good", actor="ann",
            detail=made.model_dump_json() if record else "{}", recorded_at=deployment.recorded_at,
        )
    )  # fmt: skip


def rows(html: str, title: str) -> list[str]:
    """The text of a table's rows, below its titles."""
    section = html.split(f"<h2>{title}</h2>", 1)[1].split("</table>", 1)[0]
    found = re.findall(r"<tr>(.*?)</tr>", section, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in found[1:]]


def test_what_is_on_its_way_to_users_is_shown_with_who_holds_it(book: Ledger) -> None:
    state = book.record_rollout(
        Rollout(
            model="trip_late", sequence=1, version="2", model_hash="h", stage="canary", share=0.05, salt="s",
            action="advance", actor="release", reason="nothing spoke against it",
        ),
        expected=None,
    )  # fmt: skip
    book.record_rollout(
        state.model_copy(update={"held": True, "action": "hold", "actor": "ann", "reason": "<lunch>"}), expected=state
    )
    found = rows(page.model("trip_late", book), "On the way to users")
    assert [one.startswith("v2 canary 5%") for one in found] == [True, True]
    assert "held" in found[0]
    assert "&lt;lunch&gt;" in found[0]
    assert "held" not in found[1]


def test_a_model_that_has_nothing_yet_has_a_page(book: Ledger) -> None:
    text = page.model("trip_late", book)
    assert "none yet" in text
    assert "Overridden gates" not in text


def test_a_training_links_to_its_card_and_an_older_one_to_its_evidence(book: Ledger) -> None:
    registered(book, "run-1", "1", card=False)
    registered(book, "run-2", "2")
    text = page.model("trip_late", book)
    assert '<a href="../files/evidence/trip_late/run-1/evidence.json">evidence</a>' in text
    assert '<a href="../files/evidence/trip_late/run-2/card.html">card</a>' in text


def test_a_champion_shows_what_it_stood_on(book: Ledger) -> None:
    promoted(book, "1")
    promoted(book, "2", approval="policy", replaces="1")
    newest, oldest = rows(page.model("trip_late", book), "Champions")
    assert newest.startswith("v2 serves")
    assert "nobody was asked" in newest
    assert "nobody was asked" not in oldest
    assert "card aaaaaaaaaaaa" in oldest
    assert '<a href="../files/evidence/trip_late/run-1/card.html">card</a>' in page.model("trip_late", book)


def test_a_champion_of_before_there_were_records_is_shown_without(book: Ledger) -> None:
    promoted(book, "1", record=False)
    [only] = rows(page.model("trip_late", book), "Champions")
    assert only.startswith("v1 serves")
    assert "card" not in only


def test_an_override_is_seen_on_the_training_the_champion_and_in_a_list(book: Ledger) -> None:
    decide_all(book, champion_comparison="fail")
    given = override(spec(), "run-1", GATE, "ann", "rain all week", book)
    registered(book, "run-1", "1")
    promoted(book, "1", overrides=(given,))
    text = page.model("trip_late", book)
    assert rows(text, "Overridden gates")[0].startswith(f"{GATE} ")
    assert rows(text, "Overridden gates")[0].endswith("ann rain all week run-1")
    assert f"overridden: {GATE}" in rows(text, "Champions")[0]
    chip = (
        f'<span class="chip overridden" title="fail: {GATE} says fail. Overridden by ann: rain all week.">{GATE}</span>'
    )
    assert chip in text
    assert '<span class="chip pass" title="pass: absolute_floor says pass.">absolute_floor</span>' in text


def test_an_override_of_what_a_gate_said_before_is_listed_but_answers_nothing(book: Ledger) -> None:
    decide_all(book, champion_comparison="fail")
    override(spec(), "run-1", GATE, "ann", "rain all week", book)
    decide(book, GATE, "inconclusive")
    registered(book, "run-1", "1")
    text = page.model("trip_late", book)
    assert len(rows(text, "Overridden gates")) == 1
    assert f'<span class="chip inconclusive" title="inconclusive: {GATE} says inconclusive.">{GATE}</span>' in text


def test_what_people_say_is_text(book: Ledger) -> None:
    decide_all(book, champion_comparison="fail")
    override(spec(), "run-1", GATE, "<b>ann</b>", "rain <script>all</script> week", book)
    text = page.model("trip_late", book)
    assert "<script>all" not in text
    assert "&lt;b&gt;ann&lt;/b&gt;" in text


def test_the_overview_has_the_look_of_the_card(book: Ledger) -> None:
    look = (Path(page.__file__).parents[1] / "card" / "look.css").read_text(encoding="utf-8")
    assert look.strip() in page.board(book)
    assert look.strip() in page.model("trip_late", book)


def test_gates_stand_in_the_order_of_their_questions_whenever_they_were_decided(book: Ledger) -> None:
    for gate in ("retired_gate", "resources", "champion_comparison", "absolute_floor"):
        book.record_decision(
            Decision(
                model="trip_late", kind="gate", subject=f"run-1/{gate}", outcome="pass", reason="good", actor="gates",
                evidence="e",
            )
        )  # fmt: skip
    registered(book, "run-1", "1")
    [training] = rows(page.model("trip_late", book), "Trainings")
    assert "absolute_floor champion_comparison resources retired_gate" in training


def test_what_followed_is_shown_with_its_reason_and_days_on_which_nothing_did_are_not(book: Ledger) -> None:
    assert "What followed" not in page.model("trip_late", book)
    outcomes = [("03", "nothing"), ("02", "request_training"), ("01", "nothing"), ("04", "nothing"), ("04", "notify")]
    for day, outcome in outcomes:
        book.record_decision(
            Decision(
                model="trip_late", kind="retrain_policy", subject=f"2013-04-{day}", outcome=outcome,
                reason=f"why {outcome}", actor="watch",
            )
        )  # fmt: skip
    assert rows(page.model("trip_late", book), "What followed") == [
        "2013-04-04 notify why notify", "2013-04-02 request training why request_training",
    ]  # fmt: skip


def test_that_nothing_follows_from_the_newest_verdict_is_shown(book: Ledger) -> None:
    for day in ("01", "02"):
        book.record_decision(
            Decision(
                model="trip_late", kind="retrain_policy", subject=f"2013-04-{day}", outcome="nothing", reason="ok",
                actor="watch",
            )
        )  # fmt: skip
    assert rows(page.model("trip_late", book), "What followed") == ["2013-04-02 nothing ok"]

"""Who is champion, decided by compare-and-set."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from include.errors import Conflict
from include.ledger import Deployment, Ledger


def promote(ledger: Ledger, version: str, expected: Deployment | None) -> Deployment:
    return ledger.record_deployment(
        "flight_delay",
        version,
        f"hash-{version}",
        expected=expected,
        action="promote",
        actor="anna",
        reason="better",
    )


def test_before_the_first_promotion_there_is_no_champion(ledger: Ledger) -> None:
    assert ledger.champion("flight_delay") is None
    assert ledger.deployments("flight_delay") == []


def test_a_promotion_replaces_the_champion_it_expects(ledger: Ledger) -> None:
    first = promote(ledger, "1", None)
    second = promote(ledger, "2", first)
    assert ledger.champion("flight_delay") == second
    assert (second.sequence, second.replaces, second.model_hash) == (2, "1", "hash-2")
    assert ledger.deployments("flight_delay") == [first, second]


def test_a_roll_back_is_one_more_deployment(ledger: Ledger) -> None:
    second = promote(ledger, "2", promote(ledger, "1", None))
    ledger.record_deployment(
        "flight_delay",
        "1",
        "hash-1",
        expected=second,
        action="roll_back",
        actor="ben",
        reason="incident 7",
    )
    assert [(d.version, d.action) for d in ledger.deployments("flight_delay")] == [
        ("1", "promote"),
        ("2", "promote"),
        ("1", "roll_back"),
    ]


@pytest.mark.parametrize("expects_first", [True, False])
def test_a_promotion_that_expects_another_champion_is_a_conflict(ledger: Ledger, expects_first: bool) -> None:
    first = promote(ledger, "1", None)
    second = promote(ledger, "2", first)
    with pytest.raises(Conflict, match=r"Version 3 of flight_delay .* but the champion is version 2"):
        promote(ledger, "3", first if expects_first else None)
    assert ledger.champion("flight_delay") == second


def test_expecting_a_champion_where_there_is_none_is_a_conflict(ledger: Ledger) -> None:
    never = Deployment(
        model="flight_delay", sequence=4, version="9", model_hash="h", action="promote", actor="anna", reason="r"
    )
    with pytest.raises(Conflict, match=r"to replace version 9, but the champion is none"):
        promote(ledger, "10", never)
    assert ledger.champion("flight_delay") is None


def test_of_promotions_at_once_exactly_one_wins(ledger: Ledger) -> None:
    first = promote(ledger, "1", None)
    together = threading.Barrier(6)

    def attempt(version: str) -> str:
        together.wait()
        try:
            return promote(ledger, version, first).version
        except Conflict:
            return "conflict"

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(attempt, "234567"))
    champion = ledger.champion("flight_delay")
    assert champion is not None
    assert sorted(outcomes) == sorted([champion.version] + ["conflict"] * 5)
    assert len(ledger.deployments("flight_delay")) == 2


def test_models_have_champions_of_their_own(ledger: Ledger) -> None:
    promote(ledger, "1", None)
    other = ledger.record_deployment(
        "arrival_delay",
        "5",
        "h",
        expected=None,
        action="promote",
        actor="anna",
        reason="first",
    )
    assert other.sequence == 1
    champion = ledger.champion("flight_delay")
    assert champion is not None
    assert champion.version == "1"

"""Rolling back: the version before, however the present champion came to serve, and errors that name the choices."""

import pytest

from include.errors import NotFound
from include.incident.roll_back import roll_back
from include.ledger import Deployment, Ledger
from include.ledger.champions import previous, sent_away
from include.release.rollout import By
from tests.declared import spec


def deploy(book: Ledger, *steps: str) -> Deployment:
    """Promotes `3`, rolls back to `<3`."""
    champion = book.champion("trip_late")
    for step in steps:
        champion = book.record_deployment(
            "trip_late", step.removeprefix("<"), f"hash-{step}", expected=champion,
            action="roll_back" if step.startswith("<") else "promote", actor="ann", reason="test",
        )  # fmt: skip
    assert champion is not None
    return champion


@pytest.mark.parametrize(
    ("steps", "before"),
    [
        (["1", "2"], "1"),
        (["1", "2", "3"], "2"),
        (["1", "2", "3", "<2"], "1"),
        (["1", "2", "3", "4", "<3", "<2"], "1"),
        (["1", "2", "3", "4", "<2"], "1"),
        (["1", "2", "<1", "3"], "1"),
        (["1", "2", "3", "<2", "4"], "2"),
        (["1", "2", "3", "<2", "4", "<2"], "1"),
        (["1", "2", "<1", "2"], "1"),
        (["1", "2", "3", "<1", "<3"], "1"),
        (["1", "2", "3", "<2", "<3"], "2"),
    ],
)
def test_the_previous_champion_is_the_one_before_it_was_promoted(ledger: Ledger, steps: list[str], before: str) -> None:
    champion = deploy(ledger, *steps)
    assert previous("trip_late", champion, ledger) == before
    assert before != champion.version


@pytest.mark.parametrize("steps", [["1"], ["1", "2", "<1"], ["1", "2", "3", "<2", "<1"]])
def test_the_first_champion_has_none_before_it(ledger: Ledger, steps: list[str]) -> None:
    champion = deploy(ledger, *steps)
    with pytest.raises(NotFound, match="trip_late v1 is the first champion: there is no earlier one"):
        previous("trip_late", champion, ledger)


def test_champions_of_other_models_do_not_count(ledger: Ledger) -> None:
    champion = deploy(ledger, "1", "2")
    ledger.record_deployment("other", "9", "h", expected=None, action="promote", actor="bob", reason="test")
    assert previous("trip_late", champion, ledger) == "1"


def test_without_a_champion_there_is_nothing_to_roll_back(ledger: Ledger) -> None:
    with pytest.raises(NotFound, match="trip_late has no champion, so there is nothing to roll back"):
        roll_back(spec(), None, By("ann", "test"), ledger)
    assert ledger.decisions("trip_late") == []


def test_a_version_that_never_was_champion_names_those_that_were(ledger: Ledger) -> None:
    deploy(ledger, "1", "2", "3")
    with pytest.raises(NotFound, match=r"trip_late v9 never was champion\. Former champions: v1, v2\."):
        roll_back(spec(), "9", By("ann", "test"), ledger)
    assert [one.version for one in ledger.deployments("trip_late")] == ["1", "2", "3"]


def test_without_a_former_champion_the_choices_are_none(ledger: Ledger) -> None:
    deploy(ledger, "1")
    with pytest.raises(NotFound, match=r"v2 never was champion\. Former champions: none\."):
        roll_back(spec(), "2", By("ann", "test"), ledger)
    with pytest.raises(NotFound, match="is the first champion"):
        roll_back(spec(), None, By("ann", "test"), ledger)


@pytest.mark.parametrize(
    ("steps", "away"),
    [
        (["1", "2"], []),
        (["1", "2", "<1"], ["2"]),
        (["1", "2", "3", "<2"], ["3"]),
        (["1", "2", "3", "<1"], ["3"]),
        (["1", "2", "3", "<2", "<1"], ["3", "2"]),
        (["1", "2", "<1", "<2"], ["1"]),
        (["1", "2", "<1", "3"], ["2"]),
    ],
)
def test_who_was_rolled_back_stays_away_until_a_person_restores_it(
    ledger: Ledger, steps: list[str], away: list[str]
) -> None:
    deploy(ledger, *steps)
    assert [one.version for one in sent_away("trip_late", ledger)] == away

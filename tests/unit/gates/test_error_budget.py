"""The error budget: never more than declared in any year, never nothing; and which days are the same days."""

from datetime import date, timedelta

import pytest

from include.evaluation.coded import Coded
from include.evaluation.history import Comparison
from include.gates.error_budget import alpha, refusal, uses
from include.spec import ChampionComparison

RULE = ChampionComparison(metric="auc")
DAYS = Coded.of([f"2013-03-{day:02}" for day in range(1, 15)])


def made(as_of: str, spent: float = 0.05, first: str = "", last: str = "") -> Comparison:
    return Comparison(run_id=as_of, as_of=as_of, first_day=first, last_day=last, alpha=spent)


@pytest.mark.parametrize(
    ("budget", "confidence", "as_of", "spent", "expected"),
    [
        (3.0, 0.95, "2013-06-01", [], 0.05),
        (3.0, 0.99, "2013-06-01", [], 0.01),
        (3.0, 0.55, "2013-06-01", [], 0.15),
        (0.2, 0.95, "2013-06-01", [], 0.01),
        (3.65, 0.6, "2013-06-01", [0.365], 0.0),
        (3.65, 0.6, "2013-06-01", [0.265], 0.05),
        (3.65, 0.6, "2013-06-11", [0.265], 0.095),
        (3.65, 0.6, "2013-06-01", [0.265, 0.05], 0.025),
        (3.65, 0.6, "2014-06-01", [0.265, 0.05], 0.1825),
        (3.65, 0.6, "2013-05-01", [0.265], 0.05),
        (3.65, 0.6, "2013-06-01", [0.565], 0.0),
    ],
)
def test_half_of_what_is_saved_but_no_more_than_was_declared(
    budget: float, confidence: float, as_of: str, spent: list[float], expected: float
) -> None:
    """Of 3.65 a year, 0.009 come in a day and 0.365 can be saved."""
    rule = ChampionComparison(metric="auc", confidence=confidence, yearly_false_promotions=budget)
    history = [made("2013-06-01", one) for one in spent]
    assert alpha(rule, as_of, history) == pytest.approx(expected)


def test_what_comes_in_between_two_comparisons_is_saved_up_to_a_tenth_of_the_year() -> None:
    rule = ChampionComparison(metric="auc", confidence=0.6, yearly_false_promotions=3.65)
    first, second = made("2013-06-01", 0.365), made("2013-06-11", 0.05)
    assert alpha(rule, "2013-06-11", [first]) == pytest.approx(0.045)
    assert alpha(rule, "2013-06-11", [first, second]) == pytest.approx(0.02)
    assert alpha(rule, "2013-06-11", [made("2012-01-01", 0.1), first]) == pytest.approx(0.045)


@pytest.mark.parametrize(("every", "confidence"), [(7, 0.95), (1, 0.95), (1, 0.8), (28, 0.55)])
def test_no_year_spends_more_than_its_budget_and_no_comparison_gets_nothing(every: int, confidence: float) -> None:
    rule = ChampionComparison(metric="auc", confidence=confidence)
    history: list[Comparison] = []
    for number in range(1000 // every):
        day = (date(2013, 1, 1) + timedelta(days=every * number)).isoformat()
        history.append(made(day, alpha(rule, day, history)))
    dates = [date.fromisoformat(one.as_of) for one in history]
    years = [
        sum(one.alpha for one, day in zip(history, dates, strict=True) if 0 <= (day - first).days < 365)
        for first in dates
    ]
    assert 2.0 < max(years) <= 3.0
    assert min(one.alpha for one in history) > 0.007
    assert (min(one.alpha for one in history) == pytest.approx(0.05)) == (every == 7)


def test_days_that_are_trained_again_later_spend_what_is_there_then() -> None:
    """Ten trainings of old days in one afternoon: less and less, and it comes back."""
    history = [made("2013-06-01", 0.05)]
    for day in range(1, 11):
        as_of = f"2013-02-{day:02}"
        history.append(made(as_of, alpha(RULE, as_of, history)))
    assert sum(one.alpha for one in history) < 0.3
    assert alpha(RULE, "2013-06-02", history) < 0.02
    assert alpha(RULE, "2013-07-01", history) == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("first", "last", "same"),
    [
        ("2013-03-01", "2013-03-14", True),
        ("2013-03-08", "2013-03-21", True),
        ("2013-03-09", "2013-03-22", False),
        ("2013-02-22", "2013-03-07", True),
        ("2013-02-21", "2013-03-06", False),
        ("2013-01-01", "2013-12-31", True),
        ("2013-03-05", "2013-03-06", False),
    ],
)
def test_half_of_the_days_are_the_same_days(first: str, last: str, same: bool) -> None:
    assert uses(DAYS, [made("2013-03-20", first=first, last=last)]) == same
    assert uses(DAYS, [made("2013-03-20", first=first, last=last)] * 3) == 3 * same


@pytest.mark.parametrize(("every", "wears"), [(7, False), (3, False), (1, True)])
def test_weekly_trainings_never_wear_their_days_out(every: int, wears: bool) -> None:
    """A window of 14 days, used as it moves on: what is worn out is refused, and so uses nothing."""
    history: list[Comparison] = []
    refused = []
    for number in range(30):
        begin = date(2013, 1, 1) + timedelta(days=every * number)
        days = [(begin + timedelta(days=day)).isoformat() for day in range(14)]
        why = refusal(RULE, Coded.of(days), days[-1], history)
        refused.append(why is not None)
        if why is None:
            history.append(made(days[-1], 0.007, first=days[0], last=days[-1]))
    assert any(refused) == wears
    assert not all(refused[6:])


def test_it_says_which_days_and_what_to_do() -> None:
    history = [made(f"2013-03-{day}", 0.01, "2013-03-01", "2013-03-14") for day in range(15, 20)]
    assert refusal(RULE, DAYS, "2013-03-20", history[:4]) is None
    why = refusal(RULE, DAYS, "2013-03-20", history)
    assert why is not None
    assert "2013-03-01 to 2013-03-14 are worn out: 5 earlier comparisons" in why
    assert "Train as of a later day" in why


@pytest.mark.parametrize(("spent", "refused"), [(0.2, False), (0.2997, False), (0.2999, True), (0.4, True)])
def test_a_budget_that_is_spent_is_waited_for(spent: float, refused: bool) -> None:
    history = [made("2013-03-20", spent)]
    why = refusal(RULE, DAYS, "2013-03-20", history)
    assert (why is not None) == refused
    assert not refused or "1 earlier comparisons have spent the error budget of 3 false promotions" in (why or "")
    assert refusal(RULE, DAYS, "2013-05-20", history) is None


@pytest.mark.parametrize("confidence", [0.9999, 0.99999])
def test_whoever_asks_for_less_than_the_least_gets_it(confidence: float) -> None:
    rule = ChampionComparison(metric="auc", confidence=confidence)
    assert refusal(rule, DAYS, "2013-03-20", []) is None
    assert refusal(rule, DAYS, "2013-03-20", [made("2013-03-20", 0.3)]) is not None

"""The words of a comparison: what it rests on, why it is decided so, and how much longer one would have to look."""

import math
from typing import Any

import pytest

from include.evaluation.estimate import Difference
from include.evaluation.power import blocks_needed
from include.gates.comparison_verdict import Bounds, more, verdict
from include.gates.result import Status
from include.spec import ChampionComparison
from include.spec.comparison import Method


def rule(**changes: Any) -> ChampionComparison:
    return ChampionComparison.model_validate({"metric": "mae", "margin": 0.5, **changes})


def bounds(days: int = 10, rows: int = 120, confidence: float = 0.95, **changes: Any) -> Bounds:
    stated = {"observed": -0.3, "lower": -0.6, "upper": 0.0, "standard_error": 0.16, "blocks": 10}
    stated |= {"effective_blocks": changes.get("blocks", 10)} | changes
    return Bounds(Difference.model_validate(stated), confidence, rows, days)


@pytest.mark.parametrize(
    ("asked", "blocks", "effective", "said"),
    [
        ({}, 14, 14, "14 days"),
        ({}, 14, 9.34, "14 days that count as 9.3"),
        ({"block": "week"}, 6, 6, "6 weeks"),
        ({"block": "week"}, 6, 5.96, "6 weeks that count as 6.0"),
        ({"method": "paired_t"}, 120, 120, "120 rows"),
        ({"method": "paired_t"}, 120, 40, "120 rows"),
    ],
)
def test_what_the_bounds_rest_on(asked: dict[str, Any], blocks: int, effective: float, said: str) -> None:
    assert bounds(blocks=blocks, effective_blocks=effective).counted(rule(**asked)) == said


@pytest.mark.parametrize(
    ("lower", "upper", "blocks", "status", "why"),
    [
        (-0.4, 0.2, 5, "pass", "even the lower bound is enough"),
        (-0.5, 0.2, 5, "pass", "even the lower bound is enough"),
        (-0.9, -0.6, 5, "fail", "even the upper bound is not enough"),
        (0.2, 0.4, 4, "inconclusive", "4 days of rows are too few to tell, 5 are needed"),
        (-0.9, -0.6, 4, "inconclusive", "4 days of rows are too few to tell, 5 are needed"),
    ],
)
def test_why_it_is_decided_so(lower: float, upper: float, blocks: int, status: Status, why: str) -> None:
    found = bounds(observed=(lower + upper) / 2, lower=lower, upper=upper, blocks=blocks)
    assert verdict(found, rule()) == (status, why)


@pytest.mark.parametrize(("lower", "upper"), [(-0.51, -0.1), (-0.51, -0.5)])
def test_bounds_on_both_sides_of_what_is_required_cannot_tell(lower: float, upper: float) -> None:
    found = bounds(lower=lower, upper=upper)
    assert verdict(found, rule()) == ("inconclusive", f"the rows cannot tell; {more(found, rule())}")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"standard_error": math.inf}, "a single day holds what mae needs"),
        ({"standard_error": math.nan}, "a single day holds what mae needs"),
        ({"observed": -0.6}, "no number of rows would, for the observed improvement itself is not enough"),
        ({"observed": -0.5}, "no number of rows that could be waited for would"),
        ({"observed": -0.4999, "standard_error": 0.3}, "no number of rows that could be waited for would"),
    ],
)
def test_where_waiting_does_not_help(changes: dict[str, Any], said: str) -> None:
    assert more(bounds(**changes), rule()) == said


@pytest.mark.parametrize(
    ("asked", "changes", "days_of_a_block"),
    [
        ({}, {}, 1),
        ({}, {"days": 12}, 1),  # two of them have no rows
        ({"block": "week"}, {"blocks": 6, "days": 40}, 7),  # the last week is not a whole one
        ({"method": "paired_t"}, {"blocks": 121, "rows": 121}, 10 / 121),
    ],
)
def test_blocks_are_told_in_days_and_rows(
    asked: dict[str, Any], changes: dict[str, Any], days_of_a_block: float
) -> None:
    found = bounds(**changes)
    needed = blocks_needed(found.found, -0.5, 0.95, 0.8)
    assert needed is not None
    days = math.ceil((needed - found.found.blocks) * days_of_a_block)
    rows = math.ceil(days * found.rows / found.days)
    assert days > 1
    assert more(found, rule(**asked)) == f"about {days} more days ({rows} rows) would, with a chance of 80%"


@pytest.mark.parametrize(("rows", "of_a_day"), [(120, 12), (121, 13), (129, 13)])
@pytest.mark.parametrize("method", ["block_bootstrap", "paired_t"])
def test_one_more_day_is_the_least_that_is_asked_for(method: Method, rows: int, of_a_day: int) -> None:
    """By the t-test there are blocks enough, where the bootstrap's bounds are wider."""
    enough = bounds(standard_error=0.01, rows=rows)
    assert more(enough, rule(method=method)) == f"about 1 more days ({of_a_day} rows) would, with a chance of 80%"

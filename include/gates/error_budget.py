"""Repeated testing: how much one comparison may still be wrong, and how often the same days may be asked.

The reasons and the arithmetic: docs/decisions/0012-repeated-testing.md.
"""

from collections.abc import Sequence
from datetime import date

from include.evaluation.coded import Coded
from include.evaluation.history import Comparison
from include.spec.comparison import ChampionComparison

YEAR_DAYS = 365
SAVED = 0.1  # of the year's budget, at most, where nothing was tested for a while
SHARE = 0.5  # of what is saved, at most, for one comparison: something is left for a second one on the same day
LEAST_ALPHA = 1e-4  # a test that is allowed less could pass nothing


def alpha(rule: ChampionComparison, as_of: str, history: Sequence[Comparison]) -> float:
    """The chance of a false promotion that this comparison may have.

    The budget comes in day by day and a tenth of it can be saved up; each comparison takes its alpha out of it. The
    alphas of any 365 days thus sum to `yearly_false_promotions` at most, and with them the expected number of false
    promotions, however the comparisons depend on each other, since expectations add up.

    Example: 0.05 with confidence 0.95 every week; 0.007 every day
    """
    highest = SAVED * rule.yearly_false_promotions
    daily = (rule.yearly_false_promotions - highest) / YEAR_DAYS
    saved, today = highest, date.min
    for one in history:
        day = max(today, date.fromisoformat(one.as_of))
        saved = min(highest, saved + daily * (day - today).days) - one.alpha
        today = day
    saved = min(highest, saved + daily * max((date.fromisoformat(as_of) - today).days, 0))
    return min(1 - rule.confidence, SHARE * max(saved, 0.0))


def refusal(rule: ChampionComparison, days: Coded, as_of: str, history: Sequence[Comparison]) -> str | None:
    """Why no comparison may be made now, None where it may.

    Whoever tunes against the same days finds, sooner or later, a challenger that suits them by chance.
    """
    used = uses(days, history)
    if used >= rule.held_out_uses:
        return (
            f"the held-out days {min(days.names)} to {max(days.names)} are worn out: {used} earlier comparisons were "
            f"made on half or more of them, allowed are {rule.held_out_uses}. Train as of a later day"
        )
    if alpha(rule, as_of, history) < min(LEAST_ALPHA, 1 - rule.confidence):
        return (
            f"{len(history)} earlier comparisons have spent the error budget of {rule.yearly_false_promotions:g} false "
            "promotions a year as far as it has come in. Train as of a later day"
        )
    return None


def uses(days: Coded, history: Sequence[Comparison]) -> int:
    """How many earlier comparisons were made on half or more of these days."""
    shared = [sum(one.first_day <= day <= one.last_day for day in days.names) for one in history]
    return sum(2 * count >= len(days.names) for count in shared)

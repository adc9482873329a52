"""What the slices gate asks of each slice: has it lost too much to the champion, has it missed the floor?"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from include.chance.false_discovery import chance_of_as_bad
from include.evaluation.answers import MIN_DAYS
from include.evaluation.metrics import improvement
from include.evaluation.slices import CONFIDENCE, Slice, SliceTable
from include.spec.grouping import Slices
from include.spec.metrics import GREATER_IS_BETTER

HARMED, WEAKEST = "worst slice against the champion", "weakest slice"


@dataclass(frozen=True)
class Question:
    """A value of one slice, the limit it may have missed, and the chance of one as bad if the true value has not.

    Without a champion or a floor there is nothing to ask: no threshold and no chance.
    """

    name: str
    what: str
    observed: float
    lower: float
    upper: float
    threshold: float | None = None
    chance: float | None = None


def questions(table: SliceTable, rule: Slices) -> Iterator[Question]:
    """Everything that is asked: of each judged slice, and of those that the search found."""
    for one in table.slices:
        if not why_not_judged(one, rule):
            yield from _losses(one, rule, one.name)
            yield from _levels(one, rule, one.name, bare=one.difference is None)
    for name, found in ((HARMED, table.most_harmed), (WEAKEST, table.weakest)):
        if found is not None and not why_not_judged(found.slice, rule):
            told = f"the worst of {found.compared} slices of one half of the days, judged on the other half, is "
            ask = _losses(found.slice, rule, name, told) if name == HARMED else _levels(found.slice, rule, name, told)
            yield from ask


def why_not_judged(one: Slice, rule: Slices) -> str | None:
    """Why a slice cannot be judged; None where it can."""
    if one.rows < rule.min_rows:
        return f"{one.rows} rows"
    if math.isnan(one.challenger.value):
        return f"{rule.metric} is not defined on its {one.rows} rows"
    if one.challenger.blocks < MIN_DAYS:
        return f"{one.challenger.blocks} days"
    return None if math.isfinite(one.challenger.standard_error) else f"{rule.metric} hangs on a single day"


def _losses(one: Slice, rule: Slices, name: str, told: str = "") -> Iterator[Question]:
    found, champion = one.difference, one.champion
    if found is None or champion is None:
        return
    what = (
        f"{told}{one.name} ({one.rows} rows): {rule.metric} {one.challenger.value:.4f} against {champion.value:.4f}, "
        f"improves by {found.observed:+.4f} ({found.lower:+.4f} to {found.upper:+.4f} at {CONFIDENCE:.0%} each side), "
        f"required >= {rule.required:g}"
    )
    chance = chance_of_as_bad(found.observed, found.standard_error, found.effective_blocks, rule.required)
    yield Question(name, what, found.observed, found.lower, found.upper, rule.required, chance)


def _levels(one: Slice, rule: Slices, name: str, told: str = "", bare: bool = True) -> Iterator[Question]:
    """Asks for the floor; where none is declared, the value is told all the same if it would not be otherwise."""
    found, floor = one.challenger, rule.floor
    what = (
        f"{told}{one.name} ({one.rows} rows): {rule.metric} {found.value:.4f} "
        f"({found.lower:.4f} to {found.upper:.4f} at {CONFIDENCE:.0%} each side)"
    )
    if floor is not None:
        above = improvement(rule.metric, found.value, floor)
        chance = chance_of_as_bad(above, found.standard_error, found.effective_blocks, 0.0)
        sign = ">=" if GREATER_IS_BETTER[rule.metric] else "<="
        what = f"{what}, required {sign} {floor:g}"
        yield Question(f"{name}, floor", what, found.value, found.lower, found.upper, floor, chance)
    elif bare:
        yield Question(name, what, found.value, found.lower, found.upper)

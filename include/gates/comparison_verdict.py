"""What follows from the bounds of a comparison, and how much longer one would have to look."""

import math
from dataclasses import dataclass

from include.evaluation.estimate import Difference
from include.evaluation.power import blocks_needed
from include.gates.result import Status
from include.spec.comparison import BLOCK_DAYS, MIN_BLOCKS, ChampionComparison


@dataclass(frozen=True)
class Bounds:
    """An improvement with its bounds, each at `confidence`, and the rows and days it was seen on."""

    found: Difference
    confidence: float
    rows: int
    days: int

    def too_few(self, rule: ChampionComparison) -> bool:
        """Whether the blocks are too few for any verdict."""
        return rule.method == "block_bootstrap" and self.found.blocks < MIN_BLOCKS

    def counted(self, rule: ChampionComparison) -> str:
        """The observations behind the bounds.

        Example: 14 days that count as 9.3; 12880 rows
        """
        if rule.method != "block_bootstrap":
            return f"{self.found.blocks} rows"
        effective = self.found.effective_blocks
        worth = f" that count as {effective:.1f}" if effective < self.found.blocks else ""
        return f"{self.found.blocks} {rule.block}s{worth}"


def verdict(bounds: Bounds, rule: ChampionComparison) -> tuple[Status, str]:
    """Pass, fail or inconclusive, and why."""
    found = bounds.found
    if bounds.too_few(rule):
        return "inconclusive", f"{found.blocks} {rule.block}s of rows are too few to tell, {MIN_BLOCKS} are needed"
    if rule.reached(found.lower):
        return "pass", "even the lower bound is enough"
    if not rule.reached(found.upper):
        return "fail", "even the upper bound is not enough"
    return "inconclusive", f"the rows cannot tell; {more(bounds, rule)}"


def more(bounds: Bounds, rule: ChampionComparison) -> str:
    """How many more days and rows would tell, at the declared power, if the improvement is what it seems."""
    found = bounds.found
    if not math.isfinite(found.standard_error):
        return f"a single {rule.block} holds what {rule.metric} needs"
    if not rule.reached(found.observed):
        return "no number of rows would, for the observed improvement itself is not enough"
    needed = blocks_needed(found, rule.required, bounds.confidence, rule.power)
    if needed is None:
        return "no number of rows that could be waited for would"
    rowwise = rule.method != "block_bootstrap"
    days = (needed - found.blocks) * (bounds.days / found.blocks if rowwise else BLOCK_DAYS[rule.block])
    whole = max(math.ceil(days), 1)
    rows = math.ceil(whole * bounds.rows / bounds.days)
    return f"about {whole} more days ({rows} rows) would, with a chance of {rule.power:.0%}"

"""Groups of rows: slices against the champion, and the gaps between groups of people or places."""

from collections.abc import Iterator, Mapping

import numpy as np

from include.card.plots.plot import BAD, CHALLENGER, DOUBTFUL, GOOD, Plot, svg
from include.card.plots.rows import Row, forest
from include.evaluation.fairness import ColumnFairness
from include.evaluation.slices import Slice, SliceTable
from include.gates.slice_questions import why_not_judged
from include.spec.grouping import Fairness, Slices

FOUND = "worst of a search: "
MOST = 30  # the worst ones; the gate's table has them all


def slices(table: SliceTable | None, rule: Slices) -> Iterator[Plot]:
    """A forest of paired differences, or of the metric itself while there is no champion; none without slices."""
    if table is None:
        return
    found = table.most_harmed
    measured = {one.name: one for one in table.slices if why_not_judged(one, rule) is None}
    if found is not None and why_not_judged(found.slice, rule) is None:
        measured[f"{FOUND}{found.slice.name}"] = found.slice
    if not measured:
        return
    compared = all(one.difference is not None for one in measured.values())
    rows = sorted(_differences(measured, rule) if compared else _levels(measured, rule), key=lambda one: one.value)
    left_out = f" Shown are the {MOST} lowest of {len(rows)}." if len(rows) > MOST else ""
    says = _compared(table, rule) if compared else f"{table.metric} of each slice with its interval by days."
    unit = f"{table.metric}: better than the champion by" if compared else table.metric
    yield Plot("slices", "Slices", says + left_out, svg(forest(rows[:MOST], unit)))


def fairness(found: tuple[ColumnFairness, ...] | None, rule: Fairness) -> Iterator[Plot]:
    """The largest gap of each rate between two groups, with the bounds of all pairs at once; none without gaps."""
    gaps = [(f"{one.column}: {name}", gap) for one in found or () for name, gap in one.gaps.items() if gap]
    rows = []
    for name, gap in gaps:
        ours = gap.challenger
        colour = BAD if ours.lower > rule.max_gap else CHALLENGER
        rows.append(Row(name, ours.value, colour, ours.lower, ours.upper, rule.max_gap))
    if rows:
        widest = "; ".join(f"{name}, of {gap.rate} between {gap.higher} and {gap.lower}" for name, gap in gaps)
        says = (
            f"The largest gap of a rate between two groups, with the interval of all pairs at once. Widest: {widest}."
        )
        yield Plot("fairness", "Fairness", says, svg(forest(rows, "gap of a rate")))


def _compared(table: SliceTable, rule: Slices) -> str:
    found = table.most_harmed
    searched = f" Of {found.compared:,} slices, a search found {found.slice.name}." if found else ""
    return (
        f"By how much {table.metric} of each slice is better than the champion's on the same rows, with its interval "
        f"by days; to the left it is worse. Dotted: what a slice may lose, {rule.margin:g}.{searched}"
    )


def _differences(measured: Mapping[str, Slice], rule: Slices) -> Iterator[Row]:
    for name, one in measured.items():
        if (found := one.difference) is not None and np.isfinite(found.observed):
            colour = BAD if found.upper < -rule.margin else GOOD if found.lower >= -rule.margin else DOUBTFUL
            yield Row(name, found.observed, colour, found.lower, found.upper, -rule.margin)


def _levels(measured: Mapping[str, Slice], rule: Slices) -> Iterator[Row]:
    for name, one in measured.items():
        floor = float("nan") if rule.floor is None else rule.floor
        yield Row(name, one.challenger.value, CHALLENGER, one.challenger.lower, one.challenger.upper, floor)

"""Day by day: whether one side is better all along, or on a few days alone."""

from collections.abc import Iterator

import numpy as np

from include.card.numbers import share
from include.card.plots.plot import BAD, FAINT, GOOD, INK, Plot, canvas, legend, sides, svg
from include.evaluation.blocks import Cells
from include.evaluation.evidence import Evidence
from include.evaluation.metrics import improvement, statistics
from include.features.matrix import Floats
from include.spec.metrics import Metric

FEWEST_DAYS, MOST_LABELS = 2, 8


def by_day(found: Evidence, metric: Metric) -> Iterator[Plot]:
    """The metric of both sides on each day, and the difference; none with a single day."""
    present = np.unique(found.days.codes)
    both = sides(found)
    if len(present) < FEWEST_DAYS or not both:
        return
    names = [found.days.names[code] for code in present]
    measured = {side.label: _each(found, metric, side.said)[present] for side in both}
    figure, grid = canvas(3.2, nrows=len(both), sharex=True, squeeze=False, height_ratios=[3, 1][: len(both)])
    for side in both:
        grid[0, 0].plot(range(len(names)), measured[side.label], marker=side.mark, **side.pen)
    grid[0, 0].set_ylabel(metric)
    legend(grid[0, 0], loc="best", fontsize=8)
    says = f"{metric} of each held-out day; a gap is a day on which it is not defined."
    if len(both) > 1:
        champion, challenger = measured.values()
        better = np.array([improvement(metric, one, other) for one, other in zip(challenger, champion, strict=True)])
        grid[1, 0].bar(range(len(names)), better, color=np.where(better >= 0, GOOD, BAD), width=0.7)
        grid[1, 0].axhline(0, color=INK, alpha=FAINT, linewidth=0.8)
        grid[1, 0].set_ylabel("better by")
        known = better[~np.isnan(better)]
        says += f" The challenger is better on {share(float((known > 0).sum()), len(known))} of them."
    every = -(-len(names) // MOST_LABELS)
    grid[-1, 0].set_xticks(range(0, len(names), every), names[::every], rotation=30, ha="right")
    yield Plot("days", "Day by day", says, svg(figure))


def _each(found: Evidence, metric: Metric, said: Floats) -> Floats:
    """The metric on each day, NaN where it is not defined."""
    cells = Cells.of(np.zeros(len(said), dtype=np.int32), found.days)
    once = np.ones((1, 1))
    return np.array([statistic(once)[0] for statistic in statistics(metric, found.target, said, cells)])

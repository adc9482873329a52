"""How far the numbers can be believed: what was said against what came true, above how often it was said."""

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes

from include.card.plots.curves import Panel, per_class
from include.card.plots.plot import FAINT, INK, Plot, Side, canvas, legend, svg
from include.evaluation.coded import Codes
from include.evaluation.evidence import Evidence
from include.evaluation.reliability import Binned
from include.features.matrix import Floats

BINS, BARS = 10, 40
CONFIDENCE = 0.95  # of each bound
MOST_PANELS = 3


def reliability(found: Evidence) -> Iterator[Plot]:
    """The reliability curve of a classifier, one class against the rest; none where a class is missing."""
    panels = list(per_class(found))[:MOST_PANELS]
    if not panels:
        return
    figure, grid = canvas(
        4.2 if len(panels) == 1 else 3.0, nrows=2, ncols=len(panels), sharex="col", squeeze=False, height_ratios=[4, 1]
    )
    for panel, above, below in zip(panels, grid[0], grid[1], strict=True):
        _panel(panel, found.days.codes, above, below)
        above.set_title("" if len(panels) == 1 else panel[0])
    grid[0, 0].set_ylabel("share that came true")
    grid[1, 0].set_ylabel("rows")
    legend(grid[0, 0], loc="upper left", fontsize=8)
    says = (
        "On the diagonal, of all rows that were given 30 % three in ten came true; above it the model says too little, "
        "below it too much. Bars are intervals at 95 % each side by whole days. Below: how often each number was said."
    )
    yield Plot("reliability", "Reliability", says, svg(figure))


def _panel(panel: Panel, days: Codes, above: Axes, below: Axes) -> None:
    _, truth, both = panel
    highest = max(_curve(above, one, truth, days, shift) for one, shift in zip(both, (-0.003, 0.003), strict=False))
    above.plot([0, 1], [0, 1], color=INK, alpha=FAINT, linewidth=0.8)
    above.set(xlim=(0, highest), ylim=(0, highest))
    for side in both:
        counts, edges = np.histogram(side.said, bins=BARS, range=(0, highest))
        below.stairs(counts, edges, color=side.colour, linestyle=side.line, linewidth=1.2)
    below.set(xlabel="said", yticks=[])
    below.grid(visible=False)


def _curve(axes: Axes, side: Side, truth: Floats, days: Codes, shift: float) -> float:
    """Draws one side, moved a little so that the two sides' bars stand beside each other; gives the largest value."""
    bins = list(Binned.of(side.said, truth, days, BINS).curve(CONFIDENCE))
    said = np.array([one.predicted for one in bins])
    came = np.array([(one.observed.lower, one.observed.value, one.observed.upper) for one in bins]).T
    lower, came, upper = np.where(np.isnan(came), came[1], came)
    highest = min(1.0, 1.06 * max(said.max(), upper.max()))
    place = said + shift * highest
    axes.vlines(place, lower, upper, color=side.colour, linewidth=0.9, alpha=0.7)
    axes.plot(place, came, marker=side.mark, **side.pen)
    return float(highest)

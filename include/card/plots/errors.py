"""Where a regression is wrong: what came for what was said, and by how much it missed."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from include.card.numbers import shown
from include.card.plots.plot import FAINT, INK, Plot, Side, canvas, legend, sides, svg
from include.evaluation.evidence import Evidence
from include.evaluation.reliability import equal_mass
from include.features.matrix import Floats

BINS, BARS = 20, 60
SHOWN = (0.005, 0.995)  # of the errors: one wild row would press all others into one bar
RANGES = (0.1, 0.5, 0.9)


def errors(found: Evidence) -> Iterator[Plot]:
    """Predicted against observed, and the residuals; none where nothing was predicted."""
    both = sides(found)
    if found.summary.task == "regression" and both:
        yield _observed(found.target, both)
        yield _residuals(found.target, both)


def _observed(target: Floats, both: tuple[Side, ...]) -> Plot:
    figure, axes = canvas(3.6)
    for side in both:
        _ranges(axes, side, target)
    axes.axline((0, 0), slope=1, color=INK, alpha=FAINT, linewidth=0.8)
    axes.set(xlabel="predicted", ylabel="observed")
    legend(axes, loc="upper left", fontsize=8)
    says = (
        "Of rows that were given about the same number: the median of what came, and the range that holds eight of ten "
        "(challenger shaded, champion between thin lines). On the diagonal the number is right in the middle."
    )
    return Plot("observed", "Predicted and observed", says, svg(figure))


def _ranges(axes: Axes, side: Side, target: Floats) -> None:
    codes = equal_mass(side.said, BINS)
    order = np.argsort(codes, kind="stable")
    bins = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    said = np.array([side.said[one].mean() for one in bins])
    low, middle, high = np.array([np.quantile(target[one], RANGES) for one in bins]).T
    axes.plot(said, middle, marker=side.mark, markersize=3, **side.pen)
    if side.line == "-":
        axes.fill_between(said, low, high, color=side.colour, alpha=0.15, linewidth=0)
    else:
        axes.plot(said, np.array([low, high]).T, color=side.colour, linewidth=0.7, linestyle=side.line)


def _residuals(target: Floats, both: tuple[Side, ...]) -> Plot:
    figure, axes = canvas(3.6)
    missed = {side.label: side.said - target for side in both}
    first, last = _span(list(missed.values()))
    for side in both:
        counts, edges = np.histogram(missed[side.label], bins=BARS, range=(first, last))
        axes.stairs(
            counts / len(target), edges, color=side.colour, linestyle=side.line, linewidth=1.4, label=side.label
        )
    axes.axvline(0, color=INK, alpha=FAINT, linewidth=0.8)
    axes.set(xlabel="predicted less observed", ylabel="share of rows", xlim=(first, last))
    legend(axes, loc="upper left", fontsize=8)
    typical = ", ".join(f"{label} {shown(float(np.median(np.abs(one))))}" for label, one in reversed(missed.items()))
    says = (
        f"By how much predictions miss; to the right they are too high. Half of all rows miss by less than: {typical}."
    )
    return Plot("residuals", "Errors", says, svg(figure))


def _span(missed: list[npt.NDArray[np.float64]]) -> tuple[float, float]:
    """From the lowest to the highest error that is not wild, never empty."""
    ends = np.array([np.quantile(one, SHOWN) for one in missed])
    first, last = float(ends[:, 0].min()), float(ends[:, 1].max())
    return (first, last) if first < last else (first - 1, last + 1)

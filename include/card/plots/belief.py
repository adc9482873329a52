"""How far the numbers can be believed: what was said against what came true, above how often it was said."""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes

from include.card.numbers import shown
from include.card.plots.plot import FAINT, INK, Plot, Side, canvas, legend, sides, svg
from include.evaluation.calibration import CalibrationView
from include.evaluation.evidence import Evidence
from include.evaluation.reliability import Bin
from include.features.matrix import Floats

BARS = 40
SHIFT = 0.003  # of the width, so that the bars of the two sides stand beside each other


def reliability(found: Evidence) -> Iterator[Plot]:
    """The reliability curve of a classifier, of several classes that of the likeliest; none where it is missing."""
    view = next((one for one in found.summary.calibration or () if one.challenger.curve), None)
    both = sides(found)
    if view is None or not both:
        return
    figure, (above, below) = canvas(4.2, nrows=2, sharex=True, height_ratios=[4, 1])
    curves = [_curve(view, one) for one in both]
    highest = min(1.0, 1.06 * max(max(one.predicted, _upper(one)) for curve in curves for one in curve))
    for side, curve, shift in zip(both, curves, (-SHIFT, SHIFT), strict=False):
        _draw(above, side, curve, shift * highest)
        counts, edges = np.histogram(_forecast(side.said), bins=BARS, range=(0, highest))
        below.stairs(counts, edges, color=side.colour, linestyle=side.line, linewidth=1.2)
    above.plot([0, 1], [0, 1], color=INK, alpha=FAINT, linewidth=0.8)
    above.set(xlim=(0, highest), ylim=(0, highest), ylabel="share that came true")
    below.set(xlabel="said", ylabel="rows", yticks=[])
    below.grid(visible=False)
    legend(above, loc="upper left", fontsize=8)
    yield Plot("reliability", "Reliability", _says(view), svg(figure))


def _says(view: CalibrationView) -> str:
    what = "rows" if view.view == "probability" else "rows whose likeliest class"
    error = f"Calibration error {shown(view.challenger.error.value)}"
    other = f", champion {shown(view.champion.error.value)}" if view.champion else ""
    return (
        f"{error}{other}. On the diagonal, of {what} were given 30 % three in ten came true; above it the model says "
        f"too little, below it too much. Bars are intervals at {view.confidence:.0%} each side by whole days. Below: "
        "how often each number was said."
    )


def _curve(view: CalibrationView, side: Side) -> Sequence[Bin]:
    model = view.challenger if side.label == "challenger" else view.champion
    return () if model is None else model.curve


def _forecast(said: Floats) -> Floats:
    """What was said of the one thing that is looked at: of yes, or of the likeliest class."""
    likeliest: Floats = said if said.ndim == 1 else said.max(axis=1)
    return likeliest


def _draw(axes: Axes, side: Side, curve: Sequence[Bin], shift: float) -> None:
    place = np.array([one.predicted for one in curve]) + shift
    axes.vlines(
        place, [one.observed.lower for one in curve], [_upper(one) for one in curve],
        color=side.colour, linewidth=0.9, alpha=0.7,
    )  # fmt: skip
    axes.plot(place, [one.observed.value for one in curve], marker=side.mark, **side.pen)


def _upper(one: Bin) -> float:
    """The upper bound; where a single day leaves none, the value."""
    return one.observed.value if np.isnan(one.observed.upper) else one.observed.upper

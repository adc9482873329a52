"""Named rows under each other: values with their intervals, or amounts as bars, each against its limit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from include.card.plots.plot import BAD, FAINT, INK, canvas

LONGEST = 40  # letters of a name
NAN = float("nan")


@dataclass(frozen=True)
class Row:
    """One line of such a picture; a bar needs no bounds, and not every row has a limit."""

    name: str
    value: float
    colour: str
    lower: float = NAN
    upper: float = NAN
    limit: float = NAN
    mark: str = "o"


def forest(rows: Sequence[Row], unit: str) -> Figure:
    """Each value with its interval, the first row at the top; the dotted line is what it may not cross."""
    figure, axes = _listed(rows, unit)
    axes.axvline(0, color=INK, alpha=FAINT, linewidth=0.8)
    for place, one in enumerate(rows):
        axes.plot([one.lower, one.upper], [place, place], color=one.colour, linewidth=1.4, alpha=0.75)
        axes.plot([one.value], [place], one.mark, color=one.colour)
    return figure


def bars(rows: Sequence[Row], unit: str, linear_until: float | None = None) -> Figure:
    """Each value as a bar, the first row at the top; on a scale of powers of ten beyond `linear_until`."""
    figure, axes = _listed(rows, unit)
    axes.barh(range(len(rows)), [one.value for one in rows], color=[one.colour for one in rows], height=0.62)
    if linear_until is not None:
        axes.set_xscale("symlog", linthresh=linear_until)
        axes.set_xlim(left=0)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    return figure


def _listed(rows: Sequence[Row], unit: str) -> tuple[Figure, Axes]:
    figure, axes = canvas(0.9 + 0.21 * max(len(rows), 3))
    names = [one.name if len(one.name) <= LONGEST else f"{one.name[: LONGEST - 1]}…" for one in rows]
    places = np.arange(len(rows))
    axes.vlines([one.limit for one in rows], places - 0.5, places + 0.5, color=BAD, linestyle=":", linewidth=1.2)
    axes.set_yticks(places, names)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(unit)
    return figure, axes

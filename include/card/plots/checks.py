"""A gate's checks as a picture: differences with their intervals, or amounts as bars, against the limit."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from include.card.plots.plot import BAD, CHALLENGER, DOUBTFUL, FAINT, GOOD, INK, Plot, canvas, svg
from include.gates.result import Check

MOST = 30  # the worst ones; the table below has them all
COLOURS = {"pass": GOOD, "inconclusive": DOUBTFUL, "fail": BAD, "error": BAD}
MARKS = {"pass": "o", "inconclusive": "D", "fail": "s", "error": "x"}
LONGEST = 34  # letters of a name


def forest(name: str, title: str, says: str, checks: Sequence[Check], unit: str) -> Plot | None:
    """Each check's value with its interval, the worst at the top, and its limit; None where nothing was measured."""
    chosen = sorted(_measured(checks), key=lambda one: _number(one.observed))[:MOST]
    if not chosen:
        return None
    figure, axes = canvas(_height(len(chosen)))
    _limits(axes, chosen)
    axes.axvline(0, color=INK, alpha=FAINT, linewidth=0.8)
    for row, one in enumerate(chosen):
        colour = COLOURS[one.status]
        low, value, high = (_number(end) for end in (one.lower, one.observed, one.upper))
        axes.plot([low, high], [row, row], color=colour, linewidth=1.4, alpha=0.75)
        axes.plot([value], [row], MARKS[one.status], color=colour)
    _names(axes, chosen)
    axes.set_xlabel(unit)
    return Plot(name, title, f"{says}{_left_out(len(checks), len(chosen))}", svg(figure))


def bars(name: str, title: str, says: str, checks: Sequence[Check], unit: str) -> Plot | None:
    """Each check's value as a bar, the largest at the top, and its limit; None where nothing was measured."""
    chosen = sorted(_measured(checks), key=lambda one: -_number(one.observed))[:MOST]
    if not chosen:
        return None
    figure, axes = canvas(_height(len(chosen)))
    values = [_number(one.observed) for one in chosen]
    colours = [CHALLENGER if one.status == "pass" else COLOURS[one.status] for one in chosen]
    axes.barh(range(len(chosen)), values, color=colours, height=0.62)
    _limits(axes, chosen)
    _names(axes, chosen)
    axes.set_xlabel(unit)
    return Plot(name, title, f"{says}{_left_out(len(checks), len(chosen))}", svg(figure))


def _measured(checks: Sequence[Check]) -> list[Check]:
    return [one for one in checks if np.isfinite(_number(one.observed))]


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _height(rows: int) -> float:
    return 0.9 + 0.21 * max(rows, 3)


def _limits(axes: Axes, checks: Sequence[Check]) -> None:
    """The line each check may not cross, one line for neighbours that share it."""
    limits = np.array([_number(one.threshold) for one in checks])
    rows = np.arange(len(checks))
    axes.vlines(limits, rows - 0.5, rows + 0.5, color=BAD, linestyle=":", linewidth=1.2)


def _names(axes: Axes, checks: Sequence[Check]) -> None:
    names = [one.name if len(one.name) <= LONGEST else f"{one.name[: LONGEST - 1]}…" for one in checks]
    axes.set_yticks(range(len(checks)), names)
    axes.set_ylim(len(checks) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)


def _left_out(all_of_them: int, shown: int) -> str:
    return f" Shown are {shown} of {all_of_them}." if shown < all_of_them else ""

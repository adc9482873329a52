"""How time and memory grow with the rows, as a picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

INK, QUIET = "#1f4e79", "#8a8f98"
OTHERS = {"GX on pandas": "#c26a2e", "pandas + Evidently": "#a83a55"}


def draw(grown: Sequence[dict[str, float]], beside: Mapping[str, Mapping[str, Any]], where: Path) -> None:
    """CPU seconds of admission, the bare scan and the pandas sides, both axes in powers of ten, and peak memory."""
    rows = [one["rows"] for one in grown]
    figure = Figure(figsize=(9, 3), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.loglog(rows, [one["cpu"] for one in grown], marker="o", color=INK, label="admission")
    left.loglog(rows, [one["cpu"] / one["cpu_ratio"] for one in grown], marker="o", color=QUIET, label="bare scan")
    for name, colour in OTHERS.items():
        there = [(int(size), sides[name]) for size, sides in beside.items() if name in sides]
        for axes, figure_of in ((left, "CPU s"), (right, "peak MB")):
            sizes, values = [size for size, _ in there], [side[figure_of] for _, side in there]
            axes.plot(sizes, values, marker="o", color=colour, label=name)
    left.set_ylabel("CPU seconds")
    left.legend(frameon=False)
    right.loglog(rows, [one["peak_mb"] for one in grown], marker="o", color=INK)
    right.axhline(1024, color=QUIET, linewidth=0.8)
    right.set_ylim(bottom=100)
    right.set_ylabel("peak memory, MB")
    for axes in (left, right):
        axes.set_xlabel("rows of 20 columns")
        axes.grid(visible=True, which="major", color="#dddddd", linewidth=0.5)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(where)

"""How time and memory grow with the rows, as a picture."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

INK, QUIET = "#1f4e79", "#8a8f98"


def draw(grown: Sequence[dict[str, float]], where: Path) -> None:
    """CPU seconds of admission and of the bare scan, both axes in powers of ten, and admission's peak memory."""
    rows = [one["rows"] for one in grown]
    figure = Figure(figsize=(9, 3), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.loglog(rows, [one["cpu"] for one in grown], marker="o", color=INK, label="admission")
    left.loglog(rows, [one["cpu"] / one["cpu_ratio"] for one in grown], marker="o", color=QUIET, label="bare scan")
    left.set_ylabel("CPU seconds")
    left.legend(frameon=False)
    right.semilogx(rows, [one["peak_mb"] for one in grown], marker="o", color=INK)
    right.axhline(1024, color=QUIET, linewidth=0.8)
    right.set_ylim(0, 1100)
    right.set_ylabel("peak memory, MB")
    for axes in (left, right):
        axes.set_xlabel("rows of 20 columns")
        axes.grid(visible=True, which="major", color="#dddddd", linewidth=0.5)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(where)

"""How the cost grows, as a picture."""

from pathlib import Path

from matplotlib.figure import Figure

INK, QUIET = "#1f4e79", "#8a8f98"


def draw(grown: dict[str, dict[int, dict[str, float]]], where: Path) -> None:
    """CPU seconds against rows, slices and resamples, axes in powers of ten; the thin line would be in proportion."""
    figure = Figure(figsize=(9, 3), layout="constrained")
    for axes, (what, measured) in zip(figure.subplots(1, len(grown), sharey=True), grown.items(), strict=True):
        counts, seconds = list(measured), [found["cpu_seconds"] for found in measured.values()]
        axes.loglog(counts, seconds, marker="o", color=INK)
        axes.loglog(counts, [seconds[-1] * count / counts[-1] for count in counts], color=QUIET, linewidth=0.8)
        axes.set_xlabel(what)
        axes.grid(visible=True, which="major", color="#dddddd", linewidth=0.5)
        axes.spines[["top", "right"]].set_visible(False)
    figure.axes[0].set_ylabel("CPU seconds")
    figure.savefig(where)

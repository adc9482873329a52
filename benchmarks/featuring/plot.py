"""How the cost grows, as a picture."""

from pathlib import Path

from matplotlib.figure import Figure

SIDES = {"ours": "#1f4e79", "duckdb": "#c77b30"}
QUIET = "#8a8f98"


def draw(grown: dict[str, dict[int, dict[str, dict[str, float]]]], feast: dict[int, float], where: Path) -> None:
    """CPU seconds against rows and shops, both axes in powers of ten; the thin line would be in proportion."""
    figure = Figure(figsize=(8, 3), layout="constrained")
    for axes, (what, measured) in zip(figure.subplots(1, len(grown), sharey=True), grown.items(), strict=True):
        sizes = list(measured)
        for side, colour in SIDES.items():
            seconds = [found[side]["cpu_seconds"] for found in measured.values()]
            axes.loglog(sizes, seconds, marker="o", color=colour, label=side)
        proportional = [measured[sizes[-1]]["ours"]["cpu_seconds"] * size / sizes[-1] for size in sizes]
        axes.loglog(sizes, proportional, color=QUIET, linewidth=0.8)
        axes.set_xlabel(what)
        axes.grid(visible=True, which="major", color="#dddddd", linewidth=0.5)
        axes.spines[["top", "right"]].set_visible(False)
    figure.axes[0].loglog(list(feast), list(feast.values()), marker="o", color="#8c2f39", label="feast")
    figure.axes[0].set_ylabel("CPU seconds")
    figure.axes[0].legend(frameon=False)
    figure.savefig(where)

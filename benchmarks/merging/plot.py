"""What a year costs from profiles and from rows, as a picture."""

from pathlib import Path

from matplotlib.figure import Figure

INK = {"profiles": "#1f4e79", "pyarrow": "#c2571a", "pandas": "#2f7d4f"}


def draw(grown: dict[str, dict[int, dict[str, dict[str, float]]]], where: Path) -> None:
    """Seconds of CPU against rows a day and columns, both axes in powers of ten."""
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    for axes, (what, sizes) in zip(figure.subplots(1, len(grown), sharey=True), grown.items(), strict=True):
        for side, color in INK.items():
            seconds = [found[side]["cpu_seconds"] for found in sizes.values()]
            axes.loglog(list(sizes), seconds, marker="o", color=color, label=side)
        axes.set_xlabel(what)
        axes.grid(visible=True, which="major", color="#dddddd", linewidth=0.5)
        axes.spines[["top", "right"]].set_visible(False)
    figure.axes[0].set_ylabel("seconds of CPU for 365 days")
    figure.axes[0].legend(frameon=False)
    figure.savefig(where)

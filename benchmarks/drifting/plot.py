"""What a daily check costs as rows and features grow, as a picture."""

from pathlib import Path

from matplotlib.figure import Figure

INK = "#1f4e79"


def draw(grown: dict[str, dict[int, dict[str, float]]], where: Path) -> None:
    """Seconds of CPU against rows and features, both axes in powers of ten."""
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    for axes, (what, sizes) in zip(figure.subplots(1, len(grown), sharey=True), grown.items(), strict=True):
        axes.loglog(list(sizes), [one["cpu_seconds"] for one in sizes.values()], marker="o", color=INK)
        axes.set_xlabel(what)
        axes.grid(visible=True, which="major", color="#dddddd", linewidth=0.5)
        axes.spines[["top", "right"]].set_visible(False)
    figure.axes[0].set_ylabel("seconds of CPU")
    figure.savefig(where)

"""How the cost of each question grows, as a picture."""

from pathlib import Path

from matplotlib.figure import Figure

INK = ("#1f4e79", "#c2571a", "#2f7d4f", "#7a4b94", "#8a8f98")


def draw(grown: dict[str, dict[int, dict[str, dict[str, float]]]], where: Path) -> None:
    """CPU against partitions, a panel per lake and ledger; the dotted line is 0.1 ms for each partition."""
    figure = Figure(figsize=(10, 3.6), layout="constrained")
    for axes, (name, sizes) in zip(figure.subplots(1, len(grown), sharey=True), grown.items(), strict=True):
        for color, question in zip(INK, (one for one in next(iter(sizes.values())) if one != "process"), strict=True):
            axes.loglog(
                list(sizes), [found[question]["ours_cpu_ms"] for found in sizes.values()], marker="o", markersize=3,
                color=color, label=question,
            )  # fmt: skip
        axes.loglog(list(sizes), [0.1 * size for size in sizes], ":", color="#8a8f98", linewidth=0.8)
        axes.set_title(name, fontsize=10)
        axes.set_xlabel("partitions")
        axes.grid(visible=True, which="major", color="#dddddd", linewidth=0.5)
        axes.spines[["top", "right"]].set_visible(False)
    figure.axes[0].set_ylabel("milliseconds of CPU")
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5, fontsize=8)
    figure.savefig(where)

"""The plot: by how much each policy was better or worse than promoting always, with its interval."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.judging.realised import Outcome, Realised

PANELS = {"auc_by_day": "AUC, mean of days", "brier_by_day": "Brier score, mean of days"}
COLOURS = ("#0b6e4f", "#c1440e")
LOOKS = {"svg.fonttype": "path", "svg.hashsalt": "perennial", "font.size": 9}


def draw(scenarios: Mapping[str, Mapping[str, Outcome]], path: Path) -> None:
    """One row per policy, one panel per metric, one colour per scenario; right of the line is better."""
    names = [name for name in next(iter(scenarios.values())) if name != "always promote"]
    with rc_context(LOOKS):
        figure = Figure(figsize=(10, 0.36 * len(names) + 1.3), layout="constrained")
        panels = figure.subplots(1, len(PANELS), sharey=True)
        for axes, (key, title) in zip(panels, PANELS.items(), strict=True):
            for place, (label, outcomes) in enumerate(scenarios.items()):
                _points(axes, [outcomes[name].realised[key] for name in names], label, place)
            _frame(axes, names, f"{title}: better than promoting always by")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=2, frameon=False)
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None, dpi=110)


def _points(axes: Axes, found: list[Realised], label: str, scenario: int) -> None:
    colour, shift = COLOURS[scenario], 0.3 * scenario - 0.15
    for place, one in enumerate(found):
        axes.plot([one.lower, one.upper], [place + shift] * 2, color=colour, linewidth=1.5)
    axes.plot(
        [one.better_by for one in found], [place + shift for place in range(len(found))], "o",
        color=colour, markersize=5, label=label,
    )  # fmt: skip


def _frame(axes: Axes, names: list[str], title: str) -> None:
    axes.axvline(0, color="grey", linewidth=0.8)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel(title, fontsize=9)
    axes.tick_params(labelsize=8)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)

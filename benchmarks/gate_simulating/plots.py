"""The figures as one picture with four panels."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.gate_simulating.rules import RULES

INK, PALE = "#333333", "#999999"
OURS = ("#0b6e4f", "#2a9d8f", "#8ac6b0")
FIELD = ("#c1440e", "#e9a03b")
LOOKS = {"svg.fonttype": "path", "svg.hashsalt": "perennial", "font.size": 9, "axes.spines.top": False,
         "axes.spines.right": False, "axes.titlesize": 10, "axes.titlelocation": "left",
         "axes.edgecolor": PALE}  # fmt: skip


def draw(figures: Mapping[str, Any], path: Path) -> None:
    """Writes the picture; the same figures give the same bytes."""
    with rc_context(LOOKS):
        figure = Figure(figsize=(10, 7.5), layout="constrained")
        panels = figure.subplots(2, 2)
        _promotes(panels[0, 0], figures["promotes"]["0.0"])
        _bounds(panels[0, 1], figures["bounds"])
        _power(panels[1, 0], figures["power"])
        _tuned(panels[1, 1], figures["tuned"])
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None, dpi=130)


def _promotes(axes: Axes, rates: Mapping[str, Mapping[str, float]]) -> None:
    improvements = sorted(rates, key=float)
    for rule, color in zip(RULES, (*OURS, *FIELD), strict=True):
        shares = [100 * rates[one][rule] for one in improvements]
        style = "--" if color in FIELD else "-"
        axes.plot(
            [float(one) for one in improvements], shares, style, marker="o", markersize=3, color=color, label=rule
        )
    axes.axhline(5, color=PALE, linewidth=0.7, linestyle=":")
    axes.set(title="Promoted, by what the challenger is worth (14 days)", xlabel="true improvement in AUC", ylabel="%")
    axes.set_xticks([-0.02, -0.01, 0, 0.01, 0.02])
    axes.set_ylim(0, 135)
    axes.set_yticks([0, 20, 40, 60, 80, 100])
    axes.legend(fontsize=7, frameon=False, loc="upper left", ncols=2)


def _bounds(axes: Axes, bounds: Mapping[str, Any]) -> None:
    correlations = ("0", "0.3", "0.6")
    styles = {"gate": OURS[0], "percentile": FIELD[1], "rows": FIELD[0]}
    labels = {"gate": "gate", "percentile": "percentile", "rows": "row by row"}
    for method, color in styles.items():
        for days, marker in (("14", "o"), ("56", "s")):
            missed = [100 * bounds[f"mean, {one}"][days][method]["lower"] for one in correlations]
            label = f"{labels[method]}, {days} days"
            axes.plot(correlations, missed, marker=marker, markersize=4, color=color, label=label,
                      linestyle="-" if days == "14" else "--")  # fmt: skip
    axes.axhline(5, color=PALE, linewidth=0.7, linestyle=":")
    axes.set(
        title="Lower bounds above the truth, claimed 5 %", xlabel="correlation of one day with the next", ylabel="%"
    )
    axes.set_ylim(0, 50)
    axes.legend(fontsize=7, frameon=False, loc="upper left", ncols=2)


def _power(axes: Axes, power: Mapping[str, Any]) -> None:
    for rows, style in (("200", "-"), ("800", "--")):
        days = sorted(power[rows], key=int)
        for gain, color in zip(sorted(power[rows][days[0]], key=float), reversed(OURS), strict=True):
            shares = [100 * power[rows][one][gain] for one in days]
            label = f"{float(gain) - 0.01:+.3f} AUC, {rows} rows a day"
            axes.plot([int(one) for one in days], shares, style, marker="o", markersize=3, color=color, label=label)
    axes.axhline(80, color=PALE, linewidth=0.7, linestyle=":")
    axes.set(title="Found not inferior, margin 0.01", xlabel="days held out", ylabel="%", ylim=(0, 135))
    axes.set_xticks([14, 28, 56])
    axes.set_yticks([0, 20, 40, 60, 80, 100])
    axes.legend(fontsize=7, frameon=False, loc="upper left", ncols=2)


def _tuned(axes: Axes, tuned: Mapping[str, Mapping[str, float]]) -> None:
    labels = {"score": "better score", "gate_without_limits": "gate without limits", "gate": "gate"}
    for (name, label), color in zip(labels.items(), (FIELD[0], FIELD[1], OURS[0]), strict=True):
        attempts = sorted(tuned[name], key=int)
        shares = [100 * tuned[name][one] for one in attempts]
        axes.plot([int(one) for one in attempts], shares, marker="o", markersize=3, color=color, label=label)
    axes.set_xscale("log")
    axes.set_xticks([1, 5, 20, 100], ["1", "5", "20", "100"])
    axes.set(title="One of many that are no better passes on the same days", xlabel="challengers tried", ylabel="%")
    axes.set_ylim(0, 102)
    axes.legend(fontsize=7, frameon=False)

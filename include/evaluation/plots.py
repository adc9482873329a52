"""Plots of an evaluation, as PNG bytes: how well it ranks and how far its numbers can be believed."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from include.evaluation.evidence import Evidence
from include.features.matrix import Floats

BINS = 10
Drawing = Callable[[Axes, str, Floats, Floats], None]


def draw(found: Evidence) -> dict[str, bytes]:
    """File name -> PNG: ROC and reliability for a binary model, predicted against observed for a regression."""
    sides = {"challenger": found.challenger}
    if found.champion is not None:
        sides[f"champion v{found.summary.champion_version}"] = found.champion
    drawings: dict[str, Drawing] = {"reliability.png": _reliability}
    if found.summary.task == "binary":
        drawings["roc.png"] = _roc
    return {name: _png(found, sides, drawing) for name, drawing in drawings.items()}


def _png(found: Evidence, sides: dict[str, Floats], drawing: Drawing) -> bytes:
    figure = Figure(figsize=(5, 5), layout="tight")
    axes = figure.add_subplot()
    for label, prediction in sides.items():
        drawing(axes, label, found.target, prediction)
    axes.set_title(f"{found.summary.model}: {found.summary.rows} rows, {found.summary.held_out_window}", fontsize=9)
    axes.legend()
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return buffer.getvalue()


def _roc(axes: Axes, label: str, target: Floats, prediction: Floats) -> None:
    from sklearn.metrics import roc_curve  # noqa: PLC0415 - drawn once an evaluation

    false_positives, true_positives, _ = roc_curve(target, prediction)
    axes.plot(false_positives, true_positives, label=label)
    axes.set_xlabel("false positive rate")
    axes.set_ylabel("true positive rate")


def _reliability(axes: Axes, label: str, target: Floats, prediction: Floats) -> None:
    """Mean observed against mean predicted in bins of equal size; the diagonal is perfect calibration."""
    parts = np.array_split(np.argsort(prediction, kind="stable"), BINS)
    means = [(prediction[part].mean(), target[part].mean()) for part in parts if len(part)]
    predicted, observed = zip(*means, strict=True)
    axes.plot(predicted, observed, marker="o", label=label)
    axes.axline((predicted[0], predicted[0]), slope=1, color="grey", linewidth=0.5)
    axes.set_xlabel("mean predicted")
    axes.set_ylabel("mean observed")

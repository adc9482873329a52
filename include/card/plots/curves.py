"""How well the two order the rows: ROC and precision against recall, one class against the rest."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from sklearn.metrics import precision_recall_curve, roc_curve

from include.card.numbers import shown
from include.card.plots.plot import FAINT, INK, Plot, Side, canvas, legend, sides, svg
from include.evaluation.evidence import Evidence
from include.evaluation.metrics import measure
from include.features.matrix import Floats

POINTS = 200  # of a curve, however many rows it was made of
MOST_CLASSES = 6
Panel = tuple[str, Floats, tuple[Side, ...]]
Draw = Callable[[Axes, Floats, Side], float]


def curves(found: Evidence) -> Iterator[Plot]:
    """Both curves of a classifier; none where a class is missing."""
    panels = list(_per_class(found))
    if panels:
        yield _plot("roc", "ROC", "Up and to the left is better; the diagonal is a coin.", panels, _roc)
        yield _plot("precision_recall", "Precision and recall", "The line is the share of yes.", panels, _precision)


def _per_class(found: Evidence) -> Iterator[Panel]:
    """Yes or no of every row, and what each side said of yes: once for a binary model, else of the commonest classes.

    A class that no row or every row has is left out.
    """
    if found.summary.task == "binary":
        chances = [("yes", found.target == 1, sides(found))]
    else:
        common = np.argsort(-np.bincount(found.target.astype(np.int64), minlength=len(found.summary.classes)))
        chances = [(found.summary.classes[one], found.target == one, _of(found, one)) for one in common[:MOST_CLASSES]]
    for name, truth, both in chances:
        if both and truth.any() and not truth.all():
            yield name, truth.astype(np.float64), both


def _of(found: Evidence, number: int) -> tuple[Side, ...]:
    return tuple(replace(one, said=one.said[:, number]) for one in sides(found))


def _plot(name: str, title: str, reading: str, panels: list[Panel], draw: Draw) -> Plot:
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    figure, grid = canvas(4.2 if columns == 1 else 2.2 * rows, nrows=rows, ncols=columns, squeeze=False)
    for axes in grid.flat[len(panels) :]:
        axes.remove()
    said = []
    for (label, truth, both), axes in zip(panels, grid.flat, strict=False):
        axes.set(xlim=(0, 1), ylim=(0, 1.005), aspect="equal", title="" if columns == 1 else label)
        areas = [f"{one.label} {shown(draw(axes, truth, one))}" for one in reversed(both)]
        said.append(", ".join(areas) if columns == 1 else f"{label}: {', '.join(areas)}")
    legend(grid.flat[0], loc="lower right" if name == "roc" else "upper right", fontsize=8)
    area = "Area under the curve" if name == "roc" else "Average precision"
    return Plot(name, title, f"{area}: {'; '.join(said)}. {reading}", svg(figure))


def _roc(axes: Axes, truth: Floats, side: Side) -> float:
    false_positives, true_positives, _ = roc_curve(truth, side.said)
    kept = _thin(false_positives + true_positives)
    axes.plot([0, 1], [0, 1], color=INK, alpha=FAINT, linewidth=0.8)
    axes.plot(false_positives[kept], true_positives[kept], **side.pen)
    axes.set(xlabel="false positive rate", ylabel="true positive rate")
    return measure("auc", truth, side.said)


def _precision(axes: Axes, truth: Floats, side: Side) -> float:
    precision, recall, _ = precision_recall_curve(truth, side.said)
    kept = _thin(1 - recall)
    axes.axhline(truth.mean(), color=INK, alpha=FAINT, linewidth=0.8)
    axes.plot(recall[kept], precision[kept], **side.pen)
    axes.set(xlabel="recall", ylabel="precision")
    return measure("average_precision", truth, side.said)


def _thin(along: Floats) -> npt.NDArray[np.intp]:
    """The places of some points, evenly spread along a way that only goes on; both ends are kept."""
    marks = np.searchsorted(along, np.linspace(along[0], along[-1], POINTS))
    return np.unique(np.concatenate([[0], marks.clip(max=len(along) - 1), [len(along) - 1]]))

"""One style for every picture: quiet axes, two colours that everybody can tell apart, ink that follows the page."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from include.evaluation.evidence import Evidence
from include.features.matrix import Floats

# Blue and orange of Okabe & Ito (Color Universal Design, 2008), shifted so that both show on white and on black.
CHALLENGER, CHAMPION = "#1c84d8", "#dd7711"
GOOD, DOUBTFUL, BAD, QUIET = "#2e9e6b", "#c79500", "#d5506a", "#8f979f"
INK, FAINT = "#012345", 0.25  # no picture uses this colour: it becomes the colour of the reader's page
WIDTH = 5.6  # inches; a page shows two side by side
STYLE: dict[str, Any] = {
    "svg.fonttype": "none", "svg.hashsalt": "perennial", "text.parse_math": False, "font.size": 9,
    "axes.edgecolor": INK, "axes.labelcolor": INK, "text.color": INK, "xtick.color": INK, "ytick.color": INK,
    "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.6, "axes.titlesize": 9,
    "axes.titlelocation": "left", "xtick.major.width": 0.6, "ytick.major.width": 0.6, "axes.grid": True,
    "grid.color": INK, "grid.alpha": 0.12, "grid.linewidth": 0.6, "axes.axisbelow": True,
    "legend.frameon": False, "legend.labelcolor": INK, "lines.linewidth": 1.6, "lines.markersize": 4,
}  # fmt: skip
THEME = b"<style>:root{color:#1f2328}@media(prefers-color-scheme:dark){:root{color:#e4e6e8}}</style>"


@dataclass(frozen=True)
class Plot:
    """One picture: `says` is what it shows in words, for who cannot see it and for who wonders how to read it."""

    name: str
    title: str
    says: str
    svg: bytes

    @property
    def file(self) -> str:
        """Its name in a folder."""
        return f"{self.name}.svg"


@dataclass(frozen=True)
class Side:
    """One of the two models with its predictions and the way it is drawn everywhere."""

    label: str
    said: Floats
    colour: str
    line: str
    mark: str

    @property
    def pen(self) -> dict[str, Any]:
        """How its lines look: the champion's are broken, for who prints in grey."""
        return {"color": self.colour, "linestyle": self.line, "label": self.label}


def sides(found: Evidence) -> tuple[Side, ...]:
    """Champion first, so that the challenger lies on top; a side whose predictions are not all numbers is left out."""
    both = [Side("challenger", found.challenger, CHALLENGER, "-", "o")]
    if found.champion is not None:
        both.insert(0, Side(f"champion v{found.summary.champion_version}", found.champion, CHAMPION, "--", "s"))
    return tuple(one for one in both if len(one.said) and np.isfinite(one.said).all())


@contextmanager
def style() -> Iterator[None]:
    """Everything drawn inside looks alike. A letter that the measuring font lacks is left to the reader's fonts."""
    with mpl.rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def canvas(height: float, **parts: Any) -> tuple[Figure, Any]:
    """A figure of the common width and its axes."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.subplots(**parts)


def legend(axes: Axes, **where: Any) -> None:
    """The two sides, the challenger first."""
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles[::-1], labels[::-1], **where)


def svg(figure: Figure) -> bytes:
    """The figure as SVG, the same bytes every time. Its ink is the page's: dark on light, light on dark."""
    buffer = BytesIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    before, tag, after = buffer.getvalue().replace(INK.encode(), b"currentColor").partition(b"<defs>")
    return before + THEME + tag + after

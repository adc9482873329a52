"""The pictures of an incident, as SVG: the version that was sent away in orange, the one that serves again in blue."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

from include.card.plots.plot import CHALLENGER, CHAMPION, FAINT, INK, QUIET, WIDTH, Plot, canvas, style, svg
from include.incident.comparison import Comparison
from include.release.served import Served

MOST_FEATURES = 15
BAR = 0.38  # of the place of a pair
HOUR = timedelta(hours=1)


def pictures(
    away: str, restored: str, at: datetime, lines: Sequence[Served], compared: Comparison | None
) -> tuple[Plot, ...]:
    """Who answered hour by hour, and both versions on the same rows; without what there is nothing to draw of."""
    colours = {away: CHAMPION, restored: CHALLENGER}
    with style():
        return (*_by_hour(lines, at, colours), *(_spread(compared, colours) if compared else ()),
                *(_weights(compared, colours) if compared else ()))  # fmt: skip


def _by_hour(lines: Sequence[Served], at: datetime, colours: dict[str, str]) -> Iterator[Plot]:
    if not lines:
        return
    hours = Counter((_hour(datetime.fromtimestamp(one.at, UTC)), one.said.version) for one in lines)
    first, last = _hour(datetime.fromtimestamp(lines[0].at, UTC)), max(hour for hour, _ in hours)
    edges = [first + HOUR * number for number in range((last - first) // HOUR + 2)]
    figure, axes = canvas(2.4)
    figure.set_figwidth(2 * WIDTH)  # it stands alone
    below = np.zeros(len(edges))
    for version in sorted({version for _, version in hours}, key=lambda one: (one not in colours, one)):
        above = below + [hours[edge, version] for edge in edges]
        label = f"v{version}" if version else "without a model"
        axes.fill_between(edges, below, above, step="post", color=colours.get(version, QUIET), linewidth=0, label=label)
        below = above
    axes.set_ylim(0, 1.2 * below.max())
    axes.axvline(at, color=INK, linewidth=1)
    axes.annotate("rolled back ", (at, 1), xycoords=("data", "axes fraction"), ha="right", va="top")
    locator = AutoDateLocator(minticks=3, maxticks=9)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    axes.set_ylabel("requests in an hour")
    axes.legend(fontsize=8, loc="upper left", ncols=len(colours) + 2)
    yield Plot("hours", "Who answered", "Requests in each hour (UTC) by the version that answered.", svg(figure))


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _spread(compared: Comparison, colours: dict[str, str]) -> Iterator[Plot]:
    figure, axes = canvas(2.6)
    places = np.arange(len(compared.answers))
    pairs = zip((-BAR, BAR), colours.items(), ("before", "after"), strict=True)
    for shift, (version, colour), side in pairs:
        counts = [getattr(one, side) for one in compared.answers]
        axes.bar(places + shift / 2, counts, width=BAR, color=colour, label=f"v{version}")
    every = -(-len(places) // 10)
    axes.set_xticks(places[::every], [one.name for one in compared.answers[::every]])
    axes.set(xlabel="answer", ylabel="rows")
    axes.legend(fontsize=8)
    says = (
        f"Answers of both versions to the same {compared.rows} rows, scored from {compared.first} to {compared.last}."
    )
    yield Plot("answers", "Both versions on the same rows", says, svg(figure))


def _weights(compared: Comparison, colours: dict[str, str]) -> Iterator[Plot]:
    shown = compared.weights[:MOST_FEATURES]
    figure, axes = canvas(0.9 + 0.3 * max(len(shown), 3))
    places = np.arange(len(shown))
    for shift, (version, colour), side in zip((-BAR, BAR), colours.items(), ("before", "after"), strict=True):
        values = [getattr(one, side) or 0.0 for one in shown]
        axes.barh(places + shift / 2, values, height=BAR, color=colour, label=f"v{version}")
    axes.axvline(0, color=INK, alpha=FAINT, linewidth=0.8)
    axes.set_yticks(places, [one.feature for one in shown])
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("mean change of the answer")
    axes.legend(fontsize=8)
    more = (
        f", the {MOST_FEATURES} of {len(compared.weights)} that differ most"
        if len(compared.weights) > len(shown)
        else ""
    )
    says = f"How far the answer moves when a feature's values are shuffled{more}. What differs most is at the top."
    yield Plot("weights", "What moves the answers", says, svg(figure))

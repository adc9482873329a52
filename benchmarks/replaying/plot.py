"""The plot: a lane per policy, its metric as a week's mean, with alarms and trainings."""

from datetime import timedelta
from math import isnan
from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.dates import ConciseDateFormatter, MonthLocator
from matplotlib.figure import Figure

from benchmarks.judging.forest import LOOKS
from include.replay import Outcome, Report
from include.replay.outcome import Alarm
from include.replay.page import LOUD, smooth

DAY = timedelta(days=1)
GREEN, RED, BROWN, GREY, SHADE = "#0b6e4f", "#b91c1c", "#8a6d00", "#888888", "#f5a3a3"


def draw(report: Report, path: Path) -> None:
    """Shaded where an alarm stood, with a line where one began: red where it had a loss, brown where it was false, grey
    where no day tells. Dots are trainings, filled where the challenger was promoted."""
    with rc_context(LOOKS):
        figure = Figure(figsize=(10, 1.5 * len(report.outcomes) + 0.4), layout="constrained")
        lanes = figure.subplots(len(report.outcomes), 1, sharex=True, sharey=True)
        low = min(float(smooth(one.metrics)[6:].min()) for one in report.outcomes)
        for axes, one in zip(lanes, report.outcomes, strict=True):
            _lane(axes, one, low)
            axes.set_title(f"{one.name}: {report.metric} {one.realised:.4f}", fontsize=9, loc="left")
        lanes[-1].xaxis.set_major_locator(MonthLocator())
        lanes[-1].xaxis.set_major_formatter(ConciseDateFormatter(MonthLocator()))
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None, dpi=110)


def _worth(alarm: Alarm, margin: float) -> str:
    if isnan(alarm.loss):
        return GREY
    return BROWN if alarm.loss <= margin else RED


def _lane(axes: Axes, one: Outcome, low: float) -> None:
    days = [day.day for day in one.days]
    axes.plot(days, smooth(one.metrics), color=GREEN, linewidth=1.3)
    for day in one.days:
        if day.alarm in LOUD:
            axes.axvspan(day.day, day.day + DAY, color=SHADE, alpha=0.5, linewidth=0)
    for alarm in one.alarms:
        axes.axvline(alarm.day, color=_worth(alarm, one.margin), linewidth=1.2)
    for made in one.trainings:
        filled = GREEN if made.promoted else "white"
        axes.plot(made.as_of, low - 0.02, "o", markersize=4, color=GREEN, markerfacecolor=filled, markeredgewidth=0.7)
    axes.tick_params(labelsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)

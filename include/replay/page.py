"""The timeline of a replay as one page that needs nothing else: a lane per policy, day by day."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from include.features.matrix import Floats
from include.replay.outcome import Alarm, Outcome, Training
from include.replay.report import Report
from include.spec.metrics import GREATER_IS_BETTER

HERE = Path(__file__).parent
TEMPLATES = Environment(
    loader=FileSystemLoader([HERE, HERE.parent / "card"]), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
WIDTH, HEIGHT, WEEK = 1000.0, 120.0, 7
LOUD = ("alert", "critical")
EDGE = 0.02  # of the outermost values, left out of the scale


@dataclass(frozen=True)
class Mark:
    """Something on a day: where it is, what it looks like and what it says."""

    x: float
    width: float
    look: str
    title: str


@dataclass(frozen=True)
class Lane:
    """One policy: its metric as a line of a week's means, its verdicts, alarms and trainings."""

    outcome: Outcome
    line: str
    verdicts: list[Mark]
    alarms: list[Mark]
    trainings: list[Mark]


def page(report: Report) -> str:
    """The whole page as HTML."""
    lines = [smooth(one.metrics) for one in report.outcomes]
    known = np.concatenate(lines)
    low, high = np.nanquantile(known, [EDGE, 1 - EDGE])
    lanes = [_lane(one, line, low, high) for one, line in zip(report.outcomes, lines, strict=True)]
    months = [
        Mark(_place(place, len(lanes[0].outcome.days)), 0, "", f"{one.day:%b %Y}")
        for place, one in enumerate(lanes[0].outcome.days)
        if one.day.day == 1
    ]
    better = "up is better" if GREATER_IS_BETTER[report.metric] else "down is better"
    scale = {"low": low, "high": high, "better": better, "width": WIDTH, "height": HEIGHT}
    return TEMPLATES.get_template("timeline.html").render(report=report, lanes=lanes, months=months, scale=scale)


def _lane(one: Outcome, line: Floats, low: float, high: float) -> Lane:
    count = len(one.days)
    wide, places = WIDTH / count, {day.day: _place(place, count) for place, day in enumerate(one.days)}
    loud = [day for day in one.days if day.alarm in LOUD]
    standing = [Mark(places[day.day], wide, day.alarm, f"{day.day} alarm: {day.alarm}") for day in loud]
    begun = [Mark(places.get(alarm.day, WIDTH), 2, *_told(alarm, one.margin)) for alarm in one.alarms]
    return Lane(
        outcome=one,
        line=_path(line, low, high),
        verdicts=[
            Mark(places[day.day], wide, day.tier, f"{day.day} verdict {day.tier}, champion of {day.champion}")
            for day in one.days
        ],
        alarms=[*standing, *begun],
        trainings=[Mark(places.get(made.as_of, WIDTH), 0, *_trained(made)) for made in one.trainings],
    )


def _told(alarm: Alarm, margin: float) -> tuple[str, str]:
    if np.isnan(alarm.loss):
        return "open", f"{alarm.day} alarm: no day that followed tells what it was worth"
    look = "false" if alarm.loss <= margin else "true"
    better = f"a model of that morning was better by {alarm.loss:+.4f} in the fortnight after"
    return look, f"{alarm.day} {look} alarm: {better}"


def _trained(made: Training) -> tuple[str, str]:
    what = "promoted" if made.promoted else "kept"
    against = "" if made.promoted else f" out: {made.against}"
    return what, f"{made.as_of} {what}{against} ({made.why})"


def _place(place: int, count: int) -> float:
    return WIDTH * place / max(count, 1)


def smooth(metrics: Floats) -> Floats:
    """The mean of each day and the six before it, as far as they are known."""
    windows = [metrics[max(0, place - WEEK + 1) : place + 1] for place in range(len(metrics))]
    return np.array([np.nanmean(one) if not np.isnan(one).all() else np.nan for one in windows])


def _path(line: Floats, low: float, high: float) -> str:
    heights = HEIGHT * (1 - (np.clip(line, low, high) - low) / ((high - low) or 1))
    points = ((_place(place, len(line)), height) for place, height in enumerate(heights))
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points if not np.isnan(y))

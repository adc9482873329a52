"""The time line as a picture: where each day and value stands, for the template to draw."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from include.board.timeline import Event, Point, Timeline
from include.spec import ModelSpec

WIDTH, LEFT, RIGHT = 1000, 58, 12
MOST_LABELS, FEWEST_TICKS = 9, 2
BANDS = 0.7  # of the reach of the values; a band may end at the edge, for few days have wide ones
MOST_GAP = 7  # days; over a longer one no line is drawn


@dataclass(frozen=True)
class Scale:
    """Values from `low` to `high` on a panel that reaches from `top` down to `bottom`."""

    low: float
    high: float
    top: float
    bottom: float

    @classmethod
    def of(cls, values: Iterable[float], top: float, bottom: float, zero: bool = False, room: float = 0.06) -> "Scale":
        """All finite values, with room beyond as a share of how far they reach."""
        known = [one for one in values if math.isfinite(one)] or [0.0, 1.0]
        low, high = (0.0 if zero else min(known)), max(known)
        more = room * (high - low) or abs(high) * 0.1 or 1.0
        return cls(low if zero else low - more, high + more, top, bottom)

    def y(self, value: float) -> float:
        """How far down the value is; one off the panel is on its edge."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.bottom - min(max(share, 0.0), 1.0) * (self.bottom - self.top), 1)

    @property
    def ticks(self) -> tuple[float, ...]:
        """Round values, three or four of them."""
        most = (self.high - self.low) / FEWEST_TICKS
        power = 10 ** math.floor(math.log10(most))
        step = next(power * times for times in (5, 2, 1) if power * times <= most)
        first = math.ceil(self.low / step)
        return tuple(round(number * step, 10) for number in range(first, math.floor(self.high / step) + 1))


@dataclass(frozen=True)
class Drawing:
    """The panels of a time line: performance, drift, rows."""

    line: Timeline
    performance: Scale
    drift: Scale
    rows: Scale
    height: float = 420

    @classmethod
    def of(cls, line: Timeline, limits: Sequence[float]) -> "Drawing":
        """The drawing; `limits` of drift are always in sight."""
        shown = [one.value for one in (*line.realised, *line.estimated, *line.promoted)]
        floor = [] if line.floor is None else [line.floor]
        effects = [one.effect for one in line.drift if one.effect is not None]
        return cls(
            line,
            performance=Scale.of([*shown, *floor], 34, 190, room=BANDS),
            drift=Scale.of([min(max(effects, default=0.0), 3 * max(limits)), *limits], 222, 302, zero=True),
            rows=Scale.of(map(float, line.rows.values()), 334, 390, zero=True),
        )

    @property
    def width(self) -> int:
        """Of the whole picture."""
        return WIDTH

    @property
    def left(self) -> int:
        """Where the panels begin."""
        return LEFT

    @property
    def right(self) -> int:
        """Where the panels end."""
        return WIDTH - RIGHT

    @property
    def step(self) -> float:
        """The width of a day."""
        return (WIDTH - LEFT - RIGHT) / self.line.days

    def x(self, day: date) -> float:
        """The middle of a day."""
        return round(LEFT + self.step * ((day - self.line.first).days + 0.5), 1)

    def path(self, points: Sequence[Point]) -> str:
        """The line through the values; it breaks where more than a week is missing."""
        return " ".join(
            f"{'L' if place and (one.day - points[place - 1].day).days <= MOST_GAP else 'M'}"
            f"{self.x(one.day)},{self.performance.y(one.value)}"
            for place, one in enumerate(points)
        )

    def area(self, points: Sequence[Point]) -> str:
        """The band between the bounds."""
        above = [f"{self.x(one.day)},{self.performance.y(one.upper)}" for one in points]
        below = [f"{self.x(one.day)},{self.performance.y(one.lower)}" for one in reversed(points)]
        return f"M{' L'.join([*above, *below])} Z" if points else ""

    @property
    def labels(self) -> list[date]:
        """Days to be named below."""
        every = -(-self.line.days // MOST_LABELS)
        return [self.line.first + timedelta(days=number) for number in range(0, self.line.days, every)]

    def events(self, *kinds: str) -> list[Event]:
        """What happened of these kinds."""
        return [one for one in self.line.events if one.kind in kinds]


def pens(spec: ModelSpec) -> dict[str, Any]:
    """What `timeline.svg` is rendered with, whatever it draws."""
    return {"spec": spec, "limits": _limits(spec), "number": "{:.3g}".format, "whole": "{:,.0f}".format}


def drawing(spec: ModelSpec, line: Timeline | None) -> Drawing | None:
    """The drawing of a time line; None where there is nothing to draw."""
    return Drawing.of(line, _limits(spec)) if line else None


def _limits(spec: ModelSpec) -> tuple[float, ...]:
    return (spec.monitoring.warn, spec.monitoring.alert, spec.monitoring.critical)

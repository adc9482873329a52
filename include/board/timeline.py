"""What a model's time line shows, day by day: from the ledger alone."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from include.drift import TIERS
from include.ledger import Decision, Ledger
from include.monitoring.watched import SCORED, SERVED, Watched
from include.spec import ModelSpec

MOST_DAYS = 180


@dataclass(frozen=True)
class Point:
    """A value on a day, with its bounds."""

    day: date
    value: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Drift:
    """The drift of the predictions of a day's window, None if it was not kept, and the tier of the whole verdict."""

    day: date
    effect: float | None
    tier: str
    said: str


@dataclass(frozen=True)
class Event:
    """Something that happened about a day: a new champion, an alarm, or what followed."""

    day: date
    kind: str
    said: str


@dataclass(frozen=True)
class Timeline:
    """Days from `first` to `last` with what is known of each. `floor` is that of the metric, None without one.

    Measured values stand on the last day they were measured on, estimated ones on the last they are an estimate of.
    """

    first: date
    last: date
    metric: str
    floor: float | None
    rows: dict[date, int]
    realised: tuple[Point, ...]
    estimated: tuple[Point, ...]
    promoted: tuple[Point, ...]
    drift: tuple[Drift, ...]
    events: tuple[Event, ...]

    @property
    def days(self) -> int:
        """How many days it spans."""
        return (self.last - self.first).days + 1


def timeline(spec: ModelSpec, ledger: Ledger, watched: Watched = SCORED, most: int = MOST_DAYS) -> Timeline | None:
    """The last days of the model up to its newest predictions, or its newest answers; None while it has none."""
    whole = _newest(spec, "served_quality", ledger) if watched is SERVED else []
    answered = _scored_rows(spec, ledger) if watched is SCORED else _served_rows(spec, whole)
    if not answered:
        return None
    last = max(answered)
    first = max(min(answered), last - timedelta(days=most - 1))
    rows = {day: count for day, count in answered.items() if day >= first}
    drift, measured, followed = (
        [one for one in _newest(spec, kind, ledger) if spec.contract.day_of(one.subject) >= first]
        for kind in (watched.drift, watched.performance, watched.policy)
    )
    metric = spec.gates.champion_comparison.metric
    same = [one for one in measured if json.loads(one.detail).get("metric") == metric]
    return Timeline(
        first=first,
        last=last,
        metric=metric,
        floor=spec.gates.absolute_floor.get(metric),
        rows=rows,
        realised=_points(spec, same, "realised", "watermark"),
        estimated=_points(spec, same, "estimated"),
        promoted=_points(spec, same, "promoted"),
        drift=tuple(_drift(spec, one) for one in drift),
        events=(
            *_champions(spec, drift),
            *_alarms(spec, drift, "drift"),
            *_alarms(spec, measured, "performance"),
            *_alarms(spec, whole, "quality"),
            *_followed(spec, followed),
        ),
    )


def _scored_rows(spec: ModelSpec, ledger: Ledger) -> dict[date, int]:
    return {spec.contract.day_of(one.key): one.rows for one in ledger.predictions(spec.name)}


def _served_rows(spec: ModelSpec, looked: Sequence[Decision]) -> dict[date, int]:
    return {spec.contract.day_of(one.subject): int(json.loads(one.detail)["rows"]) for one in looked}


def _newest(spec: ModelSpec, kind: Any, ledger: Ledger) -> list[Decision]:
    return ledger.newest_decisions(spec.name, kind, most=MOST_DAYS)


def _points(spec: ModelSpec, measured: Sequence[Decision], name: str, on: str = "") -> tuple[Point, ...]:
    """One point a day; of several about the same day the newest verdict's."""
    found: dict[date, Point] = {}
    for one in measured:
        kept = json.loads(one.detail)
        key, given = kept.get(on) if on else one.subject, kept.get(name)
        if key and given:
            value, lower, upper = (given[0] if bound is None else bound for bound in given)
            day = spec.contract.day_of(key)
            found[day] = Point(day, value, lower, upper)
    return tuple(found[day] for day in sorted(found))


def _drift(spec: ModelSpec, verdict: Decision) -> Drift:
    effect = json.loads(verdict.detail).get("effect")
    return Drift(spec.contract.day_of(verdict.subject), effect, verdict.outcome, verdict.reason)


def _champions(spec: ModelSpec, verdicts: Sequence[Decision]) -> Iterator[Event]:
    """The first day each champion was watched on; one that comes again is another change.

    Not who made the newest predictions: after a rollback the former champion makes those of its successor's days.
    """
    before = None
    for one in verdicts:
        version = json.loads(one.detail).get("version")
        if version not in {before, None}:
            yield Event(spec.contract.day_of(one.subject), "champion", f"v{version}")
            before = version


def _alarms(spec: ModelSpec, verdicts: Sequence[Decision], cause: str) -> Iterator[Event]:
    for one in verdicts:
        if TIERS.index(one.outcome) >= TIERS.index("alert"):
            yield Event(spec.contract.day_of(one.subject), one.outcome, f"{cause}: {one.reason}")


def _followed(spec: ModelSpec, decided: Sequence[Decision]) -> Iterator[Event]:
    for one in decided:
        if one.outcome not in {"nothing", "notify"}:
            yield Event(spec.contract.day_of(one.subject), one.outcome, one.reason)

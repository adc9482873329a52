"""The data of a training: which days of the window it saw, and how far they are from what the champion learnt from."""

from collections.abc import Iterable
from datetime import date, timedelta

from include.drift import FeatureDrift, drift
from include.lake.profile import Profile
from include.lake.snapshot import Snapshot
from include.ledger.records import PartitionRecord
from include.spec import ModelSpec
from include.spec.contract import Measured
from include.training.data import partition_day, partition_key
from include.training.windows import Window


class Days(Measured):
    """The days of a window by what became of them.

    `expected` counts the days on which a partition should have come; `missing` never came, `quarantined` came and were
    refused, `warned` were admitted with a warning.
    """

    expected: int
    missing: tuple[str, ...]
    quarantined: tuple[str, ...]
    warned: tuple[str, ...]


class ChampionDistance(Measured):
    """How far the window is from the champion's: the drift of every feature both have, the largest first.

    `seasonal` are those that follow the calendar; `others` cannot be compared, because the champion's window lacks
    them or has a column of another kind.
    """

    version: str
    drift: tuple[FeatureDrift, ...]
    seasonal: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


class WindowData(Measured):
    """A training window: its days, its rows, and its distance from what the champion learnt from.

    `distance` is None while there is no champion, and where the champion's window is not on record: `problem` says so.
    """

    days: Days
    rows: int
    unlabelled_rows: int
    distance: ChampionDistance | None = None
    problem: str | None = None


def days_of(spec: ModelSpec, window: Window, seen: Snapshot, known: Iterable[PartitionRecord]) -> Days:
    """The days of the window: those the fit has seen, and what the verdicts on the dataset say of the others.

    Nothing is expected before the dataset's first partition, nor on a weekday that never had one. A partition that
    came after the fit was missing from it.
    """
    verdicts: dict[date, list[PartitionRecord]] = {}
    for one in known:
        verdicts.setdefault(partition_day(spec.contract, one.key), []).append(one)
    weekdays, first = {day.weekday() for day in verdicts}, max(filter(None, (window.first, min(verdicts))))
    span = [first + timedelta(days=number) for number in range((window.last - first).days + 1)]
    expected = {partition_key(spec.contract, day): verdicts.get(day, []) for day in span if day.weekday() in weekdays}
    paths = {entry.key: entry.path for entry in seen.entries}
    refused = {key for key, found in expected.items() if any(one.status == "quarantined" for one in found)}
    return Days(
        expected=len(expected),
        missing=tuple(key for key in expected if key not in paths and key not in refused),
        quarantined=tuple(key for key in expected if key not in paths and key in refused),
        warned=tuple(key for key, found in expected.items() if key in paths and _warned(found, paths[key])),
    )


def _warned(verdicts: Iterable[PartitionRecord], path: str) -> bool:
    return any(one.status == "admitted" and one.path == path and one.reason for one in verdicts)


def distance(spec: ModelSpec, version: str, before: Profile, now: Profile) -> ChampionDistance:
    """The drift between two windows, of every feature that is a column of the same kind in the champion's."""
    same = tuple(name for name in spec.features.names if _comparable(name, before, now))
    return ChampionDistance(
        version=version,
        drift=drift(before, now, same, spec.monitoring),
        seasonal=spec.monitoring.seasonal,
        others=tuple(name for name in spec.features.names if name not in same),
    )


def _comparable(name: str, before: Profile, now: Profile) -> bool:
    """A column that is gone now can be compared: all its values are missing."""
    there, here = before.columns.get(name), now.columns.get(name)
    return there is not None and (here is None or here.kind == there.kind)

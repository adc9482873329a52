"""When labels are in: how many have come by which age, and up to which day performance can be measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from include.features.matrix import Floats
from include.spec.contract import Measured

MATURE = 0.95  # of the labels that come at all
WAITING = 0.5  # of the usual share of labels; a day with less is still waited for


@dataclass(frozen=True)
class Arrival:
    """One version of a day's partition: its labels, and the newest day there was when it came.

    Days are the clock: a year that is played in an hour has the same ages as one that was lived.
    """

    day: date
    seen: date
    rows: int
    labels: int


class Maturity(Measured):
    """How labels come. `shares[a]` is the share of them that is there `a` days after the partition.

    Only of those that come within the ages that were seen. Empty where no label was seen to come. `age` is the age from
    which a day counts.
    """

    shares: tuple[float, ...]
    age: int


@dataclass(frozen=True)
class Watermark:
    """The newest day whose labels are in, and days that are old enough and whose labels are not."""

    day: date | None
    waiting: tuple[date, ...]


def maturity(days: Mapping[date, Sequence[Arrival]], today: date, delay: int) -> Maturity:
    """The maturity of labels from the versions of each day, oldest first; no day counts before `delay` days.

    Young days have had no time for their late labels. The share by age is therefore built backwards from the chance
    that a label known by an age came just then (Lagakos, Barraj & De Gruttola, Nonparametric Analysis of Truncated
    Survival Data, 1988; the chain ladder of insurers).
    """
    longest = max(((today - one[0].seen).days for one in days.values()), default=0)
    known = np.full((len(days), longest + 1), np.nan)
    for row, versions in zip(known, days.values(), strict=True):
        row[: (today - versions[0].seen).days + 1] = _by_age(versions, today)
    if not np.nansum(known):
        return Maturity(shares=(), age=delay)
    shares = _shares(known)
    return Maturity(shares=tuple(shares.tolist()), age=max(delay, int(np.argmax(shares >= MATURE))))


def watermark(days: Mapping[date, Sequence[Arrival]], today: date, age: int) -> Watermark:
    """The newest of the days of that age that has labels; those with less than half of the usual share wait."""
    newest = today - timedelta(days=age)
    shares = {day: _share(versions, today) for day, versions in sorted(days.items()) if day <= newest}
    usual = float(np.median(list(shares.values()))) if shares else 0.0
    waiting = [day for day, share in shares.items() if share == 0 or share < WAITING * usual]
    return Watermark(max(shares.keys() - set(waiting), default=None), tuple(waiting))


def as_of(versions: Sequence[Arrival], today: date) -> int:
    """The place of the newest version that was there when today was the newest day; -1 where there was none."""
    return max((place for place, one in enumerate(versions) if one.seen <= today), default=-1)


def _share(versions: Sequence[Arrival], today: date) -> float:
    place = as_of(versions, today)
    return versions[place].labels / versions[place].rows if place >= 0 and versions[place].rows else 0.0


def _by_age(versions: Sequence[Arrival], today: date) -> Floats:
    """Labels known at each age, counted from the day the first version came with."""
    first = versions[0].seen
    known = np.zeros((today - first).days + 1)
    for one in versions:
        known[(one.seen - first).days :] = one.labels
    return known


def _shares(known: Floats) -> Floats:
    """By age the share of labels, from labels known by day and age; NaN where a day is not that old yet."""
    later, earlier = known[:, 1:], known[:, :-1]
    came = np.nansum(np.maximum(later - earlier, 0), axis=0)
    there = np.nansum(later, axis=0)
    just = np.divide(came, there, out=np.zeros_like(came), where=there > 0)
    return np.append(np.cumprod((1 - just)[::-1])[::-1], 1.0)

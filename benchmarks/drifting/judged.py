"""What ours and the textbook say of every week after the reference, from counts: a year of a million rows a day is then
as cheap as one of ten."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.special import kolmogorov

from benchmarks.drifting.worlds import FEATURES, NUMBERS, VALUES, WORDS, World
from include.drift import weigh
from include.drift.chance import Days, psi
from include.drift.measures import Measures
from include.drift.weighed import Column
from include.lake.cells import Floats, Integers
from include.lake.distance import excess_psi, moved
from include.spec import Monitoring

Alarms = NDArray[np.bool_]
WEEK = 7
PSI_LIMIT, KS_LIMIT = 0.2, 0.05
LOUD = ("alert", "critical")


def ours(world: World, counts: Mapping[str, Integers], limits: Monitoring) -> Alarms:
    """Whether the drift of each week is alert or above, of a model that leans on every column in full: the worst case.

    Counts are over deciles, as profiles tell them. Where no column comes near `alert`, nothing is asked.
    """
    before = {name: one[: world.reference] for name, one in counts.items()}
    binned = {name: _tenths(before[name].sum(axis=0), one) for name, one in counts.items()}
    means = {name: _means(one) for name, one in counts.items() if name not in WORDS}
    alarms = []
    for end in ends(world):
        week = slice(end - WEEK + 1, end + 1)
        effects = [excess_psi(one[: world.reference].sum(axis=0), one[week].sum(axis=0)) for one in binned.values()]
        judged = world.rows * WEEK >= limits.min_rows and max(effects) >= limits.alert
        columns = [_column(name, binned, means, world.reference, week) for name in counts] if judged else []
        alarms.append(any(one.tier in LOUD for one in weigh(columns, {}, limits)))
    return np.array(alarms)


def textbook(world: World, counts: Mapping[str, Integers]) -> Alarms:
    """Whether any feature has a PSI above 0.2 over deciles, or a KS with p below 0.05."""
    alarms = np.zeros(len(ends(world)), np.bool_)
    for name in FEATURES:
        before = counts[name][: world.reference].sum(axis=0)
        weeks = windows(counts[name])[world.reference : world.days - WEEK + 1]
        alarms |= psi(*(_tenths(before, one) for one in (before, weeks))) > PSI_LIMIT
        if name in NUMBERS:
            alarms |= _ks_p(before[:-1], weeks[:, :-1]) < KS_LIMIT
    return alarms


def ends(world: World) -> range:
    """The last days of the weeks that begin after the reference."""
    return range(world.reference + WEEK - 1, world.days)


def windows(counts: Integers) -> Integers:
    """The sum of each week."""
    sums = np.cumsum(np.vstack([np.zeros_like(counts[:1]), counts]), axis=0)
    return np.asarray(sums[WEEK:] - sums[:-WEEK])


def _column(name: str, binned: Mapping[str, Floats], means: Mapping[str, Floats], days: int, week: slice) -> Column:
    rows, said = binned[name], means.get(name)
    told = (
        {}
        if said is None
        else {"reference_means": said[:days], "current_means": said[week], "spread_means": said[:days]}
    )
    apart = moved(rows[:days].sum(axis=0), rows[week].sum(axis=0))
    found = Measures(moved=apart, jensen_shannon=0, missing_reference=0, missing_current=0)
    return Column(name, Days(rows[:days], rows[week], rows[:days], **told), found)


def _means(counts: Integers) -> Floats:
    rows = counts[:, :-1].sum(axis=1)
    return np.where(rows > 0, counts[:, :-1] @ VALUES / np.maximum(rows, 1), np.nan)


def _tenths(reference: Integers, counts: Integers) -> Floats:
    """Rows over the deciles of the reference, and without a value; `counts` may be many windows."""
    ranks = np.searchsorted(np.cumsum(reference[:-1]), np.arange(1, 10) * reference[:-1].sum() / 10)
    ends = np.unique([*ranks + 1, len(reference) - 1])
    below = np.cumsum(counts, axis=-1)[..., ends - 1]
    return np.concatenate([np.diff(below, prepend=0, axis=-1), counts[..., -1:]], axis=-1).astype(np.float64)


def _ks_p(reference: Integers, weeks: Integers) -> Floats:
    """The asymptotic chance of the two-sample statistic; 1 where a week has no value."""
    n, m = reference.sum(), weeks.sum(axis=1)
    shares = np.cumsum(weeks, axis=1) / np.maximum(m, 1)[:, None]
    gap = np.abs(shares - np.cumsum(reference) / n).max(axis=1)
    return np.where(m > 0, kolmogorov(np.sqrt(n * m / np.maximum(n + m, 1)) * gap), 1.0)

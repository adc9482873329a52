"""How far PSI, KS, quantiles and distinct counts of merged profiles are from those of the rows."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy import stats

from benchmarks.merging.days import NUMBERS, names
from include.lake import NumericProfile, Profile, merge
from include.lake.cells import Floats
from include.lake.distance import BINS, excess_psi, largest_gap, shares_of

SHIFT = 0.2  # of an interquartile range: drift about where tiers begin


def errors(folder: Path, days: int, columns: int) -> dict[str, dict[str, float]]:
    """The worst errors of each shape of numbers: two halves of the days, and one half moved."""
    halves = range(0, days, 2), range(1, days, 2)
    profiles = [
        merge(Profile.from_json((folder / f"{day:03}.profile.json").read_bytes()) for day in half) for half in halves
    ]
    found = {}
    for name, shape in zip(names(columns)[0], NUMBERS, strict=False):
        before, now = (_column(folder, half, name) for half in halves)
        found[shape] = _worst(before, now, *(one.columns[name] for one in profiles))
    return found


def _worst(before: Floats, now: Floats, reference: object, current: object) -> dict[str, float]:
    from include.lake.profiling import numeric_profile  # noqa: PLC0415 - profiles the moved half

    assert isinstance(reference, NumericProfile)
    assert isinstance(current, NumericProfile)
    moved = now + SHIFT * float(np.subtract(*np.quantile(before, [0.75, 0.25])) or 1.0)
    pairs = [(now, current), (moved, numeric_profile(pa.chunked_array([pa.array(moved)])))]
    worst = {"psi": 0.0, "of_psi": 0.0, "ks": 0.0}
    for rows, profile in pairs:
        exact, psi = _psi(before, rows), _from_profiles(reference, profile)
        gap = float(stats.ks_2samp(before, rows, method="asymp").statistic)
        worst["psi"] = max(worst["psi"], abs(psi - exact))
        worst["of_psi"] = max(worst["of_psi"], abs(psi - exact) / exact if exact > 0.01 else 0.0)
        worst["ks"] = max(worst["ks"], abs(gap - largest_gap(reference, profile)))
    ranks, ordered = np.linspace(0.01, 0.99, 99), np.sort(before)
    reached = reference.quantiles(ranks)
    low, high = (np.searchsorted(ordered, reached, side=side) / len(ordered) for side in ("left", "right"))
    distinct = len(np.unique(before))
    return {
        **worst,
        "rank": float(np.max(np.maximum(0, np.maximum(low - ranks, ranks - high)))),
        "distinct": abs(reference.distinct - distinct) / distinct,
    }


def _from_profiles(reference: NumericProfile, current: NumericProfile) -> float:
    """PSI without the bin of nulls, which both halves have alike."""
    before, now = shares_of(reference, current)
    return excess_psi(before[:-1], now[:-1])


def _psi(before: Floats, now: Floats) -> float:
    deciles = np.sort(before)[-(-np.arange(1, BINS) * len(before) // BINS) - 1]
    values, times = np.unique(deciles, return_counts=True)
    alone = values[(times > 1) | (values == before.min())]
    edges = np.unique(np.concatenate([values, np.nextafter(alone, -np.inf)]))
    bins = [np.bincount(np.searchsorted(edges, one), minlength=len(edges) + 1).astype(float) for one in (before, now)]
    return excess_psi(bins[0], bins[1])


def _column(folder: Path, days: range, name: str) -> Floats:
    def read() -> Iterator[Floats]:
        for day in days:
            column = pq.read_table(folder / f"{day:03}.parquet", columns=[name])[name]
            yield column.drop_null().to_numpy()

    return np.concatenate(list(read()))

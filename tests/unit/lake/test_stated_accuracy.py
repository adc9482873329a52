"""What docs/profiles.md states of PSI and KS from profiles, against the rows: shapes, ties, nulls and few rows."""

from collections.abc import Callable

import numpy as np
import pytest

from include.lake.cells import Floats, common
from include.lake.distance import BINS, excess_psi, largest_gap, shares_of
from include.lake.merging import merge
from include.lake.profile import NumericProfile, Profile, cut
from tests.profiles import numbers, words

SHAPES: dict[str, Callable[[np.random.Generator, int], Floats]] = {
    "constant": lambda r, n: np.full(n, 7.25),
    "two values": lambda r, n: r.integers(0, 2, n).astype(np.float64),
    "ties": lambda r, n: np.round(r.normal(0, 3, n)),
    "cents": lambda r, n: np.round(r.gamma(2, 40, n), 2),
    "uniform": lambda r, n: r.uniform(-1, 1, n),
    "two humps": lambda r, n: np.where(r.random(n) < 0.3, r.normal(-500, 1, n), r.normal(500, 100, n)),
    "Pareto": lambda r, n: r.pareto(0.8, n) + 1,
    "Cauchy": lambda r, n: r.standard_cauchy(n),
    "tiny": lambda r, n: r.normal(0, 1e-12, n),
    "huge": lambda r, n: r.lognormal(100, 5, n),
    "close together, far out": lambda r, n: 1.7e9 + r.uniform(0, 86_400, n),
}  # fmt: skip
MOVED = {"close together, far out": 3600.0, "huge": 1e40, "tiny": 1e-13}
LIKE = {"Cauchy": 0.2, "Pareto": 0.2, "two humps": 20.0, "cents": 5.0}


def drawn(shape: str, rows: int, seed: int) -> Floats:
    return np.asarray(SHAPES[shape](np.random.default_rng(seed), rows), np.float64)


def pairs(shape: str, rows: int) -> list[tuple[Floats, Floats]]:
    """Two draws alike, and one that moved."""
    before, now = drawn(shape, rows, 1), drawn(shape, rows, 2)
    return [(before, now), (before, now + MOVED.get(shape, LIKE.get(shape, 0.15)))]


def exact_psi(reference: Floats, current: Floats, nulls: tuple[int, int] = (0, 0)) -> float:
    """Over the deciles of the rows; a value that is several deciles, or the least one, has a bin of its own."""
    deciles = np.sort(reference)[-(-np.arange(1, BINS) * len(reference) // BINS) - 1]  # numpy's miss exact tenths
    values, times = np.unique(deciles, return_counts=True)
    alone = values[(times > 1) | (values == reference.min())]
    edges = np.unique(np.concatenate([values, np.nextafter(alone, -np.inf)]))
    counts = [np.bincount(np.searchsorted(edges, rows), minlength=len(edges) + 1) for rows in (reference, current)]
    return excess_psi(*(np.append(count, float(none)) for count, none in zip(counts, nulls, strict=True)))


def gap(before: Floats, now: Floats) -> float:
    """The Kolmogorov-Smirnov statistic."""
    every = np.concatenate([before, now])
    shares = [np.searchsorted(np.sort(rows), every, side="right") / len(rows) for rows in (before, now)]
    return float(np.max(np.abs(shares[0] - shares[1])))


def fullest(one: NumericProfile, other: NumericProfile) -> float:
    """The share of the values in the fullest cell of either; 0 where cells are single values."""
    both = common(one.distribution, other.distribution)
    return max(0.0 if cells.exact else float(cells.counts.max() / cells.total) for cells in both)


@pytest.mark.parametrize("rows", [5_000, 50_000])
@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape != "two humps"])
def test_psi_is_that_of_the_rows_to_six_hundredths_of_itself(shape: str, rows: int) -> None:
    for before, now in pairs(shape, rows):
        one, other = numbers(before), numbers(now)
        assert fullest(one, other) < 0.02
        assert excess_psi(*shares_of(one, other)) == pytest.approx(exact_psi(before, now), rel=0.06, abs=0.001)


def test_values_close_together_beside_others_far_apart_share_few_cells_and_psi_is_rough() -> None:
    """The limit of the form: a tenth of all values in one cell. KS does not suffer, and no change is none."""
    (before, again), (_, moved) = pairs("two humps", 50_000)
    one = numbers(before)
    assert 0.1 < fullest(one, numbers(moved)) < 0.11
    assert excess_psi(*shares_of(one, numbers(moved))) == pytest.approx(exact_psi(before, moved), rel=0.4)
    assert excess_psi(*shares_of(one, numbers(again))) < 0.001
    assert largest_gap(one, numbers(moved)) == pytest.approx(gap(before, moved), abs=0.001)


@pytest.mark.parametrize("rows", [5_000, 50_000])
@pytest.mark.parametrize("shape", SHAPES)
def test_ks_is_never_above_that_of_the_rows_and_less_by_no_more_than_the_fullest_cell(shape: str, rows: int) -> None:
    for before, now in pairs(shape, rows):
        one, other = numbers(before), numbers(now)
        exact, found = gap(before, now), largest_gap(one, other)
        assert exact - fullest(one, other) - 1e-9 <= found <= exact + 1e-9
        assert found == pytest.approx(exact, abs=0.003)


@pytest.mark.parametrize("rows", [1, 2, 9, 30, 500])
@pytest.mark.parametrize("shape", SHAPES)
def test_of_few_rows_nothing_is_lost(shape: str, rows: int) -> None:
    """Up to 1024 different values in both windows are counted one by one."""
    for before, now in pairs(shape, rows):
        one, other = numbers(before), numbers(now)
        assert excess_psi(*shares_of(one, other)) == pytest.approx(exact_psi(before, now), abs=1e-12)
        assert largest_gap(one, other) == pytest.approx(gap(before, now), abs=1e-12)


@pytest.mark.parametrize(("before", "now"), [(0.0, 0.3), (0.3, 0.0), (0.1, 0.12), (0.99, 0.5)])
def test_nulls_are_a_bin_of_their_own(before: float, now: float) -> None:
    r = np.random.default_rng(3)
    values = r.normal(0, 1, (2, 5000))
    missing = [r.random(5000) < share for share in (before, now)]
    kept = [row[~gone] for row, gone in zip(values, missing, strict=True)]
    profiles = [numbers([None if none else x for x, none in zip(row, gone, strict=True)])
                for row, gone in zip(values.tolist(), missing, strict=True)]  # fmt: skip
    found = excess_psi(*shares_of(profiles[0], profiles[1]))
    exact = exact_psi(kept[0], kept[1], (int(missing[0].sum()), int(missing[1].sum())))
    assert found == pytest.approx(exact, rel=0.02, abs=0.001)
    assert (found > 0.1) == (abs(before - now) > 0.1)


def test_a_column_that_is_null_throughout_is_no_drift_to_itself_and_whole_drift_to_values() -> None:
    nothing, something = NumericProfile.of_nulls(1000), numbers(drawn("uniform", 1000, 1))
    assert excess_psi(*shares_of(nothing, nothing)) == 0
    assert excess_psi(*shares_of(something, nothing)) > 5


def test_moments_extremes_and_shares_are_those_of_the_rows() -> None:
    for shape in SHAPES:
        values = drawn(shape, 20_000, 1)
        found = numbers(values)
        assert (found.min, found.max) == (values.min(), values.max())
        assert (found.mean, found.variance) == pytest.approx((values.mean(), values.var()), rel=1e-6, abs=1e-24), shape


@pytest.mark.parametrize("shape", SHAPES)
def test_a_merge_is_the_same_in_any_order_and_grouping(shape: str) -> None:
    """Byte for byte in any order; grouped otherwise all but the last digits of the moments."""
    parts = [Profile(rows=len(one), columns={"x": numbers(one)}, types={"x": "float"})
             for one in np.array_split(drawn(shape, 9_000, 1), 9)]  # fmt: skip
    whole = merge(parts)
    assert merge(parts[::-1]).to_json() == merge(parts[4:] + parts[:4]).to_json() == whole.to_json()
    grouped = merge([merge([merge(parts[:2]), merge(parts[2:3])]), merge(parts[3:])])
    one, other = whole.columns["x"], grouped.columns["x"]
    assert isinstance(one, NumericProfile)
    assert isinstance(other, NumericProfile)
    assert (other.mean, other.m2) == pytest.approx((one.mean, one.m2), rel=1e-9, abs=1e-30)
    assert other.model_copy(update={"mean": one.mean, "m2": one.m2}) == one


def test_a_type_that_widened_is_the_widest_in_any_order() -> None:
    whole, broad = (Profile(rows=1, columns={}, types={"b": kind, "a": "bool"}) for kind in ("int", "float"))
    assert merge([whole, broad]).to_json() == merge([broad, whole]).to_json()
    assert merge([whole, broad]).types == {"a": "bool", "b": "float"}


# Words


def daily(days: int, rows: int) -> list[dict[str, int]]:
    """Counts of words of which the n-th is about 1/n as frequent as the first; 4,000 words, other ones each day."""
    r = np.random.default_rng(5)
    drawn_words = (np.floor(np.exp(r.uniform(0, np.log(4000), (days, rows)))) - 1).astype(int)
    return [
        dict(zip(*(one.tolist() for one in np.unique(day, return_counts=True)), strict=True)) for day in drawn_words
    ]


def test_frequent_words_are_exact_and_rare_ones_fall_short_by_what_is_in_the_tail() -> None:
    counted = [{f"w{word}": count for word, count in day.items()} for day in daily(40, 5000)]
    assert all(len(day) > 700 for day in counted)
    parts = [Profile(rows=5000, columns={"w": cut(5000, 0, day, 0, None)}) for day in counted]
    found = merge(parts).columns["w"]
    true: dict[str, int] = {}
    for day in counted:
        for word, count in day.items():
            true[word] = true.get(word, 0) + count
    assert found.kind == "category"
    frequent = sorted(true, key=lambda word: -true[word])[:50]
    assert {word: found.counts[word] for word in frequent} == {word: true[word] for word in frequent}
    short = [true[word] - count for word, count in found.counts.items()]
    assert min(short) == 0 < max(short)
    assert sum(found.counts.values()) + found.other == found.count == 200_000
    assert sum(short) <= found.other
    assert found.distinct == pytest.approx(len(true), rel=4 * 0.0325)
    assert merge(parts[::-1]).to_json() == merge(parts).to_json()


def test_few_words_are_the_same_however_they_are_grouped() -> None:
    a, b, c = (Profile(rows=3, columns={"w": words(one, nulls=1)}) for one in ({"x": 2}, {"y": 2}, {"x": 1, "z": 1}))
    assert merge([merge([a, b]), c]).to_json() == merge([a, merge([c, b])]).to_json() == merge([c, a, b]).to_json()

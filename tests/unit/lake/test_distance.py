"""Drift from profiles against drift from the rows themselves: the stated accuracy."""

import numpy as np
import pytest
from scipy import stats

from include.lake.cells import Floats
from include.lake.distance import BINS, excess_psi, largest_gap, shares_of
from include.lake.merging import merge
from include.lake.profile import NumericProfile, Profile
from tests.profiles import numbers

ROWS = 50_000


def drawn(name: str, seed: int, shift: float = 0.0) -> Floats:
    r = np.random.default_rng(seed)
    columns = {
        "normal": lambda: r.normal(shift, 1, ROWS),
        "lognormal": lambda: r.lognormal(shift, 1, ROWS),
        "far from zero": lambda: r.normal(1013 + 10 * shift, 10, ROWS),
        "whole": lambda: r.integers(0, int(100_000 * (1 + shift)), ROWS).astype(np.float64),
        "few values": lambda: r.poisson(3 + 2 * shift, ROWS).astype(np.float64),
        "heavy tails": lambda: r.standard_cauchy(ROWS) + shift,
        "half zero": lambda: np.where(r.random(ROWS) < 0.5 - 0.3 * shift, 0.0, r.gamma(2, 1, ROWS)),
        "with a sentinel": lambda: np.where(r.random(ROWS) < 0.05 + 0.05 * shift, -9999.0, r.normal(70, 5, ROWS)),
    }
    return columns[name]()


NAMES = [
    "normal", "lognormal", "far from zero", "whole", "few values", "heavy tails", "half zero", "with a sentinel",
]  # fmt: skip


def exact_psi(reference: Floats, current: Floats) -> float:
    """Over the deciles of the rows, a value that is several deciles alone in its bin."""
    deciles = np.quantile(reference, np.linspace(0, 1, BINS + 1)[1:-1], method="inverted_cdf")
    values, times = np.unique(deciles, return_counts=True)
    common = values[(times > 1) | (values == reference.min())]
    edges = np.unique(np.concatenate([values, np.nextafter(common, -np.inf)]))
    counts = [np.bincount(np.searchsorted(edges, rows), minlength=len(edges) + 1) for rows in (reference, current)]
    return excess_psi(*(np.append(count, 0.0) for count in counts))


@pytest.mark.parametrize("shift", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("name", NAMES)
def test_psi_from_profiles_is_that_of_the_rows_to_two_hundredths_of_itself(name: str, shift: float) -> None:
    reference, current = drawn(name, 1), drawn(name, 2, shift)
    found = excess_psi(*shares_of(numbers(reference), numbers(current)))
    assert found == pytest.approx(exact_psi(reference, current), rel=0.02, abs=0.0005)


@pytest.mark.parametrize("shift", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("name", NAMES)
def test_the_largest_gap_is_that_of_the_rows_to_three_thousandths_and_never_above(name: str, shift: float) -> None:
    reference, current = drawn(name, 1), drawn(name, 2, shift)
    exact = float(stats.ks_2samp(reference, current).statistic)
    found = largest_gap(numbers(reference), numbers(current))
    assert exact - 0.003 <= found <= exact + 1e-9


def test_a_shift_is_told_from_none() -> None:
    for name in NAMES:
        still = excess_psi(*shares_of(numbers(drawn(name, 1)), numbers(drawn(name, 2))))
        moved = excess_psi(*shares_of(numbers(drawn(name, 1)), numbers(drawn(name, 2, 0.5))))
        assert still < 0.001, name
        assert moved > 0.005, name


@pytest.mark.parametrize("name", NAMES)
def test_bins_are_sums_of_rows_even_where_the_other_window_is_coarser(name: str) -> None:
    narrow, wide = drawn(name, 1), np.concatenate([drawn(name, 2), drawn("heavy tails", 3)])
    for pair in ((narrow, wide), (wide, narrow)):
        before, now = shares_of(numbers(pair[0]), numbers(pair[1]))
        np.testing.assert_array_equal(before, np.round(before))
        np.testing.assert_array_equal(now, np.round(now))
        assert (before.sum(), now.sum()) == (len(pair[0]), len(pair[1]))


def test_a_year_of_days_says_what_the_year_says() -> None:
    year = drawn("lognormal", 1)
    days = merge(Profile(rows=len(day), columns={"x": numbers(day)}) for day in np.array_split(year, 365)).columns["x"]
    assert isinstance(days, NumericProfile)
    whole, current = numbers(year), numbers(drawn("lognormal", 2, 0.1))
    assert excess_psi(*shares_of(days, current)) == excess_psi(*shares_of(whole, current))
    assert largest_gap(days, current) == largest_gap(whole, current)


def test_the_gap_to_nothing_is_whole() -> None:
    some, none = numbers([1.0, 2.0]), NumericProfile.of_nulls(3)
    assert (largest_gap(some, none), largest_gap(none, some), largest_gap(none, none)) == (1.0, 1.0, 0.0)
    assert largest_gap(numbers([1.0, 2.0]), numbers([3.0, 4.0])) == 1.0

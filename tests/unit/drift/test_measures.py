"""Each measure from profiles against scipy on the raw rows."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.spatial import distance

from include.drift.measures import measures
from include.lake.cells import Floats
from include.lake.distance import cramers_v, jensen_shannon, moved, shares_of, wasserstein
from include.lake.profile import NumericProfile
from tests.profiles import numbers, words

ROWS = 20_000


def drawn(name: str, seed: int, shift: float) -> Floats:
    random = np.random.default_rng(seed)
    columns = {
        "normal": lambda: random.normal(shift, 1, ROWS),
        "lognormal": lambda: random.lognormal(shift, 1, ROWS),
        "far from zero": lambda: random.normal(1013 + 10 * shift, 10, ROWS),
        "few values": lambda: random.poisson(3 + 2 * shift, ROWS).astype(np.float64),
        "half zero": lambda: np.where(random.random(ROWS) < 0.5 - 0.3 * shift, 0.0, random.gamma(2, 1, ROWS)),
        "both signs": lambda: random.standard_t(3, ROWS) + shift,
    }
    return columns[name]()


NAMES = ["normal", "lognormal", "far from zero", "few values", "half zero", "both signs"]


@pytest.mark.parametrize("shift", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("name", NAMES)
def test_wasserstein_is_that_of_the_rows_to_a_hundredth_of_a_deviation(name: str, shift: float) -> None:
    before, now = drawn(name, 1, 0.0), drawn(name, 2, shift)
    exact = stats.wasserstein_distance(before, now) / before.std()
    assert wasserstein(numbers(before), numbers(now)) == pytest.approx(exact, rel=0.01, abs=0.01)


@pytest.mark.parametrize("shift", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("name", NAMES)
def test_the_largest_gap_is_that_of_the_rows_to_three_thousandths(name: str, shift: float) -> None:
    before, now = drawn(name, 1, 0.0), drawn(name, 2, shift)
    exact = float(stats.ks_2samp(before, now).statistic)
    assert measures(numbers(before), numbers(now)).ks == pytest.approx(exact, abs=0.003)


def test_jensen_shannon_is_scipys_over_the_same_bins() -> None:
    for pair in (([50, 30, 20], [20, 30, 50]), ([5, 0, 5], [0, 7, 3]), ([1, 0], [0, 9])):
        before, now = np.array(pair[0], np.float64), np.array(pair[1], np.float64)
        assert jensen_shannon(before, now) == pytest.approx(distance.jensenshannon(before, now, base=2))
    counts = shares_of(numbers(drawn("normal", 1, 0)), numbers(drawn("normal", 2, 0.5)))
    assert jensen_shannon(*counts) == pytest.approx(distance.jensenshannon(*counts, base=2))


def test_cramers_v_is_scipys_where_both_windows_have_as_many_rows_and_the_same_at_any_size() -> None:
    before, now = {"a": 500, "b": 300, "c": 200}, {"a": 300, "b": 300, "c": 300, "d": 100}
    table = np.array([[500, 300, 200, 0], [300, 300, 300, 100]])
    exact = stats.contingency.association(table, method="cramer")
    assert cramers_v(words(before), words(now)) == pytest.approx(exact)
    tenth = {name: count // 10 for name, count in now.items()}
    assert cramers_v(words(before), words(tenth)) == pytest.approx(exact)
    assert cramers_v(words(before), words(before)) == 0
    assert cramers_v(words({"a": 9}), words({"b": 4})) == 1


def test_the_share_that_moved_is_what_would_have_to_move_back() -> None:
    assert moved(np.array([50.0, 50]), np.array([20.0, 80])) == pytest.approx(0.3)
    assert moved(np.array([50.0, 0]), np.array([0.0, 3])) == 1
    assert moved(np.array([1.0, 3]), np.array([100.0, 300])) == 0


def test_a_constant_that_changes_moved_infinitely_many_deviations_and_one_that_stays_none() -> None:
    assert wasserstein(numbers([5.0] * 9), numbers([6.0] * 3)) == math.inf
    assert wasserstein(numbers([5.0] * 9), numbers([5.0] * 3)) == 0
    for pair in ((numbers([1.0]), NumericProfile.of_nulls(3)), (NumericProfile.of_nulls(3), numbers([1.0]))):
        assert math.isnan(wasserstein(*pair))
    assert math.isnan(cramers_v(words({}, nulls=3), words({"a": 1})))


def test_missing_values_are_told_as_a_change_of_their_share() -> None:
    found = measures(numbers([1.0, 2.0, 3.0, None]), numbers([1.0, None, None, None]))
    assert (found.missing_reference, found.missing_current, found.missing_change) == (0.25, 0.75, 0.5)
    assert measures(numbers([]), numbers([])).missing_change == 0


def test_new_categories_are_named_the_commonest_first_with_their_share() -> None:
    found = measures(words({"a": 5, "b": 5}), words({"a": 4, "x": 1, "z": 3, "y": 2}))
    assert (found.new_categories, found.new_share) == (("z", "y", "x"), 0.6)
    assert (found.ks, found.wasserstein, found.out_of_range) == (None, None, None)
    same = measures(words({"a": 5, "b": 5}), words({"a": 4}))
    assert (same.new_categories, same.new_share) == ((), 0)


def test_a_break_of_the_range_is_counted_on_both_sides() -> None:
    before = numbers([0.0, 1.0, 2.0, 10.0])
    assert measures(before, numbers([0.0, 5.0, 10.0])).out_of_range == 0
    assert measures(before, numbers([-5.0, 5.0, 11.0, 12.0])).out_of_range == 0.75
    assert measures(before, numbers([None])).out_of_range == 0
    assert measures(before, numbers([1.0])).cramers_v is None

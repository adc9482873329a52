"""McNemar agrees with statsmodels and with the example of Fagerland et al., and its bounds with its test."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as reference
from statsmodels.stats.proportion import proportion_confint

from include.evaluation.mcnemar import mcnemar, p_value, share_bounds
from include.features.matrix import Floats


def rows(both: int, wins: int, lost: int, neither: int) -> tuple[Floats, Floats, Floats]:
    """Target (all yes), challenger and champion with so many rows right."""
    right = [(1, 1)] * both + [(1, 0)] * wins + [(0, 1)] * lost + [(0, 0)] * neither
    said = np.array(right, dtype=np.float64).reshape(-1, 2) * 0.8 + 0.1
    return np.ones(len(said)), said[:, 0], said[:, 1]


@pytest.mark.parametrize(("wins", "lost"), [(1, 7), (7, 1), (12, 5), (40, 61), (3, 3), (0, 4)])
def test_the_exact_test_is_that_of_statsmodels(wins: int, lost: int) -> None:
    expected = reference([[10, wins], [lost, 3]], exact=True).pvalue
    assert p_value(wins, lost, mid=False) == pytest.approx(expected, rel=1e-10)
    assert p_value(wins, lost) < p_value(wins, lost, mid=False) or wins == lost


def test_the_published_example() -> None:
    """Fagerland, Lydersen & Laake (2013): airway hyper-responsiveness of 21 children, 1 against 7."""
    assert p_value(1, 7) == pytest.approx(0.039, abs=5e-4)
    assert p_value(1, 7, mid=False) == pytest.approx(0.070, abs=5e-4)


def test_no_row_that_tells_them_apart_is_no_evidence() -> None:
    assert (p_value(0, 0), p_value(0, 0, mid=False)) == (1, 1)
    found = mcnemar(*rows(5, 0, 0, 2), 0.95)
    assert (found.observed, found.lower, found.upper, found.standard_error) == (0, 0, 0, 0)


@pytest.mark.parametrize(("wins", "lost"), [(1, 7), (12, 5), (40, 61), (61, 40), (9, 3), (0, 5), (5, 0)])
def test_a_bound_lies_beyond_nought_where_the_test_says_so(wins: int, lost: int) -> None:
    """Two-sided at 10 % is one-sided at 5 % on each side."""
    found = mcnemar(*rows(30, wins, lost, 8), 0.95)
    assert found.observed == pytest.approx((wins - lost) / (38 + wins + lost))
    assert (found.lower > 0 or found.upper < 0) == (p_value(wins, lost) < 0.1)
    assert found.lower < found.observed < found.upper or min(wins, lost) == 0
    assert (found.upper < 0) == (wins < lost and p_value(wins, lost) < 0.1)


@pytest.mark.parametrize(("wins", "of"), [(0, 8), (1, 8), (5, 9), (8, 8), (40, 101)])
def test_mid_p_bounds_lie_within_the_exact_ones_and_keep_their_own_level(wins: int, of: int) -> None:
    low, high = share_bounds(wins, of, 0.05)
    exact_low, exact_high = proportion_confint(wins, of, 0.1, method="beta")
    assert exact_low <= low <= wins / of <= high <= exact_high
    for bound, beyond in ((low, wins), (1 - high, of - wins)):
        tail = stats.binom.sf(beyond, of, bound) + stats.binom.pmf(beyond, of, bound) / 2
        assert beyond == 0 or tail == pytest.approx(0.05)


def test_the_standard_error_is_that_of_paired_proportions() -> None:
    target, ours, theirs = rows(30, 12, 5, 8)
    gained = (ours > 0.5).astype(float) - (theirs > 0.5)
    found = mcnemar(target, ours, theirs, 0.95)
    assert found.standard_error == pytest.approx(gained.std() / math.sqrt(55))
    assert (found.blocks, found.observed) == (55, pytest.approx(7 / 55))


def test_several_classes_are_right_or_wrong_too() -> None:
    target = np.array([0.0, 1, 2, 2])
    ours = np.eye(3)[[0, 1, 2, 0]]
    theirs = np.eye(3)[[0, 2, 0, 2]]
    assert mcnemar(target, ours, theirs, 0.95).observed == pytest.approx(0.25)
    assert mcnemar(target, theirs, ours, 0.95).observed == pytest.approx(-0.25)

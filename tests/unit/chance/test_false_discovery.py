"""False discovery: the adjustment agrees with other implementations, and few alarms are false."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from include.chance.false_discovery import adjusted, chance_of_as_bad

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=60)
# Benjamini & Hochberg 1995, section 4.1: fifteen p-values of a trial; at 0.05 the first four are discoveries
PUBLISHED = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip


def test_the_published_example_has_four_discoveries() -> None:
    found = adjusted(np.array(PUBLISHED))
    assert (found <= 0.05).tolist() == [True] * 4 + [False] * 11
    assert found[3] == pytest.approx(0.0095 * 15 / 4)


@given(P_VALUES)
def test_it_agrees_with_scipy_and_statsmodels(values: list[float]) -> None:
    found = adjusted(np.array(values))
    assert found == pytest.approx(stats.false_discovery_control(values), abs=1e-12)
    rejected, corrected, *_ = multipletests(values, alpha=0.05, method="fdr_bh")
    assert found == pytest.approx(corrected, abs=1e-12)
    apart = np.abs(found - 0.05) > 1e-9
    assert ((found <= 0.05) == rejected)[apart].all()


@given(P_VALUES)
def test_adjusting_keeps_the_order_and_never_makes_a_value_smaller(values: list[float]) -> None:
    given_, found = np.array(values), adjusted(np.array(values))
    assert (found >= given_).all()
    assert (found <= 1).all()
    assert (np.diff(found[np.argsort(given_, kind="stable")]) >= 0).all()


def test_one_value_is_left_as_it_is_and_none_gives_none() -> None:
    assert adjusted(np.array([0.03])).tolist() == [0.03]
    assert adjusted(np.array([])).tolist() == []


@pytest.mark.parametrize(
    ("improvement", "error", "blocks", "bound", "chance"),
    [
        (-0.02, 0.01, 14, -0.01, float(stats.t.cdf(-1, 13))),
        (0.00, 0.01, 14, -0.01, float(stats.t.cdf(1, 13))),
        (-0.02, 0.01, 5.5, -0.01, float(stats.t.cdf(-1, 4.5))),
        (-0.01, 0.01, 14, -0.01, 0.5),
        (-0.02, math.inf, 14, -0.01, 0.5),
        (-0.02, 0.01, 2, -0.01, 0.25),
        (-0.011, 0.0, 14, -0.01, 0.0),
        (-0.011, 0.0, 2, -0.01, 0.0),
        (-0.01, 0.0, 14, -0.01, 1.0),
        (0.0, 0.0, 14, -0.01, 1.0),
    ],
)
def test_the_chance_of_an_improvement_as_bad(
    improvement: float, error: float, blocks: float, bound: float, chance: float
) -> None:
    assert chance_of_as_bad(improvement, error, blocks, bound) == pytest.approx(chance)


@pytest.mark.parametrize(
    ("improvement", "error", "blocks"),
    [
        (math.nan, 0.1, 14),
        (0.1, math.nan, 14),
        (0.1, 0.1, 1),
        (math.nan, 0.0, 14),  # sure of what is not defined
        (-0.1, 0.0, 1),
        (0.1, 0.0, 1),
    ],
)
def test_what_is_not_measured_has_no_chance(improvement: float, error: float, blocks: float) -> None:
    assert math.isnan(chance_of_as_bad(improvement, error, blocks, 0.0))


def test_the_share_of_false_alarms_is_what_was_asked_for() -> None:
    """2,000 worlds of 40 slices, 10 of them worse by three standard errors; 20 days each."""
    random, false, alarms, any_false = np.random.default_rng(1995), [], 0, 0
    for _ in range(2000):
        days = random.normal(0, 1, (40, 20))
        days[:10] -= 3 / np.sqrt(20)
        errors = days.std(axis=1, ddof=1) / np.sqrt(20)
        chances = [
            chance_of_as_bad(mean, error, 20, 0.0) for mean, error in zip(days.mean(axis=1), errors, strict=True)
        ]
        found = adjusted(np.array(chances)) <= 0.1
        false.append(found[10:].sum() / max(found.sum(), 1))
        alarms += int(found[:10].sum())
        any_false += int((adjusted(np.array(chances[10:])) <= 0.1).any())
    assert np.mean(false) == pytest.approx(0.1 * 30 / 40, abs=0.01)  # exactly the share of slices that are not worse
    assert alarms / 20_000 > 0.5
    assert any_false / 2000 == pytest.approx(0.1, abs=0.02)

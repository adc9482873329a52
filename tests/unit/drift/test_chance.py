"""How sure an effect is: days are blocks, whatever the number of their rows."""

import math

import numpy as np
import pytest
from scipy import stats

from include.drift.chance import Days, Effect, effect_of, mean_p_value, p_value
from include.lake.cells import Floats

EDGES = stats.norm.ppf(np.linspace(0, 1, 11))


def days(count: int, rows: int, seed: int, *, between: float = 0.0, alike: float = 0.0, shift: float = 0.0) -> Floats:
    """Rows per day in ten bins of a normal number whose daily mean is autoregressive; an eleventh bin for nulls."""
    random = np.random.default_rng(seed)
    means = np.empty(count)
    now = random.normal()
    for day in range(count):
        means[day] = now
        now = alike * now + math.sqrt(1 - alike**2) * random.normal()
    shares = np.diff(stats.norm.cdf(EDGES[None, :] - (between * means + shift)[:, None]), axis=1)
    return np.column_stack([random.multinomial(rows, shares).astype(np.float64), np.zeros(count)])


def effect(reference: Floats, current: Floats) -> Effect:
    return effect_of(Days(reference, current, reference), 0.95)


def chances(rows: int, between: float, alike: float, reference_days: int = 90) -> Floats:
    """p-values where nothing changed: the current week follows the reference."""
    found = []
    for seed in range(150):
        counts = days(reference_days + 7, rows, seed, between=between, alike=alike)
        found.append(effect(counts[:-7], counts[-7:]).p_value)
    return np.array(found)


@pytest.mark.parametrize("rows", [40, 1_000, 100_000])
@pytest.mark.parametrize(("between", "alike"), [(0.0, 0.0), (0.3, 0.6)])
def test_without_a_change_chance_is_held_at_every_number_of_rows(rows: int, between: float, alike: float) -> None:
    """150 weeks: up to 15 below 0.05 are within the error of a test that has 0.05."""
    found = chances(rows, between, alike)
    assert (found < 0.05).sum() <= 15
    assert (found < 0.001).sum() <= 1


def test_a_short_reference_finds_less_not_more() -> None:
    assert (chances(1_000, 0.3, 0.6, reference_days=14) < 0.05).sum() <= 15
    week = days(7, 1_000, 1)
    assert effect(week[:1], days(7, 1_000, 2, shift=3.0)).p_value == 1


def test_a_million_rows_of_seven_restless_days_are_still_seven_days() -> None:
    """Textbook p-values of the same counts are below 1e-100."""
    counts = days(97, 1_000_000, 3, between=0.2)
    found = effect(counts[:-7], counts[-7:])
    assert stats.chi2_contingency(np.array([counts[:-7].sum(0)[:10], counts[-7:].sum(0)[:10]])).pvalue < 1e-100
    assert found.p_value > 0.01
    assert found.lower < 0.1


@pytest.mark.parametrize("rows", [40, 1_000, 100_000])
def test_a_shift_is_sure_at_every_number_of_rows(rows: int) -> None:
    found = effect(days(90, rows, 1, between=0.1), days(7, rows, 2, between=0.1, shift=1.0))
    assert found.p_value < 1e-4
    assert 0.3 < found.lower < found.value < found.upper


def test_the_interval_holds_what_the_shift_amounts_to_in_the_long_run() -> None:
    truth = effect(days(5_000, 1_000, 7, between=0.1), days(5_000, 1_000, 8, between=0.1, shift=0.7)).value
    held = 0
    for seed in range(60):
        found = effect(days(90, 1_000, seed, between=0.1), days(7, 1_000, 500 + seed, between=0.1, shift=0.7))
        held += found.lower <= truth <= found.upper
    assert held >= 52


def test_one_day_alone_has_no_interval() -> None:
    found = effect(days(90, 1_000, 1), days(1, 1_000, 2, shift=2.0))
    assert (found.lower, found.upper) == (0, math.inf)
    assert found.p_value < 1e-4


def test_missing_values_are_sure_even_where_the_numbers_are_restless() -> None:
    restless, gone = days(90, 1_000, 1, between=1.0, alike=0.7), np.zeros((7, 11))
    gone[:, -1] = 1_000
    assert effect(restless, gone).p_value < 1e-4
    assert effect(restless, gone).p_value < p_value(restless, gone, restless, 7)


def test_a_mean_beyond_all_weeks_is_sure_where_the_index_has_reached_its_ceiling() -> None:
    random = np.random.default_rng(1)
    before, now = random.normal(0, 3, 90), np.full(7, 40.0)
    assert mean_p_value(before, now, before, 7) < 1e-6
    assert mean_p_value(before, random.normal(0, 3, 7), before, 7) > 0.01
    gaps = np.where(np.arange(90) % 9 == 0, math.nan, before)
    assert mean_p_value(gaps, now, gaps, 7) < 1e-6


def test_means_that_never_differed_are_sure_of_any_other() -> None:
    same = np.full(30, 5.0)
    assert mean_p_value(same, np.full(7, 5.0), same, 7) == 1
    assert mean_p_value(same, np.full(7, 6.0), same, 7) == 0
    nothing = np.full(7, math.nan)
    assert mean_p_value(same, nothing, same, 7) == mean_p_value(nothing, same, same, 7) == 1


def test_a_window_without_a_row_is_infinitely_far_and_sure() -> None:
    found = effect(days(30, 100, 1), np.zeros((7, 11)))
    assert (found.value, found.p_value) == (math.inf, 0)
    assert effect(np.zeros((30, 11)), np.zeros((7, 11))).value == 0

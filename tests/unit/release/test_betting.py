"""Wealth against claims about means: what it may not do however often one looks, and what it must do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.features.matrix import Floats
from include.release.sequential import quantile
from include.release.sequential.betting import above, below, interval, of, rate
from include.release.sequential.difference import exceeds, falls_short
from include.release.sequential.spread import apart, apart_in_pairs, distance

BAR = float(np.log(1 / 0.05))
EDGES = np.linspace(0.1, 0.9, 9)


def at_most(answers: Floats) -> Floats:
    return np.array([(answers <= edge).sum() for edge in EDGES], dtype=float)


def one(mean: float) -> Floats:
    return np.array([mean])


def test_the_expected_wealth_against_a_true_claim_is_one() -> None:
    """Exactly, over all outcomes of ten throws: what makes Ville's inequality hold."""
    claim, size = 0.3, 10
    ways = [1.0]
    for count in range(1, size + 1):
        ways.append(ways[-1] * (size - count + 1) / count)
    expected = sum(
        way * claim**count * (1 - claim) ** (size - count) * np.exp(above(rate(count, size), one(claim))[0])
        for count, way in enumerate(ways)
    )
    assert expected == pytest.approx(1.0, abs=1e-12)


@given(events=st.integers(0, 60), others=st.integers(0, 60), mean=st.floats(0.01, 0.98))
def test_evidence_against_at_most_falls_and_against_at_least_grows_with_the_claim(
    events: int, others: int, mean: float
) -> None:
    sample = rate(events, events + others)
    assert above(sample, one(mean))[0] >= above(sample, one(mean + 0.01))[0] - 1e-9
    assert below(sample, one(mean))[0] <= below(sample, one(mean + 0.01))[0] + 1e-9


@settings(deadline=None, max_examples=30)
@given(
    first=st.integers(0, 40), second=st.integers(0, 40), mean=st.floats(0, 1), delta=st.sampled_from([0.0, 0.01, 0.2])
)
def test_no_mean_of_the_first_would_have_given_less_evidence(
    first: int, second: int, mean: float, delta: float
) -> None:
    """The bound over cells is a bound: at every single mean the product is at least as large."""
    champion, challenger = rate(first, 50), rate(second, 40)
    at_mean = below(champion, one(mean))[0] + above(challenger, one(min(mean + delta, 1.0)))[0]
    assert exceeds(champion, challenger, delta) <= at_mean + 1e-9
    if mean + delta <= 1:
        at_mean = above(champion, one(mean))[0] + below(challenger, one(mean + delta))[0]
        assert falls_short(champion, challenger, delta) <= at_mean + 1e-9


def test_a_difference_is_found_and_its_absence_is_proven() -> None:
    champion = rate(50, 10_000)
    assert exceeds(champion, rate(60, 1000), 0.01) > BAR
    assert exceeds(champion, rate(6, 1000), 0.01) < 0
    assert falls_short(champion, rate(5, 2000), 0.01) > BAR
    assert falls_short(champion, rate(60, 1000), 0.01) < 0
    assert falls_short(champion, rate(0, 100), 0.01) < BAR


def test_looking_after_every_few_requests_does_not_inflate_false_stops() -> None:
    """At the edge of what is tolerated: of 200 runs with 40 looks each, hardly more than 5 % may ever stop."""
    random, runs, looks, step = np.random.default_rng(3), 200, 40, 25
    stopped = naive = 0
    for _ in range(runs):
        champion = np.cumsum(random.binomial(4 * step, 0.02, looks))
        challenger = np.cumsum(random.binomial(step, 0.03, looks))
        sizes = np.arange(1, looks + 1) * step
        evidence = (
            exceeds(rate(int(a), int(4 * n)), rate(int(b), int(n)), 0.01)
            for a, b, n in zip(champion[::4], challenger[::4], sizes[::4], strict=True)
        )
        stopped += any(one >= BAR for one in evidence)
        excess = challenger / sizes - champion / (4 * sizes) - 0.01
        error = np.sqrt(challenger / sizes**2 + champion / (4 * sizes) ** 2 + 1e-12)
        naive += bool((excess / error > 1.645).any())
    assert stopped <= 0.05 * runs
    assert naive > 0.1 * runs


def test_a_mean_stays_within_its_bounds_at_all_times() -> None:
    random, left = np.random.default_rng(5), 0
    for _ in range(60):
        seen = random.binomial(1, 0.1, 800)
        bounds = [interval(rate(int(seen[:size].sum()), size), 0.1) for size in (80, 300, 800)]
        left += any(not low <= 0.1 <= high for low, high in bounds)
    assert left <= 6
    assert bounds[-1][1] - bounds[-1][0] < bounds[0][1] - bounds[0][0]


def test_nothing_seen_is_no_evidence() -> None:
    nothing = rate(0, 0)
    assert above(nothing, one(0.1))[0] == pytest.approx(0)
    assert exceeds(nothing, nothing, 0.01) == pytest.approx(0)
    assert interval(nothing, 0.05) == (0.0, 1.0)
    assert quantile.bounds(np.zeros(0), 0.99, 0.05) == (-np.inf, np.inf)


def test_losses_need_no_distribution() -> None:
    random = np.random.default_rng(7)
    champion, worse = random.beta(2, 5, 3000), random.beta(3, 4, 1000)
    assert exceeds(of(np.round(champion, 3)), of(np.round(worse, 3)), 0.02) > BAR
    assert exceeds(of(np.round(champion, 3)), of(np.round(random.beta(2, 5, 1000), 3)), 0.02) < BAR


def test_a_quantile_lies_within_its_bounds_and_few_observations_bound_nothing() -> None:
    random, left = np.random.default_rng(11), 0
    truth = float(-np.log(0.1))
    for _ in range(150):
        seen = random.exponential(1, 1000)
        bounds = [quantile.bounds(seen[:size], 0.9, 0.1) for size in (50, 200, 1000)]
        left += any(not low <= truth <= high for low, high in bounds)
    assert left <= 15
    low, high = bounds[-1]
    assert 0 < low < np.quantile(seen, 0.9) < high < np.inf
    assert quantile.bounds(seen[:20], 0.99, 0.05)[1] == np.inf


def test_answers_spread_differently_are_told_from_equal_ones() -> None:
    random = np.random.default_rng(13)
    first, same, other = random.random(2000), random.random(500), random.random(500) ** 3
    sizes = (len(first), len(other))
    assert apart(at_most(first), at_most(other), sizes, 0.2) > BAR
    assert apart(at_most(first), at_most(same), sizes, 0.05) < BAR
    assert distance(at_most(first), at_most(other), sizes) == pytest.approx(0.385, abs=0.05)
    assert distance(at_most(first), at_most(first[:0]), (2000, 0)) == 0


def test_answers_to_the_same_requests_are_compared_in_pairs() -> None:
    random = np.random.default_rng(17)
    first = random.random(600)
    other = np.clip(first - 0.4, 0, 1)
    down = np.array([((other <= edge) & (first > edge)).sum() for edge in EDGES], dtype=float)
    assert apart_in_pairs(down, 0 * down, 600, 0.2) > BAR
    assert apart_in_pairs(0 * down, down, 600, 0.2) > BAR
    assert apart_in_pairs(down, down, 600, 0.2) < 0

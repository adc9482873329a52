"""The line through log-odds is the one of greatest likelihood, also where forecasts are certain or far off."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from include.training.log_odds import LogOddsLine, fitted_line, log_odds


def test_log_odds_of_certainty_are_finite_and_symmetric() -> None:
    found = log_odds(np.array([0.0, 0.25, 0.5, 1.0]))
    assert found[1:3] == pytest.approx([-np.log(3), 0])
    assert found[0] == pytest.approx(-36.04, abs=0.01)
    assert found[3] == pytest.approx(36.04, abs=0.01)


def test_the_line_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(1)
    odds = random.normal(0, 2, 500)
    outcome = (random.random(500) < expit(0.4 + 0.7 * odds)).astype(float)
    line = fitted_line(odds, outcome)
    expected = LogisticRegression(C=np.inf, tol=1e-10).fit(odds[:, None], outcome)
    assert line is not None
    assert line.intercept == pytest.approx(expected.intercept_[0], abs=1e-5)
    assert line.slope == pytest.approx(expected.coef_[0, 0], abs=1e-5)
    assert line.at(np.array([2.0])) == pytest.approx([line.intercept + 2 * line.slope])


@given(
    st.lists(
        st.tuples(st.floats(-36, 36), st.sampled_from([0.0, 1.0]), st.sampled_from([1, 2, 5])), min_size=4, max_size=40
    )
)
@settings(max_examples=150, deadline=None)
def test_where_there_is_a_line_no_other_is_likelier(rows: list[tuple[float, float, int]]) -> None:
    odds, outcome = (np.repeat([row[place] for row in rows], [row[2] for row in rows]) for place in (0, 1))
    line = fitted_line(odds, outcome)
    if line is None:
        return

    def likelihood(one: LogOddsLine) -> float:
        return float((outcome * one.at(odds) - np.logaddexp(0, one.at(odds))).sum())

    best = likelihood(line)
    for up, along in ((1e-3, 0), (-1e-3, 0), (0, 1e-3), (0, -1e-3), (1e-3, -1e-3)):
        assert likelihood(LogOddsLine(line.intercept + up, line.slope + along)) <= best + 1e-9 * abs(best)


@pytest.mark.parametrize(
    ("odds", "outcome"),
    [
        ([1.0, 1.0, 1.0], [0.0, 1.0, 1.0]),
        ([1.0, 2.0, 3.0], [1.0, 1.0, 1.0]),
        ([1.0, 2.0, 3.0], [0.0, 0.0, 0.0]),
        ([1.0, 2.0, 3.0], [0.0, 0.0, 1.0]),
        ([1.0, 2.0, 2.0, 3.0], [0.0, 0.0, 1.0, 1.0]),
        ([3.0, 2.0, 1.0], [0.0, 0.0, 1.0]),
        ([3.0, 2.0, 2.0, 1.0], [0.0, 0.0, 1.0, 1.0]),
        ([0.0, 0.0, -36.0, -36.0 + 1e-14], [0.0, 0.0, 0.0, 1.0]),
    ],
)
def test_without_a_line_of_greatest_likelihood_there_is_none(odds: list[float], outcome: list[float]) -> None:
    assert fitted_line(np.array(odds), np.array(outcome)) is None


@pytest.mark.parametrize("away", [0.0, 30.0, -30.0])
def test_it_is_found_in_a_few_steps_however_far_off_the_forecasts_are(
    away: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Newton's method with a wrong step gets there too, but not so soon."""
    monkeypatch.setattr("include.training.log_odds.STEPS", 9)
    random = np.random.default_rng(2)
    odds = random.normal(0, 3, 400)
    outcome = (random.random(400) < expit(0.5 + odds)).astype(float)
    line = fitted_line(odds + away, outcome)
    assert line is not None
    assert line.slope == pytest.approx(1, abs=0.3)
    assert line.intercept == pytest.approx(0.5 - away * line.slope, abs=0.5)
    monkeypatch.setattr("include.training.log_odds.STEPS", 3)
    assert fitted_line(odds + away, outcome) is None


def test_forecasts_that_say_nothing_have_a_flat_line() -> None:
    line = fitted_line(np.array([-1.0, -1.0, 1.0, 1.0]), np.array([0.0, 1.0, 0.0, 1.0]))
    assert line is not None
    assert (line.intercept, line.slope) == pytest.approx((0, 0), abs=1e-12)


def test_outcomes_may_be_probabilities_and_then_there_is_always_a_line() -> None:
    line = fitted_line(np.array([-2.0, 0.0, 2.0]), expit(np.array([-1.5, 0.5, 2.5])))
    assert line is not None
    assert (line.intercept, line.slope) == pytest.approx((0.5, 1.0))

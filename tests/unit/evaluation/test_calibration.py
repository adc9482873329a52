"""Both models' calibration on the same rows: every view of it, its bounds by day, and the line of a binary model."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit, logit

from include.evaluation.calibration import CalibrationView, Rows, calibration
from include.evaluation.coded import Coded
from include.features.matrix import Floats

ROWS = 4000
RANDOM = np.random.default_rng(20130401)
DAYS = Coded(np.repeat(np.arange(20, dtype=np.int32), ROWS // 20), tuple(f"2013-01-{day + 1:02}" for day in range(20)))
SAID = RANDOM.uniform(0.1, 0.6, ROWS)
CAME = (RANDOM.random(ROWS) < SAID).astype(float)
BINARY = Rows((), CAME, DAYS)
NAMES = ("red", "blue", "night")
# Fourteen rows of three classes, of the tests of the library of Kumar, Liang & Ma.
FOURTEEN = np.repeat([[0.6, 0.3, 0.1], [0.1, 0.8, 0.1], [0.1, 0.0, 0.9]], [6, 4, 4], axis=0)
LABELS = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2], dtype=float)
EACH_ALONE = Coded.of([f"{row:02}" for row in range(14)])


def seen(rows: Rows, challenger: Floats, champion: Floats | None = None) -> dict[str, CalibrationView]:
    found = calibration(rows, challenger, champion, 0.95)
    assert found is not None
    return {view.view: view for view in found}


def test_probabilities_that_come_true_have_no_error_and_those_a_tenth_too_high_have_one_of_a_tenth() -> None:
    good, high = seen(BINARY, SAID)["probability"].challenger, seen(BINARY, SAID + 0.1)["probability"].challenger
    assert good.error.lower == 0.0
    assert good.error.value < 0.015 < good.plain_error
    assert high.error.lower < 0.1 < high.error.upper
    assert high.error.value == pytest.approx(0.1, abs=0.01)
    assert len(high.curve) == 15


def test_the_increase_over_the_champion_is_larger_than_nothing_where_the_challenger_is_worse() -> None:
    worse = seen(BINARY, SAID + 0.1, SAID)["probability"]
    better = seen(BINARY, SAID, SAID + 0.1)["probability"]
    assert (worse.champion, better.champion) == (better.challenger, worse.challenger)
    assert worse.increase is not None
    assert better.increase is not None
    assert 0.05 < worse.increase.lower < worse.increase.value < worse.increase.upper < 0.15
    assert better.increase.value == pytest.approx(-worse.increase.value)
    assert better.increase.upper < -0.05


def test_a_view_says_on_how_many_rows_and_days_and_how_surely() -> None:
    view = seen(BINARY, SAID)["probability"]
    assert (view.rows, view.days, view.confidence) == (ROWS, 20, 0.95)
    assert (view.champion, view.increase) == (None, None)


def test_days_without_a_labelled_row_do_not_count() -> None:
    longer = Coded(DAYS.codes + 1, ("2012-12-31", *DAYS.names))
    assert seen(Rows((), CAME, longer), SAID)["probability"].days == 20


def test_a_single_day_has_an_error_that_cannot_be_told_from_that_of_the_day() -> None:
    alone = seen(Rows((), CAME, Coded(np.zeros(ROWS, dtype=np.int32), ("a",))), SAID)["probability"]
    assert alone.days == 1
    assert np.isnan(alone.challenger.error.value)
    assert alone.challenger.line is not None
    assert np.isnan(alone.challenger.line.slope.upper)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_finite_number_is_not_measured(value: float) -> None:
    broken = np.where(np.arange(ROWS) == 3, value, SAID)
    assert calibration(BINARY, broken, SAID, 0.95) is None
    assert calibration(Rows((), CAME[:0], Coded(DAYS.codes[:0], ())), SAID[:0], None, 0.95) is None
    half = seen(BINARY, SAID, broken)["probability"]
    assert half.challenger == seen(BINARY, SAID)["probability"].challenger
    assert (half.champion, half.increase) == (None, None)


def test_the_line_is_that_of_statsmodels_with_errors_clustered_by_day() -> None:
    bold = expit(2 * logit(SAID) + 0.3)
    line = seen(BINARY, bold)["probability"].challenger.line
    expected = sm.Logit(CAME, sm.add_constant(logit(bold))).fit(
        disp=0, cov_type="cluster", cov_kwds={"groups": DAYS.codes, "use_correction": False}
    )
    assert line is not None
    assert [line.intercept.value, line.slope.value] == pytest.approx(expected.params, rel=1e-9)
    errors = [(line.intercept.upper - line.intercept.lower) / 2, (line.slope.upper - line.slope.lower) / 2]
    student = 1.7291328115213678 * np.sqrt(20 / 19)  # of 19 degrees of freedom, for 20 days
    assert errors == pytest.approx(expected.bse * student, rel=1e-9)
    assert line.slope.value == pytest.approx(0.5, abs=0.05)


def test_two_days_are_enough_for_the_bounds_of_the_line() -> None:
    halves = Coded(np.repeat(np.arange(2, dtype=np.int32), ROWS // 2), ("a", "b"))
    line = seen(Rows((), CAME, halves), SAID)["probability"].challenger.line
    assert line is not None
    assert np.isfinite([line.slope.lower, line.slope.upper, line.intercept.lower, line.intercept.upper]).all()


def test_where_a_limit_parts_yes_from_no_there_is_no_line() -> None:
    assert seen(Rows((), (SAID > 0.3).astype(float), DAYS), SAID)["probability"].challenger.line is None
    assert seen(Rows((), np.ones(ROWS), DAYS), SAID)["probability"].challenger.line is None
    assert seen(BINARY, np.full(ROWS, 0.5))["probability"].challenger.line is None


def test_three_classes_have_the_published_errors() -> None:
    views = seen(Rows(NAMES, LABELS, EACH_ALONE), FOURTEEN)
    top = 6 / 14 * (5 / 6 - 0.6) + 4 / 14 * 0.05 + 4 / 14 * 0.1
    each = 4 / 42 * 0.1 + 6 / 42 * (5 / 6 - 0.6) + 8 / 42 * 0.1 + 4 / 42 * 0.05 + 6 / 42 * (0.3 - 1 / 6)
    assert views["top_label"].challenger.plain_error == pytest.approx(top)
    assert views["classwise"].challenger.plain_error == pytest.approx(each)


def test_the_classwise_brier_score_is_that_of_all_classes_together() -> None:
    brier = seen(Rows(NAMES, LABELS, EACH_ALONE), FOURTEEN)["classwise"].challenger.brier
    assert brier.score == pytest.approx(np.mean(((FOURTEEN - np.eye(3)[LABELS.astype(int)]) ** 2).sum(axis=1)))
    assert brier.score == pytest.approx(brier.reliability - brier.resolution + brier.uncertainty + brier.within)


def three_classes() -> tuple[Floats, Floats]:
    """Calibrated probabilities of three classes, and what came true."""
    random = np.random.default_rng(5)
    said = random.dirichlet([4.0, 2.0, 1.0], ROWS)
    return said, (random.random(ROWS)[:, None] > said.cumsum(axis=1)).sum(axis=1).astype(float)


def test_each_class_is_measured_and_the_wrong_ones_are_seen() -> None:
    """A tenth is moved from the first class to the second: the third stays right, and says so."""
    said, target = three_classes()
    views = seen(Rows(NAMES, target, DAYS), said + np.array([-0.1, 0.1, 0.0]), said)
    moved = views["classwise"]
    assert moved.challenger.by_class["red"] == pytest.approx(0.1, abs=0.02)
    assert moved.challenger.by_class["blue"] == pytest.approx(0.1, abs=0.02)
    assert moved.challenger.by_class["night"] < 0.02
    assert moved.challenger.error.value == pytest.approx(np.sqrt(0.02 / 3), abs=0.01)
    assert moved.champion is not None
    assert max(moved.champion.by_class.values()) < 0.02


def test_the_likeliest_class_is_measured_by_how_often_it_is_right() -> None:
    said, target = three_classes()
    bold = said**2 / (said**2).sum(axis=1, keepdims=True)
    view = seen(Rows(NAMES, target, DAYS), bold, said)["top_label"]
    assert view.champion is not None
    assert view.champion.error.lower == 0.0
    assert view.challenger.error.lower > 0.05
    assert all(one.predicted > one.observed.value for one in view.challenger.curve[3:])
    assert (view.challenger.by_class, view.challenger.line) == ({}, None)

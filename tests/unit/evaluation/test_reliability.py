"""Calibration is measured as scikit-learn, statsmodels and a published example do, and as simulations know it to be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss
from statsmodels.stats.proportion import proportion_confint

from include.evaluation.reliability import BINS, Binned, BrierParts, equal_mass, wilson
from include.features.matrix import Floats

SEED = np.random.default_rng(20130401)
ROWS = 3000
FORECAST = SEED.beta(2, 5, ROWS)
OUTCOME = (SEED.random(ROWS) < FORECAST**1.3).astype(float)
DAYS = np.repeat(np.arange(10, dtype=np.int32), ROWS // 10)
# Nine rows of the tests of Kumar et al.'s own library: at 0.5 one of four came true, at 0.6 four of five.
NINE = np.array([0.5, 0.5, 0.5, 0.6, 0.5, 0.6, 0.6, 0.6, 0.6])
CAME = np.array([0, 1, 0, 1, 0, 1, 1, 1, 0], dtype=float)


def each_alone(rows: int) -> np.ndarray:
    """Every row a block of its own: independent rows."""
    return np.arange(rows, dtype=np.int32)


def squared_error(binned: Binned) -> float:
    return float(binned.squared_error()(np.ones((1, binned.rows.shape[1])))[0])


def kumar(forecast: Floats, outcome: Floats) -> float:
    """Equation of section 5 of Kumar, Liang & Ma (2019), a bin per distinct forecast, written as it is printed."""
    total = 0.0
    for value in np.unique(forecast):
        came = outcome[forecast == value]
        mean, rows = came.mean(), len(came)
        total += rows / len(forecast) * ((value - mean) ** 2 - mean * (1 - mean) / (rows - 1))
    return total


def test_bins_have_equally_many_rows() -> None:
    codes = equal_mass(FORECAST)
    assert np.bincount(codes).tolist() == [ROWS // BINS] * BINS
    assert all(FORECAST[codes == low].max() < FORECAST[codes == low + 1].min() for low in range(BINS - 1))


def test_a_forecast_that_is_given_to_nearly_all_has_a_bin_of_its_own() -> None:
    forecast = np.repeat([0.1, 0.1, 0.7, 0.9], [50, 45, 3, 2])
    assert np.bincount(equal_mass(forecast)).tolist() == [95, 5]
    assert np.bincount(equal_mass(1 - forecast)).tolist() == [5, 95]
    two_of_four_bins = np.array([0.1, 0.2, 0.5, 0.5, 0.5, 0.6, 0.7, 0.8])
    assert equal_mass(two_of_four_bins, 4).tolist() == [0, 0, 1, 1, 1, 2, 3, 3]
    assert equal_mass(np.linspace(0.1, 0.8, 8), 4).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


@given(st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]), min_size=1, max_size=60))
@settings(max_examples=60, deadline=None)
def test_equal_forecasts_are_never_parted_and_no_bin_is_empty(values: list[float]) -> None:
    forecast = np.array(values)
    codes = equal_mass(forecast)
    assert set(codes.tolist()) == set(range(codes.max() + 1))
    bin_of = dict(zip(values, codes.tolist(), strict=True))
    assert [bin_of[value] for value in values] == codes.tolist()
    assert [bin_of[value] for value in sorted(bin_of)] == sorted(bin_of.values())


def test_the_curve_is_that_of_scikit_learn() -> None:
    curve = list(Binned.of(FORECAST, OUTCOME, DAYS).curve(0.95))
    observed, predicted = calibration_curve(OUTCOME, FORECAST, n_bins=BINS, strategy="quantile")
    np.testing.assert_allclose([one.predicted for one in curve], predicted, rtol=1e-12)
    np.testing.assert_allclose([one.observed.value for one in curve], observed, rtol=1e-12)
    assert [one.rows for one in curve] == [ROWS // BINS] * BINS


def test_the_brier_score_is_that_of_scikit_learn_and_the_sum_of_its_parts() -> None:
    parts = Binned.of(FORECAST, OUTCOME, DAYS).brier()
    assert parts.score == pytest.approx(brier_score_loss(OUTCOME, FORECAST), rel=1e-12)
    assert parts.score == pytest.approx(parts.reliability - parts.resolution + parts.uncertainty + parts.within)
    assert parts.uncertainty == pytest.approx(np.var(OUTCOME))
    assert 0 < parts.reliability < parts.resolution < parts.uncertainty


def test_what_is_left_of_the_brier_score_is_variance_and_covariance_within_the_bins() -> None:
    """The two extra components of Stephenson, Coelho & Jolliffe (2008)."""
    codes, expected = equal_mass(FORECAST), 0.0
    for number in range(BINS):
        said, came = FORECAST[codes == number], OUTCOME[codes == number]
        expected += (np.var(said) - 2 * np.cov(said, came, bias=True)[0, 1]) * len(said) / ROWS
    assert Binned.of(FORECAST, OUTCOME, DAYS).brier().within == pytest.approx(expected, rel=1e-9)


def test_murphys_parts_are_the_whole_where_the_forecasts_of_a_bin_are_equal() -> None:
    parts = Binned.of(NINE, CAME, each_alone(9)).brier()
    assert parts.within == pytest.approx(0, abs=1e-15)
    assert parts.reliability == pytest.approx(4 / 9 * 0.25**2 + 5 / 9 * 0.2**2)
    assert parts.resolution == pytest.approx(4 / 9 * (1 / 4 - 5 / 9) ** 2 + 5 / 9 * (4 / 5 - 5 / 9) ** 2)
    assert parts.uncertainty == pytest.approx(5 / 9 * 4 / 9)


def test_parts_of_several_forecasts_add_up() -> None:
    one = BrierParts(score=0.2, reliability=0.01, resolution=0.03, uncertainty=0.22, within=0.0)
    assert BrierParts.total([one, one]).model_dump() == pytest.approx({k: 2 * v for k, v in one.model_dump().items()})


def test_the_published_example_has_its_published_errors() -> None:
    binned = Binned.of(NINE, CAME, each_alone(9))
    assert binned.plain_error() == pytest.approx(4 / 9 * 0.25 + 5 / 9 * 0.2)
    assert squared_error(binned) == pytest.approx(kumar(NINE, CAME), abs=1e-15)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_with_a_block_per_row_it_is_the_estimator_of_kumar_liang_and_ma(seed: int) -> None:
    random = np.random.default_rng(seed)
    forecast = random.choice([0.1, 0.3, 0.35, 0.8], 200)
    outcome = (random.random(200) < forecast + 0.1).astype(float)
    found = squared_error(Binned.of(forecast, outcome, each_alone(200)))
    assert found == pytest.approx(kumar(forecast, outcome), rel=1e-9)


def test_it_is_the_mean_product_of_the_errors_of_rows_of_two_different_blocks() -> None:
    rows, days = slice(0, 60), np.arange(60, dtype=np.int32) % 4
    forecast, outcome, codes = FORECAST[rows], OUTCOME[rows], equal_mass(FORECAST[rows], 3)
    expected = 0.0
    for number in range(3):
        apart, block = (forecast - outcome)[codes == number], days[codes == number]
        other = block[:, None] != block[None, :]
        expected += len(apart) / 60 * np.outer(apart, apart)[other].mean()
    assert squared_error(Binned.of(forecast, outcome, days, bins=3)) == pytest.approx(expected, rel=1e-9)


def test_a_block_that_is_drawn_again_is_not_compared_with_itself() -> None:
    """Drawing one of two days three times triples every product of their rows, and the number of products."""
    statistic = Binned.of(FORECAST, OUTCOME, DAYS, bins=1).squared_error()
    drawn = np.zeros((3, 10))
    drawn[:, :2] = [[1, 1], [3, 1], [2, 0]]
    once, again, alone = statistic(drawn)
    assert again == pytest.approx(once, rel=1e-12)
    assert np.isnan(alone)


def test_a_bin_with_the_rows_of_one_day_alone_does_not_count() -> None:
    """Its rows have no partner of another day: what is left is the error of the other bin."""
    forecast = np.repeat([0.25, 0.75], [6, 6])
    outcome = np.array([1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0], dtype=float)
    days = np.array([0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1], dtype=np.int32)
    found = Binned.of(forecast, outcome, days, bins=2)
    assert found.rows.tolist() == [[3, 3], [0, 6]]
    assert squared_error(found) == pytest.approx((1 - 3 * 0.25) * (2 - 3 * 0.25) / 9)


def simulated(random: np.random.Generator, day_effect: float) -> tuple[Floats, Floats, np.ndarray]:
    """Twenty days of fifty calibrated forecasts: each day's are too low or too high together, on average right."""
    days = np.repeat(np.arange(20, dtype=np.int32), 50)
    forecast = random.uniform(0.2, 0.8, len(days))
    chance = forecast + random.choice([-day_effect, day_effect], 20)[days]
    return forecast, (random.random(len(days)) < chance).astype(float), days


def errors(day_effect: float) -> Floats:
    """Of 300 simulations: by day, by row and the plain error."""
    random, found = np.random.default_rng(7), []
    for _ in range(300):
        forecast, outcome, days = simulated(random, day_effect)
        by_day, by_row = Binned.of(forecast, outcome, days), Binned.of(forecast, outcome, each_alone(len(days)))
        found.append((squared_error(by_day), squared_error(by_row), by_day.plain_error()))
    return np.array(found)


def test_for_calibrated_forecasts_the_error_is_zero_on_average_and_the_plain_one_is_not() -> None:
    found = errors(day_effect=0.0)
    by_day, by_row, plain = found.mean(axis=0)
    allowed = 3 * found.std(axis=0) / np.sqrt(len(found))
    assert abs(by_day) < allowed[0] < 3e-4
    assert abs(by_row) < allowed[1] < 3e-4
    assert plain == pytest.approx(0.047, abs=0.003)


def test_a_day_that_goes_wrong_as_a_whole_does_not_count_as_miscalibration() -> None:
    found = errors(day_effect=0.15)
    by_day, by_row, _ = found.mean(axis=0)
    allowed = 3 * found.std(axis=0) / np.sqrt(len(found))
    assert abs(by_day) < allowed[0]
    assert by_row > 8e-4 > allowed[1]


def test_a_forecast_that_is_too_high_by_a_tenth_has_an_error_of_a_tenth() -> None:
    random, found = np.random.default_rng(8), []
    for _ in range(200):
        forecast, outcome, days = simulated(random, day_effect=0.0)
        found.append(squared_error(Binned.of(forecast + 0.1, outcome, days)))
    assert np.mean(found) == pytest.approx(0.01, abs=3 * np.std(found) / np.sqrt(len(found)))


def test_the_bounds_of_a_share_are_wilsons_at_the_effective_number_of_rows() -> None:
    """Blocks that all have the same share are worth their rows, but for what so few of them leave open."""
    rows, successes = np.full(20, 50.0), np.full(20, 10.0)
    found = wilson(successes, rows, 0.95)
    normal, student = 1.6448536269514722, 1.7291328115213678  # both quantiles from printed tables
    effective = 1000 * (normal / student) ** 2
    lower, upper = proportion_confint(0.2 * effective, effective, alpha=0.1, method="wilson")
    assert (found.value, found.lower, found.upper) == pytest.approx((0.2, lower, upper), rel=1e-9)


def test_blocks_that_differ_are_worth_fewer_rows() -> None:
    """Ten days with all and ten with nothing are nineteen outcomes: twenty of fifty rows each, less the mean's."""
    found = wilson(np.repeat([0.0, 50.0], 10), np.full(20, 50.0), 0.95)
    effective = 19 * (1.6448536269514722 / 1.7291328115213678) ** 2
    lower, upper = proportion_confint(0.5 * effective, effective, alpha=0.1, method="wilson")
    assert (found.value, found.lower, found.upper) == pytest.approx((0.5, lower, upper), rel=1e-9)


def test_two_blocks_are_enough_for_bounds() -> None:
    found = wilson(np.array([10.0, 10.0, 0.0]), np.array([40.0, 40.0, 0.0]), 0.95)
    effective = 80 * (1.6448536269514722 / 6.313751514675041) ** 2
    lower, upper = proportion_confint(0.25 * effective, effective, alpha=0.1, method="wilson")
    assert (found.value, found.lower, found.upper) == pytest.approx((0.25, lower, upper), rel=1e-9)


@pytest.mark.parametrize(("successes", "edge"), [(0.0, "lower"), (40.0, "upper")])
def test_a_share_without_exceptions_still_has_an_interval(successes: float, edge: str) -> None:
    found = wilson(np.full(5, successes), np.full(5, 40.0), 0.95)
    effective = 200 * (1.6448536269514722 / 2.13184678133629) ** 2
    lower, upper = proportion_confint(successes / 40 * effective, effective, alpha=0.1, method="wilson")
    assert getattr(found, edge) == pytest.approx(found.value, abs=1e-12)
    assert (found.lower, found.upper) == pytest.approx((lower, upper), abs=1e-9)
    assert found.upper - found.lower > 0.015


def test_a_single_block_has_no_bounds() -> None:
    found = wilson(np.array([3.0, 0.0]), np.array([10.0, 0.0]), 0.95)
    assert found.value == 0.3
    assert np.isnan([found.lower, found.upper]).all()

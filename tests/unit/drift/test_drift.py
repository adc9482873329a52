"""Drift as an effect size: nothing without a change, more with a larger one, and nothing hides."""

import numpy as np
import pyarrow as pa
import pytest

from include.drift import Tier, drift, tier_of, worst
from include.errors import BadData
from include.features.matrix import Floats
from include.lake import profile_table
from include.lake.distance import excess_psi, shares_of
from include.lake.profile import CategoryProfile, NumericProfile, Profile
from include.spec import Monitoring
from tests.declared import contract
from tests.profiles import numbers, words

LIMITS = Monitoring()


def effect(reference: NumericProfile | CategoryProfile, current: NumericProfile | CategoryProfile) -> float:
    return excess_psi(*shares_of(reference, current))


def normal(mean: float = 0.0, rows: int = 4000, seed: int = 1) -> Floats:
    return np.random.default_rng(seed).normal(mean, 1, rows)


# The index


def test_equal_counts_have_no_effect_whatever_their_size() -> None:
    assert excess_psi(np.array([10.0, 20, 30]), np.array([10.0, 20, 30])) == 0
    assert excess_psi(np.array([10.0, 20, 30]), np.array([1000.0, 2000, 3000])) == pytest.approx(0, abs=1e-3)


def test_it_is_the_population_stability_index_less_what_chance_adds() -> None:
    reference, current = np.array([6000.0, 4000.0]), np.array([500.0, 500.0])
    psi = (0.5 - 0.6) * np.log(0.5 / 0.6) + (0.5 - 0.4) * np.log(0.5 / 0.4)
    chance = 1 * (1 / 10000 + 1 / 1000)
    assert excess_psi(reference, current) == pytest.approx(psi - chance, rel=1e-3)


def test_an_empty_bin_on_either_side_is_large_and_finite() -> None:
    filled, hollow = np.array([500.0, 500.0]), np.array([1000.0, 0.0])
    assert 1 < excess_psi(filled, hollow) < 10
    assert 1 < excess_psi(hollow, filled) < 10
    assert excess_psi(np.array([1000.0, 0.0]), np.array([0.0, 1000.0])) > 5


def test_half_a_row_in_each_bin_keeps_an_empty_one_finite() -> None:
    """(10, 0) against (0, 20): shares 10.5/11 and 0.5/11 against 0.5/21 and 20.5/21."""
    q, p = np.array([10.5, 0.5]) / 11, np.array([0.5, 20.5]) / 21
    expected = float(np.sum((p - q) * np.log(p / q))) - (1 / 10 + 1 / 20)
    assert excess_psi(np.array([10.0, 0.0]), np.array([0.0, 20.0])) == pytest.approx(expected, rel=1e-12)


def test_a_side_without_rows_is_infinitely_far_from_one_with_rows() -> None:
    some, none = np.array([1.0, 2.0]), np.array([0.0, 0.0])
    assert excess_psi(some, none) == np.inf
    assert excess_psi(none, some) == np.inf
    assert excess_psi(none, none) == 0


def test_without_a_change_chance_alone_stays_near_zero_at_every_size() -> None:
    """Plain PSI of 200 rows against 2000 in 10 bins is 0.05 by chance; what is left of it here averages to nearly 0."""
    random = np.random.default_rng(5)
    share = np.full(10, 0.1)
    for rows, limit in ((200, 0.02), (1000, 0.004), (5000, 0.002)):
        found = [
            excess_psi(random.multinomial(2000, share) * 1.0, random.multinomial(rows, share) * 1.0) for _ in range(300)
        ]
        assert np.mean(found) < limit
        assert np.quantile(found, 0.99) < LIMITS.warn


def test_a_real_change_is_not_subtracted_away_in_a_small_window() -> None:
    random = np.random.default_rng(5)
    before, after = np.full(10, 0.1), np.array([0.02, 0.04, 0.06, 0.08, 0.1, 0.1, 0.12, 0.14, 0.16, 0.18])
    truth = float(np.sum((after - before) * np.log(after / before)))
    found = [
        excess_psi(random.multinomial(20000, before) * 1.0, random.multinomial(400, after) * 1.0) for _ in range(200)
    ]
    assert np.mean(found) == pytest.approx(truth, rel=0.15)


# Columns


def test_an_effect_grows_with_the_shift_of_a_number() -> None:
    reference = numbers(normal())
    found = [effect(reference, numbers(normal(shift, seed=2))) for shift in (0, 0.25, 0.5, 1, 2)]
    assert found == sorted(found)
    assert found[0] < 0.01
    assert LIMITS.critical < found[3] < found[4]


def test_a_wider_spread_around_the_same_mean_is_seen() -> None:
    assert effect(numbers(normal()), numbers(3 * normal(seed=2))) > LIMITS.alert


@pytest.mark.parametrize("constant", [3.0, 7.0])
def test_a_constant_that_becomes_another_one_is_seen_in_both_directions(constant: float) -> None:
    reference = numbers([5.0] * 1000)
    assert effect(reference, numbers([5.0] * 300)) == 0
    assert effect(reference, numbers([constant] * 300)) > LIMITS.critical


def test_a_common_value_that_gives_way_is_seen_below_and_above_it() -> None:
    """95 % of visibility is 10 miles: fog must not fall into the same bin as a clear day."""
    clear = numbers([10.0] * 950 + [9.0] * 25 + [11.0] * 25)
    for others in (2.0, 9.5, 10.5, 30.0):
        assert effect(clear, numbers([10.0] * 150 + [others] * 150)) > LIMITS.critical
    assert effect(clear, numbers([10.0] * 190 + [9.0] * 5 + [11.0] * 5)) < LIMITS.warn


def test_a_value_that_is_two_of_the_deciles_has_a_bin_of_its_own() -> None:
    others = [*np.linspace(0, 9, 540), *np.linspace(11, 20, 240)]
    assert effect(numbers([*others, *[10.0] * 220]), numbers([*others, *[9.9] * 220])) > LIMITS.critical
    assert effect(numbers([*others, *[10.0] * 220]), numbers([*others, *[10.0] * 220])) == 0


def test_values_under_a_common_minimum_are_seen() -> None:
    rain = numbers([0.0] * 150 + list(np.linspace(1, 9, 850)))
    broken = numbers([-1.0] * 150 + list(np.linspace(1, 9, 850)))
    assert effect(rain, broken) > LIMITS.critical
    assert effect(rain, rain) == 0


def test_numbers_fall_into_ten_bins_of_the_reference_and_one_for_what_is_missing() -> None:
    before, after = shares_of(numbers([*normal(), None]), numbers(normal(9, rows=300)))
    assert (len(before), len(after)) == (11, 11)
    np.testing.assert_allclose(before[:10], 400, atol=60)
    assert (before[10], after[9], after[10]) == (1, 300, 0)


def test_kinds_do_not_mix() -> None:
    for pair in ((numbers([1.0]), words({"a": 1})), (words({"a": 1}), numbers([1.0]))):
        with pytest.raises(TypeError, match="different kinds"):
            shares_of(*pair)


def test_missing_values_count() -> None:
    full, holes = numbers(normal()), numbers([*normal(rows=2000, seed=2), *[None] * 2000])
    assert effect(full, holes) > LIMITS.critical
    assert effect(holes, full) > LIMITS.critical
    assert effect(words({"a": 50, "b": 50}), words({"a": 25, "b": 25}, nulls=50)) > LIMITS.critical


def test_a_column_that_was_never_there_and_still_is_not_has_no_drift() -> None:
    nothing = numbers([None] * 300)
    assert effect(nothing, nothing) == 0
    assert effect(nothing, numbers(normal(rows=300))) > LIMITS.critical


def test_new_and_vanished_categories_are_seen() -> None:
    before = words({"a": 500, "b": 500})
    assert effect(before, words({"a": 500, "b": 500})) == 0
    assert effect(before, words({"a": 300, "b": 300, "c": 300})) > LIMITS.critical
    assert effect(before, words({"a": 1000})) > LIMITS.critical


def test_rare_categories_are_counted_together() -> None:
    many = {f"v{number:03}": 100 - number for number in range(60)}
    rare = {name: count for name, count in many.items() if name >= "v020"}
    assert effect(words(many), words({**many, "v059": 1, "other": 40})) < LIMITS.warn
    assert effect(words(many), words(rare)) > LIMITS.critical
    reference, current = shares_of(words(many), words(rare))
    assert (len(reference), reference.sum()) == (22, sum(many.values()))
    assert current.sum() == sum(rare.values())


# The watch over all columns


def profile(**columns: NumericProfile | CategoryProfile) -> Profile:
    return Profile(rows=1000, columns=dict(columns))


def test_one_broken_feature_among_many_sound_ones_decides_and_comes_first() -> None:
    sound = {f"f{number}": numbers(normal(seed=number)) for number in range(20)}
    broken = {**sound, "f7": numbers(normal(4, seed=7))}
    found = drift(profile(**sound), profile(**broken), tuple(sound), LIMITS)
    assert (found[0].feature, found[0].tier) == ("f7", "critical")
    assert {one.tier for one in found[1:]} == {"ok"}
    assert worst([one.tier for one in found]) == "critical"
    assert np.mean([one.effect for one in found]) < found[0].effect / 10


def test_shares_of_missing_values_are_told() -> None:
    found = drift(
        profile(x=numbers([1.0, 2.0, 3.0, None])), profile(x=numbers([1.0, None, None, None])), ("x",), LIMITS
    )
    assert (found[0].missing_reference, found[0].missing_current) == (0.25, 0.75)
    empty = drift(profile(x=numbers([])), profile(x=numbers([])), ("x",), LIMITS)
    assert (empty[0].missing_reference, empty[0].missing_current, empty[0].tier) == (0, 0, "ok")


@pytest.mark.parametrize("kind", [numbers([1.0] * 1000), words({"a": 1000})])
def test_a_column_the_current_window_lacks_is_all_missing_there(kind: NumericProfile | CategoryProfile) -> None:
    found = drift(profile(x=kind), profile(), ("x",), LIMITS)
    assert (found[0].tier, found[0].missing_reference, found[0].missing_current) == ("critical", 0, 1)


def test_a_column_the_reference_lacks_is_named() -> None:
    with pytest.raises(BadData, match=r"reference .* lacks column x: .* Train and release anew"):
        drift(profile(), profile(x=numbers([1.0])), ("x",), LIMITS)


def test_a_column_that_changed_its_kind_is_named() -> None:
    with pytest.raises(BadData, match=r"Column x is of kind numeric in .* reference window and category now"):
        drift(profile(x=numbers([1.0])), profile(x=words({"a": 1})), ("x",), LIMITS)


def test_flags_are_watched_as_categories() -> None:
    table = pa.table({"full": pa.array([True] * 900 + [False] * 100)})
    flags = contract(columns={}).model_copy(update={"columns": {"full": contract().columns["full"]}})
    before, after = profile_table(table, flags), profile_table(pa.table({"full": [False] * 300}), flags)
    assert drift(before, after, ("full",), LIMITS)[0].tier == "critical"
    assert drift(before, before, ("full",), LIMITS)[0].tier == "ok"


@pytest.mark.parametrize(
    ("value", "tier"),
    [
        (0.0, "ok"), (0.0999, "ok"), (0.1, "warn"), (0.1999, "warn"), (0.2, "alert"), (0.2999, "alert"),
        (0.3, "critical"), (np.inf, "critical"),
    ],
)  # fmt: skip
def test_tiers_begin_at_their_limits(value: float, tier: Tier) -> None:
    assert tier_of(value, LIMITS) == tier


def test_a_seasonal_feature_is_shown_and_never_louder_than_a_warning() -> None:
    before = profile(x=numbers(normal()), y=numbers(normal()), z=numbers(normal()))
    after = profile(x=numbers(normal(4)), y=numbers(normal(3)), z=numbers(normal(seed=2)))
    found = drift(before, after, ("x", "y", "z"), Monitoring(seasonal=("x", "z")))
    assert [(one.feature, one.tier) for one in found] == [("x", "warn"), ("y", "critical"), ("z", "ok")]
    assert found[0].effect > LIMITS.critical


def test_the_worst_tier_wins_in_any_order() -> None:
    assert worst(["ok", "alert", "warn"]) == "alert"
    assert worst(["critical", "ok"]) == "critical"
    assert worst([]) == "ok"

"""The blocks that are needed agree with statsmodels, and with trying it out."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from include.evaluation.estimate import Difference
from include.evaluation.power import blocks_needed


def seen(observed: float, error: float = 0.01, blocks: int = 14, effective: float = 14) -> Difference:
    return Difference(
        observed=observed, lower=-1, upper=1, standard_error=error, blocks=blocks, effective_blocks=effective
    )


@pytest.mark.parametrize(("short", "confidence", "power"), [(0.01, 0.95, 0.8), (0.015, 0.9, 0.8), (0.02, 0.99, 0.9)])
def test_the_number_is_that_of_statsmodels(short: float, confidence: float, power: float) -> None:
    effect = short / (0.01 * math.sqrt(14))
    expected = TTestPower().solve_power(effect, alpha=1 - confidence, power=power, alternative="larger")
    found = blocks_needed(seen(0.0), -short, confidence, power)
    assert found == pytest.approx(expected, rel=0.02, abs=1)


@pytest.mark.parametrize("share", [1.0, 0.5])
@pytest.mark.parametrize("once", [1e-6, 0.19, 0.3, 0.5, 0.7, 1.1])
def test_it_is_the_first_number_of_blocks_that_is_enough(once: float, share: float) -> None:
    """`once` is the standard deviation of a block in units of what there is to spare."""

    def is_enough(blocks: int) -> bool:
        student = stats.t.ppf(0.95, max(blocks * share - 1, 1))
        return bool((student + stats.norm.ppf(0.8)) * once / math.sqrt(blocks) <= 1)

    found = blocks_needed(seen(1.0, once / 4, 16, 16 * share), 0.0, 0.95, 0.8)
    assert found == next(blocks for blocks in range(1, 100) if is_enough(blocks))


@pytest.mark.parametrize(("needed", "found"), [(99_998.5, 99_999), (100_000.5, None), (100_002.0, None)])
def test_beyond_a_hundred_thousand_blocks_is_never(needed: float, found: int | None) -> None:
    once = math.sqrt(needed) / (stats.t.ppf(0.95, needed - 1) + stats.norm.ppf(0.8))
    assert blocks_needed(seen(1.0, once / 4, 16, 16), 0.0, 0.95, 0.8) == found


def test_so_many_blocks_do_tell_as_often_as_was_asked() -> None:
    """Blocks of standard deviation 1 and mean 0.5 against 0, at 95 %, 20,000 worlds."""
    needed = blocks_needed(seen(0.5, 1 / math.sqrt(14)), 0.0, 0.95, 0.8)
    assert needed is not None
    worlds = np.random.default_rng(1).normal(0.5, 1, (20_000, needed))
    t = worlds.mean(axis=1) / worlds.std(axis=1, ddof=1) * math.sqrt(needed)
    assert (t > 1.70).mean() == pytest.approx(0.8, abs=0.02)


def test_what_is_nearer_to_the_limit_takes_longer() -> None:
    numbers = [blocks_needed(seen(observed), -0.01, 0.95, 0.8) for observed in (0.02, 0.0, -0.005)]
    assert numbers == sorted(numbers, key=lambda one: one or 0)
    assert numbers[2] == pytest.approx(4 * (numbers[1] or 0), rel=0.05)


def test_blocks_that_follow_each_other_are_needed_in_their_full_number() -> None:
    loose, tied = (blocks_needed(seen(0.0, 0.02, 14, effective), -0.01, 0.95, 0.8) for effective in (14, 3))
    assert loose is not None
    assert tied is not None
    assert loose < tied < 1.1 * loose


@pytest.mark.parametrize("observed", [-0.01, -0.02])
def test_what_falls_short_by_itself_takes_forever(observed: float) -> None:
    assert blocks_needed(seen(observed), -0.01, 0.95, 0.8) is None
    assert blocks_needed(seen(0.0), -0.01, 0.95, 0.8) == 88


def test_an_unknown_error_and_a_hopeless_one_have_no_answer() -> None:
    assert blocks_needed(seen(0.0, math.inf), -0.01, 0.95, 0.8) is None
    assert blocks_needed(seen(0.0, 100.0), -0.01, 0.95, 0.8) is None
    assert blocks_needed(seen(0.0, 0.01, 1, 1), -0.01, 0.95, 0.8) is None
    assert blocks_needed(seen(0.0, 0.01, 5, 2), -0.01, 0.95, 0.8) is not None

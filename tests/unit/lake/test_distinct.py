"""Estimates of how many different values there are."""

import numpy as np
import pyarrow as pa
import pytest

from include.lake.distinct import Distinct, DistinctCounter
from include.lake.hashes import Hashes, mixed, text_hashes


def counted(*pieces: Hashes) -> Distinct:
    counter = DistinctCounter()
    for piece in pieces:
        counter.add(piece)
    return counter.result()


def numbers(first: int, last: int) -> Hashes:
    return mixed(np.arange(first, last))


@pytest.mark.parametrize("distinct", [1, 30, 500, 2500, 20_000, 300_000])
def test_an_estimate_is_within_four_standard_errors(distinct: int) -> None:
    assert counted(numbers(0, distinct)).estimate == pytest.approx(distinct, rel=4 * 0.0325, abs=1)


@pytest.mark.parametrize("distinct", [300, 3000, 30_000])
def test_the_error_averages_out_over_columns(distinct: int) -> None:
    found = [counted(numbers(n * 10**7, n * 10**7 + distinct)).estimate / distinct for n in range(60)]
    assert np.mean(found) == pytest.approx(1, abs=0.02)
    assert 0.01 < np.std(found) < 0.045


def test_nothing_is_nothing() -> None:
    assert counted().estimate == 0


def test_repeats_and_order_change_nothing() -> None:
    once = counted(numbers(0, 5000))
    again = counted(numbers(2000, 5000), numbers(0, 3000), numbers(0, 5000)[::-1].copy())
    np.testing.assert_array_equal(once.registers, again.registers)


def test_merging_counts_the_union() -> None:
    left, right = counted(numbers(0, 4000)), counted(numbers(3000, 9000))
    whole = counted(numbers(0, 9000))
    np.testing.assert_array_equal(left.merged(right).registers, whole.registers)
    np.testing.assert_array_equal(right.merged(left).registers, whole.registers)
    assert left.merged(right).estimate > 1.5 * left.estimate


def test_text_gives_the_same_registers_back_in_one_kilobyte() -> None:
    found = counted(numbers(0, 100_000))
    np.testing.assert_array_equal(Distinct.decoded(found.encoded()).registers, found.registers)
    assert len(found.encoded()) == 1024
    with pytest.raises(ValueError, match="registers"):
        Distinct.decoded(found.encoded()[:-4])


def test_words_are_counted_as_numbers_are() -> None:
    words = pa.array([f"flight {number}" for number in range(20_000)])
    assert counted(text_hashes(words)).estimate == pytest.approx(20_000, rel=4 * 0.0325)

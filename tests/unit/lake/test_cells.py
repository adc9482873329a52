"""Counts per cell of the number line: exact where they can be, alike for alike values, and additive."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.lake import cells
from include.lake.cells import CELLS, Cells, Floats, common, keys_of, values_of

FINITE = st.floats(allow_nan=False, allow_infinity=False, width=64)
COLUMNS = st.lists(FINITE, min_size=1, max_size=60).map(lambda values: np.array(values, np.float64))


def same(left: Cells, right: Cells) -> bool:
    return left.encoded() == right.encoded()


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """Cells are scarce, so that a handful of values already shares them."""
    monkeypatch.setattr(cells, "CELLS", 8)
    return 8


def drawn(name: str, rows: int = 20_000, seed: int = 1) -> Floats:
    r = np.random.default_rng(seed)
    columns = {
        "normal": lambda: r.normal(0, 1, rows),
        "lognormal": lambda: r.lognormal(0, 1, rows),
        "uniform": lambda: r.random(rows),
        "far from zero": lambda: r.normal(1013, 10, rows),
        "mostly zero": lambda: np.where(r.random(rows) < 0.7, 0.0, r.gamma(2, 1, rows)),
        "whole": lambda: r.integers(0, 1_000_000, rows).astype(np.float64),
        "heavy tails": lambda: r.standard_cauchy(rows),
        "with a sentinel": lambda: np.where(r.random(rows) < 0.05, -9999.0, r.normal(70, 5, rows)),
    }
    return columns[name]()


NAMES = [
    "normal", "lognormal", "uniform", "far from zero", "mostly zero", "whole", "heavy tails", "with a sentinel",
]  # fmt: skip


@settings(deadline=None)
@given(COLUMNS)
def test_keys_keep_the_order_and_give_the_values_back(values: Floats) -> None:
    keys = keys_of(values)
    np.testing.assert_array_equal(values_of(keys), values)
    order = np.argsort(keys, kind="stable")
    assert np.all(np.diff(values[order]) >= 0)


def test_minus_zero_is_zero() -> None:
    assert same(Cells.of(np.array([-0.0, 0.0])), Cells.of(np.array([0.0, 0.0])))
    assert Cells.of(np.array([-0.0, 0.0])).counts.tolist() == [2]


@settings(deadline=None)
@given(COLUMNS)
def test_few_distinct_values_are_counted_exactly(values: Floats) -> None:
    found = Cells.of(values)
    distinct, counts = np.unique(values + 0.0, return_counts=True)
    assert found.exact
    np.testing.assert_array_equal(found.upper, distinct)
    np.testing.assert_array_equal(found.lower, distinct)
    np.testing.assert_array_equal(found.counts, counts)


@settings(deadline=None)
@given(values=COLUMNS, cuts=st.lists(st.integers(0, 60), max_size=5), seed=st.integers(0, 99))
def test_parts_add_up_to_the_whole_in_any_order(values: Floats, cuts: list[int], seed: int) -> None:
    before = cells.CELLS
    cells.CELLS = 8
    try:
        ends = sorted({0, len(values), *(min(cut, len(values)) for cut in cuts)})
        parts = [Cells.of(values[begin:end]) for begin, end in pairwise(ends)]
        np.random.default_rng(seed).shuffle(parts)  # type: ignore[arg-type]
        whole = Cells.of(values)
        assert len(whole.index) <= 8
        assert same(Cells.sum(parts), whole)
        one = Cells.empty()
        for part in parts:
            one = part.plus(one)
        assert same(one, whole)
    finally:
        cells.CELLS = before


@pytest.mark.parametrize("name", NAMES)
def test_parts_of_real_columns_add_up_to_the_whole(name: str) -> None:
    values = drawn(name)
    whole = Cells.of(values)
    assert CELLS // 4 < len(whole.index) <= CELLS
    parts = [Cells.of(part) for part in np.array_split(values, 7)]
    assert same(Cells.sum(parts), whole)
    assert same(Cells.sum(parts[::-1]), whole)
    streamed = Cells.empty()
    for part in np.array_split(values, 7):
        streamed = streamed.plus(Cells.of_keys(keys_of(part), streamed.shift))
    assert same(streamed, whole)


@pytest.mark.parametrize("name", NAMES)
def test_the_narrowest_cells_that_fit_are_kept(name: str) -> None:
    values = drawn(name)
    whole = Cells.of(values)
    assert not whole.exact
    assert len(np.unique(keys_of(values) >> (whole.shift - 1))) > CELLS


def test_a_cell_spans_what_fell_into_it(few: int) -> None:
    values = np.linspace(1, 100, 500)
    found = Cells.of(values)
    assert (len(found.index) <= few, found.total) == (True, 500)
    assert np.all(found.lower[1:] > found.upper[:-1])
    for low, high, count in zip(found.lower, found.upper, found.counts, strict=True):
        assert np.sum((values >= low) & (values <= high)) == count


@pytest.mark.parametrize("name", NAMES)
def test_counts_below_a_cells_end_are_exact(name: str) -> None:
    values = drawn(name)
    found = Cells.of(values)
    expected = [np.sum(values <= edge) for edge in found.upper]
    np.testing.assert_array_equal(found.below(found.upper), expected)
    np.testing.assert_array_equal(found.below(np.nextafter(found.lower, -np.inf)), [0, *expected[:-1]])


@pytest.mark.parametrize("name", [name for name in NAMES if name != "with a sentinel"])
def test_ranks_in_between_are_exact_to_three_thousandths(name: str) -> None:
    values = np.sort(drawn(name))
    found = Cells.of(values)
    edges = np.quantile(values, np.linspace(0.001, 0.999, 333))
    exact = np.searchsorted(values, edges, side="right") / len(values)
    assert np.max(np.abs(found.below(edges) / len(values) - exact)) < 0.003


@pytest.mark.parametrize("name", [name for name in NAMES if name not in {"mostly zero", "with a sentinel"}])
def test_quantiles_have_the_rank_that_was_asked_for(name: str) -> None:
    values = np.sort(drawn(name))
    ranks = np.linspace(0.01, 0.99, 99)
    found = np.searchsorted(values, Cells.of(values).quantiles(ranks), side="right") / len(values)
    assert np.max(np.abs(found - ranks)) < 0.003


def test_zero_is_found_where_it_is_common() -> None:
    zeros = Cells.of(drawn("mostly zero"))
    assert zeros.quantiles(np.array([0.1, 0.5])).tolist() == [0.0, 0.0]
    assert zeros.below(np.array([-1e-9, 0.0]))[0] == 0
    assert zeros.below(np.array([0.0]))[0] == zeros.counts[0] > 10_000


def test_what_lies_outside_is_below_or_above_everything() -> None:
    found = Cells.of(np.array([1.0, 2.0]))
    assert found.below(np.array([-np.inf, 0.0, 1.0, 1.5, 2.0, 9.0, np.inf])).tolist() == [0, 0, 1, 1, 2, 2, 2]


def test_the_largest_numbers_there_are_stay_finite() -> None:
    found = Cells.of(np.array([-1.7e308, 1.7e308, *np.linspace(1, 2, 5000)]))
    assert np.all(np.isfinite(found.upper))
    assert np.all(np.isfinite(found.lower))
    assert found.total == 5002
    everything = Cells.of(np.concatenate([s * 2.0 ** np.arange(-1022.0, 1023) for s in (1, -1)]))
    assert len(everything.index) <= CELLS
    assert everything.total == 4090


def test_two_columns_are_compared_in_cells_of_one_width() -> None:
    narrow, wide = Cells.of(np.array([1.0, 2.0, 3.0])), Cells.of(drawn("normal"))
    left, right = common(narrow, wide)
    assert left.shift == right.shift == wide.shift
    assert (left.total, right.total) == (3, 20_000)


@settings(deadline=None)
@given(COLUMNS)
def test_text_gives_the_same_cells_back(values: Floats) -> None:
    found = Cells.of(values)
    assert same(Cells.decoded(found.encoded()), found)


@pytest.mark.parametrize("name", NAMES)
def test_a_column_takes_a_few_thousand_bytes_however_long_it_is(name: str) -> None:
    sizes = [len(Cells.of(drawn(name, rows)).encoded()) for rows in (20_000, 200_000)]
    assert max(sizes) < 5000
    assert sizes[1] < 2.5 * sizes[0]


def test_nothing_has_no_cells() -> None:
    nothing = Cells.empty()
    assert (nothing.total, len(nothing.index), nothing.exact) == (0, 0, True)
    assert same(Cells.decoded(nothing.encoded()), nothing)
    assert same(Cells.sum([]), nothing)
    assert same(nothing.plus(Cells.of(np.array([1.0]))), Cells.of(np.array([1.0])))
    assert nothing.below(np.array([1.0])).tolist() == [0.0]


@pytest.mark.parametrize("text", ["", "gA==", "AAE=", "AAEC", "////////////////"])
def test_text_that_is_torn_is_no_cells(text: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        Cells.decoded(text)


def test_ranks_are_interpolated_within_a_cell(few: int) -> None:
    found = Cells.of(np.linspace(4, 8, 4001)[:-1])
    assert found.quantiles(np.array([0.5]))[0] == pytest.approx(6, abs=0.01)
    assert found.below(np.array([5.1]))[0] == pytest.approx(1100, abs=2)
    assert math.isclose(found.quantiles(np.array([1.0]))[0], 8, rel_tol=1e-6)

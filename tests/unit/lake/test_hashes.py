"""Numbers that stand for values."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.lake import hashes as module
from include.lake.hashes import combined, hashes, text_hashes

WORDS = st.lists(st.one_of(st.none(), st.text(max_size=12)), max_size=40)


@given(WORDS)
def test_alike_words_have_alike_numbers_and_others_have_others(words: list[str | None]) -> None:
    found = hashes(pa.array(words, pa.string())).tolist()
    assert len(set(found)) == len(set(words))
    by_word = dict(zip(words, found, strict=True))
    assert [by_word[word] for word in words] == found


@given(WORDS)
def test_it_does_not_matter_how_words_are_stored(words: list[str | None]) -> None:
    plain = pa.array(words, pa.string())
    forms = [plain.cast(pa.large_string()), pa.concat_arrays([pa.array(["x"]), plain])[1:]]
    if words:
        forms.append(plain.dictionary_encode())
    for form in forms:
        assert hashes(form).tolist() == hashes(plain).tolist()


def test_words_that_hide_their_border_differ() -> None:
    tricks = ["", "\0", "\0\0", "a", "a\0", "\0a", "ab", "ba", "aa", "aaa"]
    assert len(set(text_hashes(pa.array(tricks)).tolist())) == len(tricks)


def test_many_words_do_not_collide() -> None:
    words = pa.array([f"{prefix}{number}" for prefix in ("m_", "n_", "") for number in range(50_000)])
    assert len(np.unique(text_hashes(words))) == 150_000


def test_long_columns_are_hashed_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    words = pa.array(["a" * (n % 50) + str(n) for n in range(1000)])
    whole = text_hashes(words)
    monkeypatch.setattr(module, "_PIECE", 100)
    np.testing.assert_array_equal(text_hashes(words), whole)


Make = Callable[[list[float | None]], pa.Array]
KINDS: dict[str, Make] = {
    "int64": lambda v: pa.array([None if x is None else int(x) for x in v], pa.int64()),
    "float64": lambda v: pa.array(v, pa.float64()),
    "bool": lambda v: pa.array([None if x is None else bool(x) for x in v], pa.bool_()),
    "moment": lambda v: pa.array([None if x is None else int(x) for x in v], pa.timestamp("us", "UTC")),
}


@pytest.mark.parametrize("kind", KINDS)
def test_null_is_a_value_of_its_own_and_rows_keep_their_place(kind: str) -> None:
    column = KINDS[kind]([0.0, 1.0, None, 0.0, None])
    found = hashes(column).tolist()
    assert found[0] == found[3] != found[1]
    assert found[2] == found[4]
    assert len(set(found)) == 3
    assert hashes(column[1:]).tolist() == found[1:]


def test_minus_zero_is_zero_here_too() -> None:
    assert len(set(hashes(pa.array([0.0, -0.0])).tolist())) == 1


def test_keys_of_several_columns_mind_their_order() -> None:
    a, b = pa.array([1, 2, 1, 2]), pa.array([2, 1, 2, 2])
    found = combined([hashes(a), hashes(b)]).tolist()
    assert found[0] == found[2]
    assert len(set(found)) == 3
    assert found[0] != found[1]

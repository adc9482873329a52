"""The classifier two-sample test: what moves together is seen, days are no evidence, and the features are named."""

import numpy as np
import pandas as pd
import pytest

from include.drift.classifier import Multivariate, tell_apart
from tests.daily import day_keys


def days(count: int, seed: int, rows: int = 60, together: float = 0.0, between: float = 0.0) -> pd.DataFrame:
    """Days of two normal numbers, so much correlated, whose means differ from day to day, and a word."""
    random = np.random.default_rng(seed)
    one = random.normal(size=(count, rows))
    other = together * one + np.sqrt(1 - together**2) * random.normal(size=(count, rows))
    words = random.choice(np.array(["a", "b", None], object), count * rows)
    shift = between * random.normal(size=(count, 1))
    return pd.DataFrame(
        {
            "one": (one + shift).ravel(), "other": other.ravel(), "noise": random.normal(size=count * rows),
            "word": words, "day": np.repeat(day_keys(count), rows),
        }
    )  # fmt: skip


def told(reference: pd.DataFrame, current: pd.DataFrame) -> Multivariate:
    names = ["one", "other", "noise", "word"]
    found = tell_apart(reference[names], list(reference["day"]), current[names], list(current["day"]))
    assert found is not None
    return found


def test_what_moved_together_and_not_alone_is_told_and_named() -> None:
    found = told(days(56, 1, together=0.0), days(7, 2, together=0.95))
    assert found.auc > 0.6
    assert found.unusual
    assert set(list(found.drivers)[:2]) == {"one", "other"}
    assert found.chance == pytest.approx(1 / 9)
    assert "; by o" in found.sentence


def test_a_window_like_its_reference_is_not_told() -> None:
    found = told(days(56, 1), days(7, 2))
    assert found.auc == pytest.approx(0.5, abs=0.06)
    assert found.windows == 8


@pytest.mark.parametrize(("between", "unusual"), [(0.0, True), (1.0, False)])
def test_a_shift_is_unusual_only_where_the_references_own_windows_do_not_lie_as_far_apart(
    between: float, unusual: bool
) -> None:
    now = days(7, 5, between=between)
    found = told(days(56, 3, between=between), now.assign(one=now["one"] + 0.4))
    assert found.unusual == unusual
    assert found.auc > 0.53
    assert ("nothing unusual" in found.sentence) != unusual


def test_a_word_that_became_rare_is_told_and_so_is_one_that_went_missing() -> None:
    now = days(7, 2)
    found = told(days(56, 1), now.assign(word=now["word"].where(now["word"] != "a", "new")))
    assert (found.unusual, next(iter(found.drivers))) == (True, "word")
    gone = told(days(56, 1), now.assign(word=None))
    assert (gone.unusual, next(iter(gone.drivers))) == (True, "word")
    assert gone.auc > 0.7


@pytest.mark.parametrize(("before", "now", "judged"), [(12, 2, False), (9, 7, False), (10, 7, True), (12, 3, True)])
def test_too_few_days_are_not_judged(before: int, now: int, judged: bool) -> None:
    old, new = days(before, 1, rows=20), days(now, 2, rows=20)
    found = tell_apart(old[["one"]], list(old["day"]), new[["one"]], list(new["day"]))
    assert (found is not None) == judged


def test_the_same_rows_give_the_same_answer() -> None:
    old, new = days(28, 1, between=0.3), days(7, 2)
    assert told(old, new) == told(old, new)

"""Profiles as they were stored, in each form there was, and those that nobody can read."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from include.errors import BadData, NotFound
from include.lake import CategoryProfile, NumericProfile, Profile, Store, profile_table
from tests.landing import contract

FORM_2 = Path(__file__).with_name("profile_version_2.json")
ROWS = 3000


def rows() -> pa.Table:
    """Rows that any Python makes alike: few values, many values, words with a long tail, flags, nulls."""
    number = np.arange(ROWS)
    wide = np.sqrt(number + 1.0) * np.where(number % 3, 1, -1)
    return pa.table(
        {
            "at": pa.array(number, pa.timestamp("ms")),
            "bus": pa.array(number % 7 + 1),
            "line": pa.array([f"line {n * n % 1201}" for n in number.tolist()]),
            "late": pa.array(wide, mask=number % 10 == 0),
            "full": pa.array(number % 4 == 0, mask=number % 11 == 0),
        }
    )


def made() -> Profile:
    return profile_table(rows(), contract(columns={"line": {"type": "string", "one_of": None}}))


@pytest.fixture
def stored(tmp_path: Path) -> Store:
    return Store.open(str(tmp_path))


def test_a_profile_of_form_2_is_read_years_later() -> None:
    """The file was stored when the form was new and must never be written again."""
    found = Profile.from_json(FORM_2.read_bytes())
    late, line, bus, full = (found.columns[name] for name in ("late", "line", "bus", "full"))
    assert isinstance(late, NumericProfile)
    assert isinstance(bus, NumericProfile)
    assert isinstance(line, CategoryProfile)
    assert (found.version, found.rows, found.types["late"]) == (2, 3000, "float")
    values = rows()["late"].drop_null().to_numpy()
    assert (late.count, late.nulls, late.min, late.max) == (2700, 300, values.min(), values.max())
    assert (late.mean, late.variance) == pytest.approx((values.mean(), values.var()))
    ranks = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    reached = np.searchsorted(np.sort(values), late.quantiles(ranks), side="right") / len(values)
    assert reached == pytest.approx(ranks, abs=0.002)
    assert late.distinct == pytest.approx(2700, rel=4 * 0.0325)
    assert bus.distribution.upper.tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert (bus.distinct, bus.distribution.counts.tolist()) == (7, [429, 429, 429, 429, 428, 428, 428])
    assert full == CategoryProfile(count=2727, nulls=273, counts={"false": 2046, "true": 681})
    assert (len(line.counts), line.count, line.other) == (500, 3000, 3000 - sum(line.counts.values()))
    assert line.distinct == pytest.approx(len({n * n % 1201 for n in range(ROWS)}), rel=4 * 0.0325)


def test_the_same_rows_are_still_profiled_to_the_same_bytes() -> None:
    """Or days profiled before and after a change would not add up: whoever must change this raises the form."""
    before, now = (json.loads(one) for one in (FORM_2.read_bytes(), made().to_json()))
    for column in ("late", "bus"):
        for moment in ("mean", "m2"):  # the order of a sum is the processor's to choose
            assert now["columns"][column].pop(moment) == pytest.approx(before["columns"][column].pop(moment), rel=1e-12)
    assert now == before


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"version": 3, "sketch": "new"}, "it has form 3, and this code reads forms up to 2: upgrade Perennial"),
        ({"version": 0}, "version: Input should be 2"),
        ({"rows": "many"}, "rows: "),
    ],
)
def test_a_profile_that_cannot_be_understood_is_named_with_what_to_do(
    stored: Store, changes: dict[str, Any], said: str
) -> None:
    stored.write_bytes("a/b.profile.json", json.dumps({**json.loads(made().to_json()), **changes}).encode())
    with pytest.raises(BadData) as caught:
        Profile.read(stored, "a/b.profile.json")
    assert str(caught.value).startswith(f"{stored.locate('a/b.profile.json')} is no profile this code can read: {said}")
    assert "restore it from a backup" in str(caught.value)


def test_a_torn_profile_is_bad_data_and_a_missing_one_is_not_found(stored: Store) -> None:
    stored.write_bytes("torn.json", made().to_json()[:100])
    with pytest.raises(BadData, match=r"torn.json is no profile this code can read: Invalid JSON"):
        Profile.read(stored, "torn.json")
    with pytest.raises(NotFound, match=r"other.json"):
        Profile.read(stored, "other.json")


def test_what_was_stored_is_read_back(stored: Store) -> None:
    stored.write_bytes("p.json", made().to_json())
    assert Profile.read(stored, "p.json") == made()

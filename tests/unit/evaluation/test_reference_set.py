"""The reference set: the same rows for a while, then other ones, and all of it from what is on record."""

import pytest

from include.evaluation.history import Comparison
from include.evaluation.reference_set import reference_set
from include.lake import Store
from include.ledger import Ledger
from include.spec import ModelSpec
from tests.declared import admit_days, spec

FIRST_HELD_OUT = "2013-02-20"
COLUMNS = ("bus", "line")


@pytest.fixture
def model(lake: Store, ledger: Ledger) -> ModelSpec:
    """60 admitted days; other reference rows after two comparisons."""
    admit_days("2013-01-01", 60, lake, ledger)
    return spec(gates={"reference_sanity": {"renew_after": 2}})


def compared(*first_days: str) -> list[Comparison]:
    return [Comparison(run_id=day, as_of=day, first_day=day, last_day=day, alpha=0.05) for day in first_days]


@pytest.mark.parametrize(
    ("history", "window"),
    [
        ([], "2013-01-01 to 2013-01-07"),
        (["2013-01-20"], "2013-01-01 to 2013-01-07"),
        (["2013-01-20", "2013-01-27"], "2013-02-13 to 2013-02-19"),
        (["2013-01-20", "2013-01-27", "2013-02-01"], "2013-01-25 to 2013-01-31"),
        (["2013-01-20", "2013-01-27", "2013-02-01", "2013-02-08"], "2013-02-13 to 2013-02-19"),
    ],
)
def test_the_week_is_the_first_one_and_then_the_newest_before_each_renewal(
    history: list[str], window: str, model: ModelSpec, lake: Store, ledger: Ledger
) -> None:
    assert reference_set(model, COLUMNS, FIRST_HELD_OUT, compared(*history), lake, ledger).window == window


def test_the_rows_are_the_same_until_they_are_renewed(model: ModelSpec, lake: Store, ledger: Ledger) -> None:
    def rows(*history: str, first_held_out: str = FIRST_HELD_OUT) -> str:
        found = reference_set(model, COLUMNS, first_held_out, compared(*history), lake, ledger)
        return str(found.table.to_pandas().to_csv())

    assert rows() == rows("2013-01-20") == rows("2013-01-20", first_held_out="2013-02-27")
    renewed = rows("2013-01-20", "2013-01-27", "2013-02-20", first_held_out="2013-02-27")
    assert renewed == rows("2013-01-20", "2013-01-27")
    assert renewed != rows()


def test_it_holds_the_asked_columns_and_a_bounded_sample_in_order(
    model: ModelSpec, lake: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = reference_set(model, COLUMNS, FIRST_HELD_OUT, [], lake, ledger).table
    assert everything.column_names == list(COLUMNS)
    assert everything.num_rows == 7 * 40
    monkeypatch.setattr("include.evaluation.reference_set.ROWS", 100)
    sample = reference_set(model, (*COLUMNS, "bus"), FIRST_HELD_OUT, [], lake, ledger).table
    assert (sample.num_rows, sample.column_names) == (100, list(COLUMNS))
    rows = iter(everything.to_pylist())
    assert all(row in rows for row in sample.to_pylist())

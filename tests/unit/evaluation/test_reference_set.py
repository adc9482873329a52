"""The reference set: the same rows for a while, then other ones, and all of it from what is on record."""

import pytest

from include.evaluation.history import Comparison
from include.evaluation.reference_set import reference_set
from include.lake import Store
from include.ledger import Ledger
from include.spec import ModelSpec
from tests.declared import admit_days, spec

FIRST_HELD_OUT = "2013-02-20"


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
    assert reference_set(model, FIRST_HELD_OUT, compared(*history), lake, ledger).window == window


def test_the_rows_are_the_same_until_they_are_renewed(model: ModelSpec, lake: Store, ledger: Ledger) -> None:
    def rows(*history: str, first_held_out: str = FIRST_HELD_OUT) -> str:
        return reference_set(model, first_held_out, compared(*history), lake, ledger).frame.to_csv()

    assert rows() == rows("2013-01-20") == rows("2013-01-20", first_held_out="2013-02-27")
    renewed = rows("2013-01-20", "2013-01-27", "2013-02-20", first_held_out="2013-02-27")
    assert renewed == rows("2013-01-20", "2013-01-27")
    assert renewed != rows()


def test_it_holds_features_only_and_no_more_than_a_bounded_sample(
    model: ModelSpec, lake: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = reference_set(model, FIRST_HELD_OUT, [], lake, ledger).frame
    assert list(everything.columns) == list(model.features.names)
    assert len(everything) == 7 * 40
    monkeypatch.setattr("include.evaluation.reference_set.ROWS", 100)
    sample = reference_set(model, FIRST_HELD_OUT, [], lake, ledger).frame
    assert len(sample) == 100
    assert sample.index.is_monotonic_increasing

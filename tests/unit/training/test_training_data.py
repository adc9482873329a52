"""The data of a training: admitted partitions of both windows, and what is missing said in words."""

from datetime import date

import pyarrow as pa
import pytest

from include.errors import BadData, NotFound
from include.evaluation.metrics import measure
from include.lake import Store
from include.ledger import Ledger
from include.spec import ModelSpec
from include.training.data import partition_day, partition_key, training_data, window_snapshot
from include.training.fit import fit
from include.training.newest import day_after_newest
from include.training.rows import read_labelled
from include.training.windows import Window
from tests.declared import admit, admit_days, contract, spec, trips

AS_OF = date(2013, 1, 9)


@pytest.fixture
def model() -> ModelSpec:
    return spec(training={"held_out_days": 3, "min_rows": 50})


def test_both_windows_hold_their_own_partitions(lake: Store, ledger: Ledger, model: ModelSpec) -> None:
    keys = admit_days("2013-01-01", 9, lake, ledger)
    found = training_data(model, AS_OF, ledger)
    assert [entry.key for entry in found.training.entries] == keys[:5]
    assert [entry.key for entry in found.held_out.entries] == keys[5:8]
    assert found.training.id != found.held_out.id


def test_a_history_leaves_older_partitions_out(lake: Store, ledger: Ledger) -> None:
    keys = admit_days("2013-01-01", 9, lake, ledger)
    short = spec(training={"held_out_days": 3, "history_days": 5})
    assert [entry.key for entry in training_data(short, AS_OF, ledger).training.entries] == keys[3:5]


def test_a_partition_that_came_again_with_other_rows_is_another_snapshot(
    lake: Store, ledger: Ledger, model: ModelSpec
) -> None:
    admit_days("2013-01-01", 8, lake, ledger)
    before = training_data(model, AS_OF, ledger)
    admit("2013-01-02", lake, ledger, trips(seed=99))
    after = training_data(model, AS_OF, ledger)
    assert (before.training.id != after.training.id, before.held_out.id == after.held_out.id) == (True, True)


def test_a_window_without_partitions_says_what_is_admitted(lake: Store, ledger: Ledger, model: ModelSpec) -> None:
    with pytest.raises(NotFound, match=r"trips has no admitted partition from the beginning .* Admitted: none\."):
        training_data(model, AS_OF, ledger)
    admit_days("2013-01-06", 3, lake, ledger)
    with pytest.raises(NotFound, match=r"to 2013-01-05\. Admitted: 2013-01-06 to 2013-01-08\. Land the missing days"):
        training_data(model, AS_OF, ledger)


def test_a_held_out_window_without_partitions_is_missing_too(lake: Store, ledger: Ledger, model: ModelSpec) -> None:
    admit_days("2013-01-01", 5, lake, ledger)
    with pytest.raises(NotFound, match="no admitted partition from 2013-01-06 to 2013-01-08"):
        training_data(model, AS_OF, ledger)


def test_keys_follow_the_contract_s_format(lake: Store, ledger: Ledger) -> None:
    compact = contract(partition_format="%Y%m%d")
    admit("20130105", lake, ledger, partition_format="%Y%m%d")
    assert partition_key(compact, date(2013, 1, 5)) == "20130105"
    assert partition_day(compact, "20130105") == date(2013, 1, 5)
    found = window_snapshot(compact, Window(date(2013, 1, 5), date(2013, 1, 5)), ledger)
    assert [entry.key for entry in found.entries] == ["20130105"]
    with pytest.raises(NotFound, match="'2013-01-05' is no partition key of trips: keys look like 20130401"):
        partition_day(compact, "2013-01-05")


def test_the_newest_day_to_stand_on_is_the_one_after_the_last_admitted(lake: Store, ledger: Ledger) -> None:
    with pytest.raises(NotFound, match="trips has no admitted partition yet: land some"):
        day_after_newest("trips", "%Y-%m-%d", ledger)
    for number, day in enumerate(("31", "29", "30")):
        admit(f"2013-01-{day}", lake, ledger, trips(seed=number))
    assert day_after_newest("trips", "%Y-%m-%d", ledger) == date(2013, 2, 1)


def test_rows_without_a_label_are_left_out_and_counted_and_each_other_has_its_day(
    lake: Store, ledger: Ledger, model: ModelSpec
) -> None:
    for day, late in (("02", [20.0, None, 1.0]), ("04", [None, 30.0, 2.0]), ("05", [None] * 3)):
        rows = {
            "bus": [1, 2, 3],
            "full": [True, None, False],
            "line": ["red"] * 3,
            "late": pa.array(late, pa.float64()),
        }
        admit(f"2013-01-{day}", lake, ledger, pa.table(rows))
    found = read_labelled(model, window_snapshot(model.contract, Window(None, date(2013, 1, 31)), ledger), lake)
    assert (found.features["bus"].tolist(), found.target.tolist()) == ([1.0, 3.0, 2.0, 3.0], [1.0, 0.0, 1.0, 0.0])
    assert [day.item().day for day in found.days] == [2, 2, 4, 4]
    assert (len(found), found.unlabelled) == (4, 5)


def test_too_few_labelled_rows_are_not_learnt_from(lake: Store, ledger: Ledger) -> None:
    admit_days("2013-01-01", 8, lake, ledger)
    greedy = spec(training={"held_out_days": 3, "min_rows": 1000})
    with pytest.raises(NotFound, match=r"trip_late: 1\d\d labelled rows from .* 2013-01-05, required 1000 \(\d+ rows"):
        fit(greedy, AS_OF, "by hand", lake, ledger, measure)


@pytest.mark.parametrize(("more", "error"), [(0, BadData), (1, NotFound)])
def test_exactly_as_many_rows_as_required_are_enough(
    lake: Store, ledger: Ledger, more: int, error: type[Exception]
) -> None:
    """Their labels are all equal, which is only looked at where there are enough of them."""
    admit_days("2013-01-01", 8, lake, ledger)
    never = spec(target={"column": "late", "above": 500}, training={"held_out_days": 3, "min_rows": 1})
    enough = len(read_labelled(never, training_data(never, AS_OF, ledger).training, lake))
    with pytest.raises(error):
        fit(
            never.model_copy(update={"training": never.training.model_copy(update={"min_rows": enough + more})}),
            AS_OF,
            "by hand",
            lake,
            ledger,
            measure,
        )


def test_a_feature_without_any_value_is_not_learnt_from(lake: Store, ledger: Ledger, model: ModelSpec) -> None:
    for day in range(1, 9):
        rows = trips(seed=day)
        empty = rows.set_column(rows.schema.get_field_index("full"), "full", pa.nulls(rows.num_rows, pa.bool_()))
        admit(f"2013-01-0{day}", lake, ledger, empty)
    with pytest.raises(BadData, match=r"trip_late: full has no value in any row from the beginning to 2013-01-05"):
        fit(model, AS_OF, "by hand", lake, ledger, measure)


def test_labels_that_are_all_the_same_are_not_learnt_from(lake: Store, ledger: Ledger) -> None:
    admit_days("2013-01-01", 8, lake, ledger)
    never = spec(target={"column": "late", "above": 500}, training={"held_out_days": 3, "min_rows": 50})
    with pytest.raises(BadData, match=r"trip_late: all 1\d\d labelled rows .* are 0: .* target\.above"):
        fit(never, AS_OF, "by hand", lake, ledger, measure)


def test_a_class_that_is_the_only_one_is_named(lake: Store, ledger: Ledger) -> None:
    for day in range(1, 9):
        rows = trips(seed=day)
        blue = pa.array(["blue"] * len(rows))
        admit(f"2013-01-0{day}", lake, ledger, rows.set_column(rows.schema.get_field_index("line"), "line", blue))
    lines = spec(
        task="multiclass", target={"column": "line", "classes": ["red", "blue"]}, features={"numeric": ["bus"]},
        training={"held_out_days": 3, "min_rows": 50},
    )  # fmt: skip
    with pytest.raises(BadData, match=r"trip_late: all \d+ labelled rows .* are blue: there is nothing to learn"):
        fit(lines, AS_OF, "by hand", lake, ledger, measure)

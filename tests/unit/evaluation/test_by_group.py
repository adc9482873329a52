"""The evidence by groups: what is measured of whom, and what of it is kept."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import roc_auc_score

from include.evaluation import evidence as stored
from include.evaluation.answers import Answers
from include.evaluation.by_group import columns_of_groups, with_groups
from include.evaluation.coded import Coded
from include.evaluation.evidence import Evidence
from include.evaluation.held_out import HeldOut
from include.lake import Store, profile_table
from include.spec import ModelSpec
from tests.declared import contract, spec, trips
from tests.grouped import evidence

ROWS, DAYS = 1400, 14
DRIVERS = ["ann"] * 6 + ["bob"] * 6 + ["cy", None]


def held_out() -> HeldOut:
    table = trips(ROWS, seed=4).set_column(5, "driver", pa.array(DRIVERS * (ROWS // 14)))
    late = np.random.default_rng(4).random(ROWS) < 0.4
    days = Coded(
        (np.arange(ROWS) * DAYS // ROWS).astype(np.int32), tuple(f"2013-01-{day + 1:02}" for day in range(DAYS))
    )
    return HeldOut(table, late.astype(np.float64), days)


def declared() -> ModelSpec:
    return spec(
        gates={
            "slices": {"columns": ["line"], "min_rows": 5},
            "fairness": {"columns": ["driver", "bus"], "edges": {"bus": [25]}, "min_rows": 200, "min_positives": 20},
        }
    )


def measured(given: ModelSpec) -> Evidence:
    rows = held_out()
    said = np.random.default_rng(5).random((2, ROWS))
    before = evidence(Answers("binary", (), rows.days.codes, rows.target, said[0], said[1]))
    return with_groups(before, given, rows, profile_table(trips(500, seed=2), contract()))


def test_the_columns_of_groups_are_read_though_they_are_no_features() -> None:
    assert columns_of_groups(declared()) == ("line", "driver", "bus")
    assert columns_of_groups(spec()) == ()


def test_declared_columns_are_slices_and_all_features_are_searched() -> None:
    table = measured(declared()).summary.slices
    assert table is not None
    assert [one.name for one in table.slices] == ["line blue", "line red"]
    assert table.weakest is not None
    by_bus, by_full, by_line = 5, 3, 2
    assert table.weakest.compared == 10 + by_bus * by_full + by_bus * by_line + by_full * by_line
    assert table.metric == "auc"


def test_each_side_is_measured_by_its_own_predictions() -> None:
    found = measured(declared())
    blue = held_out().table["line"].to_numpy() == "blue"
    assert found.summary.slices is not None
    one = found.summary.slices.slices[0]
    assert found.champion is not None
    assert one.champion is not None
    assert one.challenger.value == pytest.approx(roc_auc_score(found.target[blue], found.challenger[blue]))
    assert one.champion.value == pytest.approx(roc_auc_score(found.target[blue], found.champion[blue]))
    assert one.challenger.value != pytest.approx(one.champion.value, abs=0.001)


def test_the_groups_of_fairness_are_measured_and_rare_values_are_pooled() -> None:
    columns = measured(declared()).summary.fairness
    assert columns is not None
    assert [one.column for one in columns] == ["driver", "bus"]
    drivers = {group.name: group.rows for group in columns[0].groups}
    assert drivers == {"ann": 600, "bob": 600, "other": 100, "missing": 100}
    assert [group.name for group in columns[1].groups] == ["up to 25", "above 25"]
    assert columns[0].gaps["equal opportunity"] is not None


def test_a_row_keeps_its_slices_but_not_the_groups_of_fairness(lake: Store) -> None:
    found = measured(declared())
    assert list(found.groups) == ["line"]
    assert (
        np.array(found.groups["line"].names)[found.groups["line"].codes] == held_out().table["line"].to_numpy()
    ).all()
    place = stored.save(found, lake)
    rows = pq.read_table(pa.BufferReader(lake.read_bytes(f"{place}/held_out.parquet")))
    assert rows.column_names == ["partition", "target", "group:line", "challenger", "champion"]
    again = stored.load("trip_late", "run-1", lake)
    assert (again.summary.slices, again.summary.fairness) == (found.summary.slices, found.summary.fairness)
    assert again.groups["line"].codes.tolist() == found.groups["line"].codes.tolist()
    told = lake.read_bytes(f"{place}/evidence.json")
    assert b'"ann"' in told
    assert b'"cy"' not in told


def test_a_model_that_declares_nothing_is_searched_all_the_same() -> None:
    found = measured(spec(gates={"slices": {"min_rows": 50}}))
    assert found.summary.slices is not None
    assert found.summary.slices.slices == ()
    assert found.summary.slices.most_harmed is not None
    assert found.summary.fairness == ()
    assert found.groups == {}

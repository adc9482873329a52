"""Requests made of admitted rows: what is sent, what is kept back as the label, and which partition is taken."""

from pathlib import Path

import pytest

from include.errors import NotFound
from include.lake import Store
from include.ledger import Ledger
from include.spec import load_model
from include.traffic import replayed
from tests.declared import LATE, TRIPS, admit, declare, trips


def test_the_newest_partition_is_sent_without_its_labels(models: Path, lake: Store, ledger: Ledger) -> None:
    declare(models, model={**LATE, "serving": {"entity": ["driver"]}}, contract=TRIPS)
    admit("2013-01-01", lake, ledger, trips(seed=1))
    admit("2013-01-02", lake, ledger, table := trips(seed=2))
    found = replayed(load_model("trip_late"), None, lake, ledger)
    assert [set(one.row) for one in found] == [{"bus", "full", "line", "driver"}] * 40
    assert [one.row["bus"] for one in found] == table["bus"].to_pylist()
    assert [one.label for one in found] == table["late"].to_pylist()
    named = replayed(load_model("trip_late"), "2013-01-01", lake, ledger)
    assert [one.row["bus"] for one in named] == trips(seed=1)["bus"].to_pylist()


def test_a_partition_that_is_not_admitted_is_named(models: Path, lake: Store, ledger: Ledger) -> None:
    declare(models, contract=TRIPS)
    with pytest.raises(NotFound, match="no admitted partition 2013-01-09"):
        replayed(load_model("trip_late"), "2013-01-09", lake, ledger)
    with pytest.raises(NotFound, match="trips has no admitted partition: there is nothing to send"):
        replayed(load_model("trip_late"), None, lake, ledger)

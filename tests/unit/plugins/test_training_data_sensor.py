"""Waiting for the newest partition a training would use: not at all, deferred, or in vain."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, TaskDeferred

from include.lake import Store
from include.ledger import Ledger
from plugins.sensors.training_data import AwaitTrainingDataSensor
from plugins.triggers.partition import PartitionJudgedTrigger
from tests.declared import TRIPS, admit, contract, declare, spec


@pytest.fixture
def book(models: Path, lake: Store, ledger: Ledger) -> Ledger:
    declare(models, contract=TRIPS)
    return ledger


TODAY = datetime.now(UTC).date()


def sensor(as_of: str, hours: float = 6, **changes: Any) -> AwaitTrainingDataSensor:
    return AwaitTrainingDataSensor(task_id="t", model=spec(training={"wait_hours": hours}, **changes), as_of=as_of)


def test_the_day_is_given_at_once_where_its_newest_partition_was_judged(
    lake: Store, book: Ledger, context: Any
) -> None:
    admit("2013-03-31", lake, book)
    assert sensor("2013-04-01").execute(context) == "2013-04-01"


def test_it_waits_deferred_for_the_partition_of_the_day_before(lake: Store, book: Ledger, context: Any) -> None:
    admit((TODAY - timedelta(days=2)).isoformat(), lake, book)
    with pytest.raises(TaskDeferred) as caught:
        sensor(TODAY.isoformat()).execute(context)
    trigger = caught.value.trigger
    assert isinstance(trigger, PartitionJudgedTrigger)
    assert (trigger.dataset, trigger.key) == ("trips", (TODAY - timedelta(days=1)).isoformat())
    assert trigger.deadline == pytest.approx(time.time() + 6 * 3600, abs=60)
    assert (caught.value.method_name, caught.value.kwargs) == ("execute_complete", {"as_of": TODAY.isoformat()})


def test_without_patience_it_goes_on_at_once(book: Ledger, context: Any) -> None:
    assert sensor(TODAY.isoformat(), hours=0).execute(context) == TODAY.isoformat()


def test_a_partition_of_long_ago_is_not_waited_for(book: Ledger, context: Any) -> None:
    """The wait ends with the hours after the day itself: what did not come then does not come now."""
    assert sensor("2013-04-01").execute(context) == "2013-04-01"
    with pytest.raises(TaskDeferred):
        sensor((TODAY - timedelta(days=2)).isoformat(), hours=72).execute(context)


def test_without_a_day_it_takes_the_one_after_the_newest_partition(lake: Store, book: Ledger, context: Any) -> None:
    with pytest.raises(AirflowFailException, match="has no admitted partition yet"):
        sensor("").execute(context)
    for key in ("2013-02-28", "2013-02-27"):
        admit(key, lake, book)
    assert sensor("").execute(context) == "2013-03-01"


def test_the_key_it_waits_for_is_written_as_the_contract_does(book: Ledger, context: Any) -> None:
    with pytest.raises(TaskDeferred) as caught:
        sensor(TODAY.isoformat(), contract=contract(partition_format="%Y%m%d")).execute(context)
    assert isinstance(caught.value.trigger, PartitionJudgedTrigger)
    assert caught.value.trigger.key == f"{TODAY - timedelta(days=1):%Y%m%d}"


def test_a_day_that_is_none_fails_without_a_retry(book: Ledger, context: Any) -> None:
    with pytest.raises(AirflowFailException, match="'soon' is no day"):
        sensor("soon").execute(context)


@pytest.mark.parametrize("judged", [True, False])
def test_after_the_wait_it_gives_the_day_and_says_if_the_partition_never_came(
    context: Any, capsys: pytest.CaptureFixture[str], judged: bool
) -> None:
    task = sensor("2013-04-01")
    assert task.execute_complete(context, {"judged": judged}, "2013-04-01") == "2013-04-01"
    assert ("goes on without the partition" in capsys.readouterr().out) != judged

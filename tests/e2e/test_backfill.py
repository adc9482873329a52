"""A range of past days through Airflow's own backfill: cut off, taken up again, in parallel, with no followers."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from include.cli import train
from include.lake import Store
from include.ledger import Ledger
from include.platform import AirflowClient, Platform, start, stop
from include.platform.ports import free_port
from include.platform.records import DagRun
from include.settings import settings
from include.steps import STEPS
from tests.declared import TRIPS, admit_days, declare, trips
from tests.e2e.conftest import forget_foreign
from tests.e2e.test_loop import eventually
from tests.integration.conftest import MODEL
from tests.landing import land

NAME, DAG = "trip_late", "backfill_trips"
FIRST, DAYS, PART = date(2012, 11, 1), 16, 4
KEYS = [(FIRST + timedelta(days=day)).isoformat() for day in range(DAYS)]
LAST, TORN, NEVER_LANDED = date.fromisoformat(KEYS[-1]), KEYS[1], KEYS[-2]
FOLLOWERS = ("score", "watch", "train")  # what an asset event would start


@pytest.fixture
def platform(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Platform]:
    """A platform with one small model; this process's environment points at it."""
    home = tmp_path_factory.mktemp("backfilled")
    folder = declare(models, NAME, model=MODEL, contract=TRIPS)
    with pytest.MonkeyPatch.context() as shell:
        forget_foreign(shell)
        shell.setenv("PERENNIAL_MODELS", str(folder.parent))
        try:
            running = start(home, airflow_port=free_port(), mlflow_port=free_port(), service_port=free_port())
            for name, value in running.environment().items():
                shell.setenv(name, value)
            yield running
        finally:
            stop(home)


@pytest.fixture
def book(platform: Platform) -> Ledger:
    """Its ledger, with forty days and a champion; sixteen earlier days have landed, one torn, one never."""
    store, ledger = Store.open(settings().lake), Ledger.open()
    admit_days("2013-01-01", 40, store, ledger)
    train(NAME, "2013-02-10", "test")
    STEPS["promote"].run(NAME, {"version": "1"})
    for number, key in enumerate(KEYS):
        if key != NEVER_LANDED:
            land(store, key, {"part-0.parquet": b"torn" if key == TORN else trips(seed=number)})
    return ledger


def test_past_days_are_backfilled_once_each_however_often_it_is_cut_off(platform: Platform, book: Ledger) -> None:
    with platform.client() as airflow:
        eventually("the Dag is read", lambda: DAG in {dag.dag_id for dag in airflow.dags()})
        for dag_id in (*(f"{step}_{NAME}" for step in FOLLOWERS), DAG):
            airflow.unpause(dag_id)

        cut_off = airflow.backfill(DAG, FIRST, LAST, most_at_once=2)
        eventually("a part is done", lambda: len(completed(airflow)) >= PART)
        airflow.cancel(cut_off)
        eventually("what ran has ended", lambda: all(run.finished for run in airflow.dag_runs(DAG)))
        before = completed(airflow)
        assert PART <= len(before) < DAYS - 1
        first_time = book.partitions("trips")

        airflow.backfill(DAG, FIRST, LAST, reprocess="failed", most_at_once=4)
        eventually("the rest is done", lambda: newest(airflow).keys() == set(KEYS) and ended(airflow))
        runs = airflow.dag_runs(DAG)
        assert {key: run.state for key, run in newest(airflow).items() if run.state != "success"} == {TORN: "failed"}
        assert {run.partition_key for run in runs if run.run_type == "backfill"} == set(KEYS)
        assert all(sum(run.partition_key == key for run in runs) == 1 for key in before)
        assert at_once(runs) > 1

        said = {one.key: one.status for one in book.partitions("trips") if one.key in KEYS}
        assert said == {key: "quarantined" if key == TORN else "admitted" for key in KEYS if key != NEVER_LANDED}
        assert book.partitions("trips")[: len(first_time)] == first_time
        scored = [one.key for one in book.predictions(NAME)]
        assert scored == [key for key in KEYS if said.get(key) == "admitted"]
        assert [run.dag_id for run in airflow.dag_runs() if run.dag_id != DAG] == []
        assert airflow.asset_events("trips_partition") == []
        assert {run.run_type for run in runs} == {"backfill"}  # nothing ran because the Dag was switched on


def completed(airflow: AirflowClient) -> set[str]:
    return {str(run.partition_key) for run in airflow.dag_runs(DAG) if run.state == "success"}


def newest(airflow: AirflowClient) -> dict[str, DagRun]:
    """The last run of each day."""
    return {str(run.partition_key): run for run in airflow.dag_runs(DAG, order="id")}


def ended(airflow: AirflowClient) -> bool:
    return all(run.finished for run in airflow.dag_runs(DAG))


def at_once(runs: list[DagRun]) -> int:
    """How many runs were under way at the same moment, at most."""
    begun = [run for run in runs if run.start_date and run.end_date and run.state == "success"]
    return max(
        sum(other.start_date <= one.start_date < other.end_date for other in begun)  # type: ignore[operator]
        for one in begun
    )

"""A version goes to its users step by step under the real scheduler, and comes back in one action, under traffic."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from include.cli import train
from include.demo.progress import Progress
from include.lake import Store
from include.ledger import Ledger
from include.platform import AirflowClient, Platform, start, stop
from include.platform.ports import free_port
from include.platform.records import DagRun
from include.settings import settings
from tests.declared import TRIPS, admit_days, declare
from tests.e2e.conftest import forget_foreign
from tests.integration.conftest import MODEL
from tests.traffic import asking

PATIENCE_SECONDS = 900.0  # a release loads a version into the service, asks it, and waits for verdicts
NAME, DAG = "trip_late", "release_trip_late"
RULES = {
    "shadow_requests": 30, "shares": [0.5, 1.0], "min_requests": 30, "min_minutes": 0, "load_requests": 40,
    "load_clients": 2, "worse_errors": 0.5, "other_answers": 0.9, "miss": 0.4,
    "slo": {"p99_ms": 20_000, "error_rate": 0.5},
}  # fmt: skip


@pytest.fixture
def platform(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Platform]:
    """A platform with one small model that is served; this process's environment points at it."""
    home = tmp_path_factory.mktemp("rolled")
    declared = {**MODEL, "release": {"approval": False, "rollout": RULES}}
    folder = declare(models, NAME, model=declared, contract=TRIPS)
    with pytest.MonkeyPatch.context() as shell:
        forget_foreign(shell)
        shell.setenv("PERENNIAL_MODELS", str(folder.parent))
        try:
            running = start(
                home, airflow_port=free_port(), mlflow_port=free_port(), service_port=free_port(), seconds=600
            )
            for name, value in running.environment().items():
                shell.setenv(name, value)
            yield running
        finally:
            stop(home)


def eventually(what: str, done: Callable[[], object]) -> None:
    """Waits until something is true; fails with what it was waiting for."""
    assert Progress().until(lambda: bool(done()), lambda: what, PATIENCE_SECONDS), f"waited in vain: {what}"


def released(airflow: AirflowClient, version: str) -> DagRun:
    """The release of a version, once it has ended."""
    airflow.announce(f"{NAME}_challenger", partition_key=version)
    eventually(f"v{version} is released", lambda: any(run.finished for run in _of(airflow, version)))
    return _of(airflow, version)[0]


def _of(airflow: AirflowClient, version: str) -> list[DagRun]:
    return [run for run in airflow.dag_runs(DAG) if run.partition_key == version]


def states(airflow: AirflowClient, run: DagRun) -> dict[str, str]:
    return {task.task_id: str(task.state) for task in airflow.task_instances(DAG, run.run_id)}


@pytest.mark.timeout(1800)
def test_a_version_reaches_all_users_and_comes_back_while_no_request_fails(platform: Platform) -> None:
    store, ledger = Store.open(settings().lake), Ledger.open()
    admit_days("2013-01-01", 40, store, ledger)
    with platform.client() as airflow:
        eventually("the Dags are read", lambda: {DAG, "roll_back"} <= {dag.dag_id for dag in airflow.dags()})
        airflow.unpause(DAG)
        airflow.unpause("roll_back")
        train(NAME, "2013-02-08", "test")
        first = released(airflow, "1")
        assert set(states(airflow, first).values()) == {"success"}
        train(NAME, "2013-02-10", "test")
        eventually("v1 is served", lambda: any(one.version == "1" for one in ledger.replicas(NAME)))
        with asking(platform.service_url) as traffic:
            second = released(airflow, "2")
            assert set(states(airflow, second).values()) == {"success"}
            champion = ledger.champion(NAME)
            assert champion is not None
            assert champion.version == "2"
            moved = [(one.stage, one.share) for one in ledger.rollouts(NAME) if one.version == "2"]
            assert moved == [
                ("staged", 0), ("tested", 0), ("loaded", 0), ("approved", 0), ("shadow", 0), ("canary", 0.5),
                ("canary", 1.0), ("passed", 1.0), ("promoted", 0),
            ]  # fmt: skip
            run = airflow.trigger("roll_back", conf={"model": NAME, "reason": "the drill"})
            eventually("it is rolled back", lambda: airflow.dag_run("roll_back", run.run_id).finished)
            traffic.forget()
            eventually("v1 answers", lambda: traffic.seen["1"] > 10)
        assert traffic.failed == []
        assert airflow.dag_run("roll_back", run.run_id).state == "success"
    assert store.exists(f"evidence/{NAME}/incidents/3/incident.html")

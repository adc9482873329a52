"""The loop under a real scheduler: partitions land, the champion alias moves, and the pages say so."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from include.demo.flights import load_flights
from include.demo.landing import land
from include.demo.progress import Progress
from include.lake import Store
from include.lake.partitions import landing_zone
from include.ledger import Ledger
from include.platform import AirflowClient, Platform
from include.platform.records import DagRun
from include.settings import settings
from include.spec import load_contract
from tests.e2e.browser import Browser, program
from tests.e2e.conftest import ran

MODEL = "flight_delay"
DAGS = ("ingest_flights", "roll_back", *(f"{step}_{MODEL}" for step in ("request_training", "train", "release")))
FIRST, AS_OF = date(2013, 1, 29), date(2013, 3, 5)
TORN = "2013-02-06"
PATIENCE_SECONDS = 240.0


def eventually(what: str, done: Callable[[], object]) -> None:
    """Waits until something is true; fails with what it was waiting for."""
    assert Progress().until(lambda: bool(done()), lambda: what, PATIENCE_SECONDS), f"waited in vain: {what}"


def finished(airflow: AirflowClient, dag_id: str, key: str) -> list[DagRun]:
    return [run for run in airflow.dag_runs(dag_id) if run.partition_key == key and run.finished]


def test_the_loop_runs_under_a_real_scheduler(at_home: Platform, tmp_path: Path) -> None:
    """Land, admit, quarantine, train, gate, approve, promote, score, watch: all by the scheduler."""
    from include.registry import registry  # noqa: PLC0415 - reads the platform's address

    flights = load_flights(tmp_path)
    zone = landing_zone(load_contract("flights"), Store.open(settings().lake)).uri
    ledger = Ledger.open()
    with at_home.client() as airflow:
        eventually("all Dags are read", lambda: set(DAGS) <= {dag.dag_id for dag in airflow.dags()})
        for dag_id in DAGS:
            airflow.unpause(dag_id)

        keys = [(FIRST + timedelta(days=day)).isoformat() for day in range((AS_OF - FIRST).days)]
        for key in keys:
            land(flights, zone, key, "truncated_file" if key == TORN else None)
        eventually("every partition has its verdict", lambda: set(keys) <= set(ledger.judged_fingerprints("flights")))
        assert [one.key for one in ledger.partitions("flights") if one.status == "quarantined"] == [TORN]
        assert len(ledger.admitted("flights")) == len(keys) - 1
        announced = set(keys) - {TORN}  # by the end of the task that admitted them
        eventually(
            "every admitted partition is announced",
            lambda: announced <= {one.partition_key for one in airflow.asset_events("flights_partition")},
        )
        assert announced == {one.partition_key for one in airflow.asset_events("flights_partition")}

        assert registry.aliased(MODEL, "champion") is None
        airflow.trigger(f"request_training_{MODEL}", partition_key=AS_OF.isoformat())
        eventually("a person is asked", airflow.questions)
        [question] = airflow.questions()
        assert question.subject == f"Make {MODEL} v1 champion?"
        assert "| auc |" in str(question.body)
        assert registry.aliased(MODEL, "champion") is None
        Progress().until(lambda: False, lambda: "a person reads", seconds=4)
        airflow.answer(question, "Approve", params={"reason": "it is good"})
        eventually("the champion alias moves", lambda: registry.aliased(MODEL, "champion") == "1")
        champion = ledger.champion(MODEL)
        assert champion is not None
        assert (champion.version, champion.actor, champion.reason) == ("1", "admin", "it is good")

        for dag_id in (f"score_{MODEL}", f"watch_{MODEL}"):
            airflow.unpause(dag_id)
        day = AS_OF.isoformat()
        land(flights, zone, day)
        eventually("the day is scored and watched", lambda: finished(airflow, f"watch_{MODEL}", day))
        assert [one.key for one in ledger.predictions(MODEL)] == [day]
        [verdict] = ledger.decisions(MODEL, kind="watch", subject=day)
        assert verdict.reason.startswith("ok: no verdict yet, 1 of 7 days")

        run = airflow.trigger("roll_back", conf={"model": MODEL, "reason": "drill"})
        assert airflow.wait("roll_back", run.run_id, PATIENCE_SECONDS).state == "failed"
        tasks = {task.task_id: task for task in airflow.task_instances("roll_back", run.run_id)}
        refused = tasks.pop("roll_back")
        assert "is the first champion: there is no earlier one to roll back to" in airflow.task_log(refused)
        assert {name: task.state for name, task in tasks.items()} == {"tell_incident": "upstream_failed"}
        _pages(at_home, airflow, day)
        _evidence(at_home, airflow)


def _evidence(platform: Platform, airflow: AirflowClient) -> None:
    """What the links of admitted and of quarantined partitions open."""
    runs = airflow.dag_runs("ingest_flights")
    tasks = [task for run in runs for task in airflow.task_instances("ingest_flights", run.run_id)]
    judged = {task.rendered_map_index: task for task in tasks if task.task_id == "admit_partition"}
    with httpx.Client(base_url=platform.airflow_url, cookies={"_token": airflow.token}) as person:
        opened = {key: person.get(airflow.links(judged[key])["Evidence"]).text for key in (FIRST.isoformat(), TORN)}
    assert "Data documentation compiled by Great Expectations" in opened[FIRST.isoformat()]
    assert f"flights {TORN} was quarantined" in opened[TORN]


def _pages(platform: Platform, airflow: AirflowClient, day: str) -> None:
    """What a logged-in person gets, and a stranger does not."""
    report = f"/perennial/files/evidence/{MODEL}/watch/{day}/report.html"
    pages = {
        "/perennial/board": TORN,
        f"/perennial/board/{MODEL}": "it is good",
        report: "Drift in column",
        "/perennial/metrics": f'perennial_tier{{model="{MODEL}"}} 0.0',
    }
    with httpx.Client(base_url=platform.airflow_url) as stranger:
        assert [stranger.get(page).status_code for page in pages] == [401, 401, 401, 401]
    with httpx.Client(base_url=platform.airflow_url, cookies={"_token": airflow.token}) as person:
        for page, expected in pages.items():
            assert expected in person.get(page).text
    chromium = program()
    ran.browser = chromium or "none was found: pages were read over HTTP alone"
    if chromium:
        with Browser(chromium) as browser:
            browser.login(platform.airflow_url, airflow.token)
            assert MODEL in browser.open(f"{platform.airflow_url}/plugin/models", wait_for="Datasets")
            assert "it is good" in browser.open(f"{platform.airflow_url}/perennial/board/{MODEL}", wait_for="Champions")
            browser.open(f"{platform.airflow_url}{report}", wait_for="Drift in column")


@pytest.mark.parametrize("path", ["admitted/flights", "../ledger.db", "evidence/../admitted", "landing/flights"])
def test_data_is_not_served_to_anybody(at_home: Platform, path: str) -> None:
    with at_home.client() as airflow:
        cookies = {"_token": airflow.token}
        answer = httpx.get(f"{at_home.airflow_url}/perennial/files/{path}", cookies=cookies)
    assert answer.status_code == 404

"""A step as a task: its ends become Airflow's ends, its announcements partition keys."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include.errors import Outage
from include.evaluation import evidence
from include.lake import Store
from include.ledger import Ledger
from plugins.links.step_links import EvidenceLink, MlflowRunLink, TimelineLink
from plugins.operators.step import StepOperator, heavy_step
from tests.declared import TRIPS, declare, spec
from tests.evaluations import held_out
from tests.landing import land

KEY: Any = None  # links do not look at it
ASK: dict[str, str | None] = {"as_of": "2013-04-01", "reason": "drift", "actor": "watch"}
ASKED = "trip_late: training as of 2013-04-01 requested: drift"


@pytest.fixture
def book(models: Path, lake: Store, ledger: Ledger) -> Ledger:
    declare(models, contract=TRIPS)
    return ledger


def operator(step: str, arguments: dict[str, str | None] | None = None, target: str = "trip_late") -> StepOperator:
    return StepOperator(task_id="t", step=step, target=target, arguments=arguments)


def test_an_unknown_step_is_refused_when_the_dag_is_read() -> None:
    with pytest.raises(ValueError, match=r"No step 'fly'\. Steps: find, admit, judge-quarantined"):
        operator("fly")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [({**ASK, "reson": "x"}, "has no argument 'reson'"), ({"reason": "x"}, "'request-training' needs as_of")],
)
def test_arguments_that_do_not_fit_are_refused_when_the_dag_is_read(
    arguments: dict[str, str | None], problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        operator("request-training", arguments)


def test_target_and_arguments_are_templates() -> None:
    assert set(StepOperator.template_fields) == {"target", "arguments"}


def test_what_a_step_announces_become_keys_of_the_asset_event(book: Ledger, context: Any) -> None:
    assert operator("request-training", ASK).execute(context) == {}
    assert context.event.partition_keys == {"2013-04-01"}
    assert context.event.extra == {"sentence": ASKED}
    assert context.pushed == {"sentence": ASKED}
    assert [one.actor for one in book.decisions("trip_late")] == ["watch"]


def test_facts_ride_on_the_event_and_are_what_the_next_task_reads(book: Ledger, context: Any) -> None:
    assert operator("reject", {"version": "4", "reason": "no", "actor": "ann"}).execute(context) == {"version": "4"}
    assert context.event.extra["version"] == "4"
    assert context.event.partition_keys == set()


def test_a_step_with_followers_gives_their_arguments(book: Ledger, lake: Store, context: Any) -> None:
    for key in ("2013-01-01", "2013-01-02"):
        land(lake, key)
    assert operator("find", target="trips").execute(context) == [{"key": "2013-01-01"}, {"key": "2013-01-02"}]


def test_nothing_to_do_is_skipped_with_its_reason(book: Ledger, context: Any) -> None:
    with pytest.raises(AirflowSkipException, match="everything that landed is judged"):
        operator("find", target="trips").execute(context)
    assert "everything that landed is judged" in context.pushed["sentence"]
    assert context.event.partition_keys == set()


def test_what_is_not_found_fails_without_a_retry(book: Ledger, context: Any) -> None:
    with pytest.raises(AirflowFailException, match="No model 'boats'"):
        operator("request-training", ASK, target="boats").execute(context)
    assert "Models: trip_late" in context.pushed["sentence"]


def test_a_broken_spec_fails_without_a_retry(models: Path, ledger: Ledger, context: Any) -> None:
    declare(models, model="owner: [", contract=TRIPS)
    with pytest.raises(AirflowFailException, match=r"model\.yaml"):
        operator("request-training", ASK).execute(context)


def test_bad_data_fails_without_a_retry_and_links_to_its_evidence(book: Ledger, lake: Store, context: Any) -> None:
    evidence.save(held_out(np.zeros(4), np.array([0.1, 0.2, 0.3, 0.4])), lake)
    task = operator("gate", {"run": "run-1", "gate": "absolute_floor"})
    with pytest.raises(AirflowFailException, match="auc could not be measured"):
        task.execute(context)
    place = "evidence/trip_late/run-1/gate-absolute_floor.json"
    assert lake.exists(place)
    assert EvidenceLink().get_link(task, ti_key=KEY) == f"/perennial/files/{place}"
    assert [one.outcome for one in book.decisions("trip_late", kind="gate")] == ["error"]


@pytest.mark.parametrize(("said", "passes"), [([0.1, 0.2, 0.8, 0.9], True), ([0.9, 0.8, 0.2, 0.1], False)])
def test_a_gate_that_refuses_is_skipped_and_one_that_passes_is_not(
    book: Ledger, lake: Store, context: Any, said: list[float], passes: bool
) -> None:
    evidence.save(held_out(np.array([0.0, 0, 1, 1]), np.array(said)), lake)
    task = operator("gate", {"run": "run-1", "gate": "absolute_floor"})
    if passes:
        assert task.execute(context) == {"checks": 1}
    else:
        with pytest.raises(AirflowSkipException, match=r"auc 0\.0000, required >= 0\.55"):
            task.execute(context)
    assert [one.outcome for one in book.decisions("trip_late", kind="gate")] == ["pass" if passes else "fail"]
    assert task.reported_evidence == "evidence/trip_late/run-1/gate-absolute_floor.json"


def test_an_outage_is_raised_as_it_is_so_that_it_is_retried(
    models: Path, monkeypatch: pytest.MonkeyPatch, context: Any
) -> None:
    declare(models, contract=TRIPS)
    monkeypatch.setenv("PERENNIAL_LEDGER_URL", "postgresql+psycopg2://nobody@127.0.0.1:1/none?connect_timeout=1")
    with pytest.raises(Outage, match=r"127\.0\.0\.1"):
        operator("request-training", ASK).execute(context)
    assert "127.0.0.1" in context.pushed["sentence"]


def test_without_an_outlet_nothing_is_announced(book: Ledger, context: Any) -> None:
    context["outlets"] = []
    assert operator("request-training", ASK).execute(context) == {}
    assert len(context["outlet_events"]) == 0


def test_links_are_empty_until_a_step_reports_something(context: Any) -> None:
    task = operator("find")
    links = {link.name: link.get_link(task, ti_key=KEY) for link in (MlflowRunLink(), EvidenceLink())}
    assert links == {"MLflow run": "", "Evidence": ""}
    task.reported_links = {"MLflow run": "http://mlflow/r"}
    assert MlflowRunLink().get_link(task, ti_key=KEY) == "http://mlflow/r"


def test_a_step_on_a_model_links_to_its_time_line_and_one_on_a_dataset_to_none() -> None:
    found = TimelineLink().get_link(operator("assess", {"key": "2013-01-01"}), ti_key=KEY)
    assert found == "/perennial/board/trip_late#timeline"
    assert TimelineLink().get_link(operator("find", target="trips"), ti_key=KEY) == ""


@pytest.mark.parametrize("place", ["local", "kubernetes"])
def test_a_heavy_step_runs_where_the_model_says(place: str) -> None:
    pod = {"kubernetes": {"image": "perennial:1"}}
    model = spec(training={"place": "local" if place == "local" else pod})
    made: Any = heavy_step(model, step="fit", task_id="fit", arguments={"as_of": "{{ day }}"})
    assert type(made).__name__ == ("StepOperator" if place == "local" else "StepPodOperator")
    assert (made.task_id, made.step, made.target) == ("fit", "fit", "trip_late")
    assert {link.name for link in made.operator_extra_links} >= {"MLflow run", "Evidence", "Time line"}

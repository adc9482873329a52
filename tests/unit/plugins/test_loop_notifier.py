"""A task's end as Airflow tells it: over real SMTP and HTTP, once, and never to the task's harm."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException
from airflow.sdk.execution_time.task_runner import _run_task_state_change_callbacks
from structlog import get_logger
from structlog.testing import capture_logs

from include.alerts import tell
from include.ledger import Ledger, PartitionRecord
from include.spec import ModelSpec
from plugins.notifiers.loop import LoopNotifier, telling
from plugins.operators.step import StepOperator
from tests.declared import contract, spec
from tests.notices import notice
from tests.receivers import Mails, Posts, mail_server, webhook_receiver

AIRFLOW = "http://airflow.example:8080"
SECRET = "T0/B0/not-for-the-ledger"


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mails]:
    with mail_server() as kept:
        extra = "disable_tls=true&disable_ssl=true&from_email=perennial%40example.org&retry_limit=1"
        monkeypatch.setenv("AIRFLOW_CONN_MAIL", f"smtp://127.0.0.1:{kept.port}/?{extra}")
        yield kept


@pytest.fixture
def posts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Posts]:
    with webhook_receiver() as kept:
        monkeypatch.setenv("AIRFLOW_CONN_PAGER", f"http://:token-1@127.0.0.1:{kept.port}/http")
        slack = {"conn_type": "http", "host": f"http://127.0.0.1:{kept.port}/services", "password": SECRET}
        monkeypatch.setenv("AIRFLOW_CONN_CHAT", str(slack).replace("'", '"'))
        yield kept


@pytest.fixture(autouse=True)
def address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", AIRFLOW)


def model(**channel: Any) -> ModelSpec:
    return spec(alerts={"ops": channel})


MAIL = {"kind": "email", "connection": "mail", "to": ["ops@example.org", "ann@example.org"]}
PAGER = {"kind": "webhook", "connection": "pager"}
CHAT = {"kind": "slack", "connection": "chat"}


def ended(context: Any, problem: str = "", task: str = "score", key: str = "2013-01-09") -> dict[str, Any]:
    """The context of a task that has ended, as its callbacks get it."""
    operator = StepOperator(task_id=task, step="score", target="trip_late", arguments={"key": key})
    operator.reported_evidence = "evidence/trip_late/why.json"
    ti = context["ti"]
    ti.dag_id, ti.task_id, ti.log_url = "score_trip_late", task, f"{AIRFLOW}/log"
    return {**context, "task": operator, **({"exception": AirflowFailException(problem)} if problem else {})}


def end(spec: Any, context: Any, problem: str = "", **changes: Any) -> None:
    """Calls what Airflow calls."""
    calls = telling(spec)["on_failure_callback" if problem else "on_success_callback"]
    for call in calls:
        call(ended(context, problem, **changes))


def deliveries(ledger: Ledger, about: str = "trip_late") -> list[str]:
    return [one.outcome for one in ledger.decisions(about, kind="delivery")]


def test_a_failed_task_is_mailed_once_and_so_is_its_recovery(ledger: Ledger, mails: Mails, context: Any) -> None:
    declared = model(**MAIL)
    for problem in ("MLflow did not answer", "MLflow did not answer", "", ""):
        end(declared, context, problem)
    assert [one["Subject"] for one in mails.messages] == [
        "[alert] trip_late: task score_trip_late.score", "[recovered] trip_late: task score_trip_late.score",
    ]  # fmt: skip
    assert mails.to == [["ops@example.org", "ann@example.org"]] * 2
    assert mails.messages[0]["From"] == "perennial@example.org"
    body = mails.messages[0].get_payload()[0].get_content()  # type: ignore[index, union-attr]
    assert "score_trip_late.score of 2013-01-09 failed: MLflow did not answer" in body
    assert f'href="{AIRFLOW}/perennial/files/evidence/trip_late/why.json"' in body
    assert f'href="{AIRFLOW}/log"' in body
    assert f'href="{AIRFLOW}/perennial/board/trip_late"' in body


def test_a_task_that_ends_well_is_no_news(ledger: Ledger, mails: Mails, context: Any) -> None:
    end(model(**MAIL), context)
    assert mails.messages == []
    assert ledger.decisions("trip_late") == []


def test_any_end_sends_what_the_step_had_to_tell(ledger: Ledger, posts: Posts, context: Any) -> None:
    tell(notice("critical", sentence="drift of bus 0.50"), ledger)
    end(model(**PAGER), context)
    [body] = posts.bodies
    assert (body["headline"], body["status"]) == ("[critical] trip_late: drift", "firing")
    assert body["sentence"] == "drift of bus 0.50"
    assert posts.headers[0]["Authorization"] == "Bearer token-1"


def test_slack_gets_a_message_at_its_secret_address(ledger: Ledger, posts: Posts, context: Any) -> None:
    end(model(**CHAT), context, "no disk")
    assert posts.paths == [f"/services/{SECRET}"]
    assert posts.bodies[0]["text"].startswith("*[alert] trip_late: task score_trip_late.score*\n")


@pytest.mark.parametrize("channel", [PAGER, CHAT], ids=["webhook", "slack"])
def test_a_receiver_that_refuses_is_seen_and_told_again_without_its_secret(
    ledger: Ledger, posts: Posts, context: Any, channel: dict[str, Any]
) -> None:
    posts.status = 403
    end(model(**channel), context, "no disk")
    assert deliveries(ledger) == ["sending", "failed"]
    reason = ledger.decisions("trip_late", kind="delivery")[-1].reason
    assert reason == f"Outage: 127.0.0.1:{posts.port} answered 403 to the alert: no_team"
    posts.status = 200
    end(model(**channel), context, "no disk")
    assert deliveries(ledger)[-1] == "sent"


@pytest.mark.parametrize("channel", [MAIL, PAGER, CHAT], ids=["email", "webhook", "slack"])
def test_a_server_that_is_away_harms_nobody_and_is_on_record(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, context: Any, channel: dict[str, Any]
) -> None:
    extra = "?disable_tls=true&disable_ssl=true&from_email=a%40b&retry_limit=1"
    for name, tail in (("MAIL", extra), ("PAGER", "http"), ("CHAT", "http")):
        monkeypatch.setenv(f"AIRFLOW_CONN_{name}", f"http://:{SECRET.replace('/', '%2F')}@127.0.0.1:1/{tail}")
    end(model(**channel), context, "no disk")
    assert deliveries(ledger) == ["sending", "failed"]
    assert SECRET not in ledger.decisions("trip_late", kind="delivery")[-1].reason


def test_a_recipient_nobody_knows_is_on_record(ledger: Ledger, mails: Mails, context: Any) -> None:
    mails.refuse = True
    end(model(**MAIL), context, "no disk")
    assert deliveries(ledger) == ["sending", "failed"]
    assert "nobody lives here" in ledger.decisions("trip_late", kind="delivery")[-1].reason


def test_a_connection_that_is_not_there_is_on_record(ledger: Ledger, context: Any) -> None:
    end(model(kind="webhook", connection="no_such"), context, "no disk")
    assert deliveries(ledger) == ["sending", "failed"]
    assert "no_such" in ledger.decisions("trip_late", kind="delivery")[-1].reason


def test_a_ledger_that_is_away_is_logged_and_the_task_ends_as_it_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, context: Any
) -> None:
    monkeypatch.setenv("PERENNIAL_LEDGER_URL", f"sqlite:///{tmp_path}/none.db")
    operator = StepOperator(task_id="t", step="score", target="m", arguments={"key": "k"}, **telling(model(**MAIL)))
    with capture_logs() as said:
        _run_task_state_change_callbacks(operator, "on_failure_callback", context, get_logger())
    assert [one["event"] for one in said if one.get("kind")] == ["Failed to run task callback"]


@pytest.mark.parametrize(("status", "told"), [("quarantined", []), ("admitted", ["task score_trip_late.admit"])])
def test_a_red_task_of_a_quarantined_day_is_not_told_twice(
    ledger: Ledger, context: Any, status: Any, told: list[str]
) -> None:
    """The step tells of the quarantine; that its task is red says the same once more."""
    ledger.record_partition(PartitionRecord(dataset="trips", key="2013-01-09", fingerprint="f", status=status))
    end(contract(), context, "line: unknown", task="admit")
    assert [one.subject for one in ledger.decisions("trips", kind="alert")] == told


def test_every_end_of_a_task_is_listened_to() -> None:
    calls = telling(spec())
    assert {name: [type(one) for one in found] for name, found in calls.items()} == {  # type: ignore[attr-defined]
        "on_failure_callback": [LoopNotifier], "on_success_callback": [LoopNotifier],
        "on_skipped_callback": [LoopNotifier],
    }  # fmt: skip

"""The client against a small HTTP server that answers as Airflow does."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from include.errors import Conflict, NotFound, Outage, PerennialError
from include.platform.client import AirflowClient
from include.platform.ports import free_port

Answer = tuple[int, Any]
RUN = {
    "dag_id": "train",
    "dag_run_id": "run-1",
    "state": "running",
    "run_type": "manual",
    "partition_key": "2013-01-31",
}
TASK = {
    "dag_id": "release",
    "dag_run_id": "run-1",
    "task_id": "approve",
    "map_index": -1,
    "state": "awaiting_input",
    "try_number": 1,
}


class Airflow:
    """A server with scripted answers that keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, list[str]], Any]] = []
        self.answers: dict[tuple[str, str], Callable[[], Answer]] = {}
        self.tokens = iter(["old", "new", "newest"])
        self.valid = {"old", "new", "newest"}
        airflow = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = json.loads(self.rfile.read(length)) if length else None
                token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                status, answer = airflow.answer(self.command, self.path, body, token)
                payload = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            do_GET = do_POST = do_PATCH = handle_any  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def on(self, method: str, path: str, *answers: Answer) -> None:
        """Answer the first request with the first answer, and so on; the last one stays."""
        left = list(answers)
        self.answers[method, path] = lambda: left.pop(0) if len(left) > 1 else left[0]

    def answer(self, method: str, target: str, body: Any, token: str) -> Answer:
        url = urlsplit(target)
        if url.path == "/auth/token":
            right = body == {"username": "admin", "password": "right"}
            return (201, {"access_token": next(self.tokens)}) if right else (401, {"detail": "Invalid credentials"})
        self.asked.append((method, url.path, parse_qs(url.query), body))
        if token not in self.valid and url.path != "/api/v2/monitor/health":
            return 401, {"detail": "Invalid JWT token"}
        return self.answers.get((method, url.path), lambda: (404, {"detail": "no such thing"}))()


@pytest.fixture
def airflow() -> Iterator[Airflow]:
    server = Airflow()
    thread = Thread(target=server.server.serve_forever)
    thread.start()
    yield server
    server.server.shutdown()
    thread.join()
    server.server.server_close()


@pytest.fixture
def client(airflow: Airflow) -> Iterator[AirflowClient]:
    with AirflowClient(airflow.url, "admin", "right") as session:
        yield session


def test_an_expired_token_is_replaced_and_the_request_repeated(airflow: Airflow, client: AirflowClient) -> None:
    airflow.on("GET", "/api/v2/dags/train/dagRuns/run-1", (200, RUN))
    assert client.dag_run("train", "run-1").state == "running"
    airflow.valid = {"new"}
    assert client.dag_run("train", "run-1").partition_key == "2013-01-31"
    assert len(airflow.asked) == 3


def test_a_wrong_password_names_the_user_and_the_way_out(airflow: Airflow) -> None:
    with (
        AirflowClient(airflow.url, "admin", "wrong") as session,
        pytest.raises(PerennialError, match=r"refused the password of user 'admin'.*make status"),
    ):
        session.dags()


def test_a_server_that_does_not_listen_is_an_outage_that_says_make_up() -> None:
    with (
        AirflowClient(f"http://127.0.0.1:{free_port()}", "admin", "right") as session,
        pytest.raises(Outage, match=r"does not answer .*make up"),
    ):
        session.health()


@pytest.mark.parametrize(
    ("status", "error"), [(400, PerennialError), (403, PerennialError), (404, NotFound), (409, Conflict), (503, Outage)]
)
def test_a_refusal_is_the_error_one_can_decide_on(
    airflow: Airflow, client: AirflowClient, status: int, error: type[PerennialError]
) -> None:
    airflow.on("POST", "/api/v2/dags/train/dagRuns", (status, {"detail": "because"}))
    with pytest.raises(
        PerennialError, match=f"POST /api/v2/dags/train/dagRuns as user 'admin': {status} because"
    ) as got:
        client.trigger("train")
    assert type(got.value) is error


def test_a_proxy_in_the_environment_is_not_used_for_this_machine(
    airflow: Airflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    airflow.on("GET", "/api/v2/dags/train/dagRuns/run-1", (200, RUN))
    with AirflowClient(airflow.url, "admin", "right") as session:
        assert session.dag_run("train", "run-1").run_id == "run-1"


def test_a_run_of_one_partition_is_triggered_by_key_and_without_a_logical_date(
    airflow: Airflow, client: AirflowClient
) -> None:
    airflow.on("POST", "/api/v2/dags/train/dagRuns", (200, RUN))
    client.trigger("train", {"reason": "test"}, partition_key="2013-01-31")
    client.trigger("train")
    first, second = (body for *_, body in airflow.asked)
    assert first == {"logical_date": None, "conf": {"reason": "test"}, "partition_key": "2013-01-31"}
    assert second == {"logical_date": None, "conf": {}}


def test_long_answers_are_read_page_by_page(airflow: Airflow, client: AirflowClient) -> None:
    pages = [[{**TASK, "map_index": index} for index in indices] for indices in (range(100), range(100, 130))]
    path = "/api/v2/dags/release/dagRuns/run-1/taskInstances"
    airflow.on("GET", path, *((200, {"task_instances": page, "total_entries": 130}) for page in pages))
    assert [task.map_index for task in client.task_instances("release", "run-1")] == list(range(130))
    assert [query["offset"] for _, _, query, _ in airflow.asked] == [["0"], ["100"]]


def test_waiting_returns_the_run_once_it_has_ended(airflow: Airflow, client: AirflowClient) -> None:
    path = "/api/v2/dags/train/dagRuns/run-1"
    airflow.on("GET", path, (200, {**RUN, "state": "queued"}), (200, RUN), (200, {**RUN, "state": "failed"}))
    assert client.wait("train", "run-1", timeout=5, poll=0).state == "failed"


def test_waiting_too_long_says_where_the_run_stands(airflow: Airflow, client: AirflowClient) -> None:
    airflow.on("GET", "/api/v2/dags/train/dagRuns/run-1", (200, RUN))
    tasks = {"task_instances": [TASK], "total_entries": 1}
    airflow.on("GET", "/api/v2/dags/train/dagRuns/run-1/taskInstances", (200, tasks))
    with pytest.raises(Outage, match=rf"still running after 0 s \(approve awaiting_input\).*{airflow.url}/dags/train"):
        client.wait("train", "run-1", timeout=0, poll=0)


def test_health_needs_no_login_and_knows_each_heartbeat(airflow: Airflow, client: AirflowClient) -> None:
    beat = "2026-01-01T00:00:00+00:00"
    airflow.on(
        "GET",
        "/api/v2/monitor/health",
        (
            200,
            {
                "metadatabase": {"status": "healthy"},
                "scheduler": {"status": "healthy", "latest_scheduler_heartbeat": beat},
                "triggerer": {"status": None, "latest_triggerer_heartbeat": None},
                "dag_processor": {"status": "unhealthy", "latest_dag_processor_heartbeat": beat},
            },
        ),
    )
    airflow.valid = set()
    health = client.health()
    assert health.scheduler.healthy
    assert health.scheduler.heartbeat == datetime(2026, 1, 1, tzinfo=UTC)
    assert not health.triggerer.healthy
    assert not health.dag_processor.healthy


def test_an_asset_event_is_posted_by_the_assets_name(airflow: Airflow, client: AirflowClient) -> None:
    assets = [
        {"id": 1, "name": "flights_partition_old", "uri": "x"},
        {"id": 2, "name": "flights_partition", "uri": "y"},
    ]
    airflow.on("GET", "/api/v2/assets", (200, {"assets": assets}))
    airflow.on("POST", "/api/v2/assets/events", (200, {}))
    client.announce("flights_partition", "2013-01-31", {"rows": 3})
    assert airflow.asked[-1][3] == {"asset_id": 2, "partition_key": "2013-01-31", "extra": {"rows": 3}}
    with pytest.raises(NotFound, match="no asset 'flights'"):
        client.announce("flights")


def test_a_question_is_listed_and_answered(airflow: Airflow, client: AirflowClient) -> None:
    question = {"subject": "Promote?", "options": ["Approve", "Reject"], "created_at": "2026-01-01T00:00:00Z"}
    found = {"hitl_details": [{**question, "task_instance": TASK}]}
    airflow.on("GET", "/api/v2/dags/~/dagRuns/~/hitlDetails", (200, found))
    answering = "/api/v2/dags/release/dagRuns/run-1/taskInstances/approve/-1/hitlDetails"
    airflow.on("PATCH", answering, (200, {}))
    client.answer(client.questions()[0], "Approve", params={"reason": "better"})
    assert airflow.asked[-1][3] == {"chosen_options": ["Approve"], "params_input": {"reason": "better"}}


def test_a_backfill_reaches_to_the_end_of_its_last_day(airflow: Airflow, client: AirflowClient) -> None:
    """Airflow compares the bounds with the hour of the schedule: midnight would leave out the last day's run."""
    made = {"id": 1, "dag_id": "score", "from_date": "2013-01-01T00:00:00Z", "to_date": "2013-01-02T23:59:59Z"}
    airflow.on("POST", "/api/v2/backfills", (200, made))
    assert client.backfill("score", date(2013, 1, 1), date(2013, 1, 2)).id == 1
    body = airflow.asked[-1][3]
    assert body["from_date"] == "2013-01-01T00:00:00+00:00"
    assert body["to_date"] == "2013-01-02T23:59:59.999999+00:00"

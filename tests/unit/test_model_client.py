"""The client: what it sends, what it makes of refusals, and what it asks again. The service is a real HTTP server."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from include.client import (
    Failed,
    ModelClient,
    NotAllowed,
    NotServed,
    Prediction,
    Problem,
    Refused,
    ServiceError,
    Unavailable,
)
from include.platform.ports import free_port

ANSWER = {"predictions": [0.25], "prediction_ids": ["a-1"], "model_versions": ["3"]}
HANG_UP = 0  # in the place of a status: the request is read, and the connection ends


@dataclass
class Said:
    """What the server is to say, one after the other, the last one again and again; and what it was asked."""

    answers: list[tuple[int, Any]] = field(default_factory=lambda: [(200, ANSWER)])
    asked: list[tuple[str, str, Any, dict[str, str]]] = field(default_factory=list)
    address: str = ""


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        said: Said = self.server.said  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        said.asked.append((self.command, self.path, json.loads(body) if body else None, headers))
        status, answer = said.answers.pop(0) if len(said.answers) > 1 else said.answers[0]
        if status == HANG_UP:
            self.close_connection = True
            return
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.send_header("x-request-id", "of-the-service")
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def said() -> Iterator[Said]:
    kept = Said()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.said = kept  # type: ignore[attr-defined]
        kept.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield kept
        server.shutdown()
        thread.join()


@pytest.fixture
def model(said: Said) -> Iterator[ModelClient]:
    with ModelClient(said.address, "trip_late", key="secret", tries=3) as client:
        yield client


def rows_sent(said: Said) -> Any:
    return said.asked[-1][2]["dataframe_records"]


def test_a_row_is_sent_with_the_key_and_comes_back_with_id_and_version(said: Said, model: ModelClient) -> None:
    assert model.predict({"bus": 7, "line": "red"}, request="mine") == [Prediction("a-1", "3", 0.25)]
    method, path, body, headers = said.asked[0]
    assert (method, path) == ("POST", "/v2/models/trip_late/invocations")
    assert body == {"dataframe_records": [{"bus": 7, "line": "red"}]}
    assert (headers["authorization"], headers["x-request-id"]) == ("Bearer secret", "mine")


def test_of_classes_each_probability_comes_too(said: Said, model: ModelClient) -> None:
    said.answers = [(200, {**ANSWER, "predictions": ["big"], "probabilities": [{"big": 0.75, "small": 0.25}]})]
    [answer] = model.predict([{"bus": 7}], version="2")
    assert (answer.value, answer.probabilities) == ("big", {"big": 0.75, "small": 0.25})
    assert said.asked[0][1] == "/v2/models/trip_late/versions/2/invocations"


MOMENT = datetime(2013, 4, 1, 12, tzinfo=UTC)
FRAME = pd.DataFrame({"bus": [1.5, np.nan], "line": ["red", None], "at": [pd.Timestamp(MOMENT), pd.NaT]})
WANTED = [
    {"bus": 1.5, "line": "red", "at": "2013-04-01T12:00:00+00:00"},
    {"bus": None, "line": None, "at": None},
]


@pytest.mark.parametrize(
    "rows",
    [
        FRAME,
        pa.table({"bus": [1.5, None], "line": ["red", None], "at": pa.array([MOMENT, None])}),
        [
            {"bus": np.float64(1.5), "line": "red", "at": MOMENT},
            {"bus": float("nan"), "line": pd.NA, "at": np.datetime64("NaT")},
        ],
    ],
    ids=["pandas", "Arrow", "a list of scalars"],
)
def test_rows_of_any_kind_are_sent_as_the_service_takes_them(said: Said, model: ModelClient, rows: Any) -> None:
    said.answers = [(200, {"predictions": [1, 2], "prediction_ids": ["a", "b"], "model_versions": ["3", "3"]})]
    assert [one.id for one in model.predict(rows)] == ["a", "b"]
    assert rows_sent(said) == WANTED


@pytest.mark.parametrize("cell", [float("inf"), [1, 2], object()])
def test_what_is_no_json_is_refused_before_it_is_sent(said: Said, model: ModelClient, cell: object) -> None:
    with pytest.raises(Refused, match=r"row 1, bus = ") as caught:
        model.predict([{"bus": 1}, {"bus": cell}])
    assert [(one.row, one.column) for one in caught.value.problems] == [(1, "bus")]
    assert said.asked == []


def test_a_refusal_names_row_column_value_and_rule(said: Said, model: ModelClient) -> None:
    told = {"row": 1, "column": "bus", "value": 0, "rule": "min: 1"}
    said.answers = [(422, {"error": "refused: no row of the request is answered", "problems": [told]})]
    with pytest.raises(Refused, match=r"refused: no row .*; row 1, bus = 0: min: 1") as caught:
        model.predict([{"bus": 1}, {"bus": 0}])
    assert caught.value.problems == (Problem(**told),)  # type: ignore[arg-type]
    assert (caught.value.status, caught.value.request) == (422, "of-the-service")
    assert len(said.asked) == 1


def test_a_label_that_is_refused_is_named_by_its_place(said: Said, model: ModelClient) -> None:
    told = {
        "loc": ["body", "labels", 1, "prediction_id"],
        "msg": "String should have at least 3 characters",
        "input": "b",
    }
    said.answers = [(422, {"detail": [told]})]
    with pytest.raises(Refused) as caught:
        model.feedback({"a-1": 1, "b": 2})
    assert caught.value.problems == (Problem(1, "prediction_id", "b", "String should have at least 3 characters"),)


KINDS: list[tuple[int, type[ServiceError]]] = [
    (400, Refused), (401, NotAllowed), (403, NotAllowed), (404, NotServed), (408, Unavailable), (413, Refused),
    (422, Refused), (500, Failed), (502, Failed), (503, Unavailable), (504, Failed),
]  # fmt: skip


@pytest.mark.parametrize(("status", "kind"), KINDS)
def test_each_end_is_an_exception_of_its_own(said: Said, status: int, kind: type[ServiceError]) -> None:
    said.answers = [(status, {"error": "because"})]
    with (
        ModelClient(said.address, "trip_late", tries=1) as model,
        pytest.raises(kind, match=f"{status}: because") as got,
    ):
        model.predict({"bus": 1})
    assert got.type is kind


def test_the_page_of_a_proxy_is_no_riddle(said: Said, model: ModelClient) -> None:
    said.answers = [(413, b"<html>too large</html>")]
    with pytest.raises(Refused, match="413"):
        model.predict({"bus": 1})


def test_a_prediction_is_asked_again_while_no_model_is_warm(said: Said, model: ModelClient) -> None:
    said.answers = [(503, {"error": "no warm model"}), (503, {"error": "no warm model"}), (200, ANSWER)]
    assert model.predict({"bus": 1})[0].id == "a-1"
    assert len(said.asked) == 3


def test_patience_ends(said: Said, model: ModelClient) -> None:
    said.answers = [(503, {"error": "no warm model"})]
    with pytest.raises(Unavailable, match="no warm model"):
        model.predict({"bus": 1})
    assert len(said.asked) == 3


@pytest.mark.parametrize("status", [HANG_UP, 500, 502, 504])
def test_a_prediction_that_may_be_on_record_is_not_asked_twice(said: Said, model: ModelClient, status: int) -> None:
    said.answers = [(status, {"error": "trouble"}), (200, ANSWER)]
    with pytest.raises(Failed):
        model.predict({"bus": 1})
    assert len(said.asked) == 1


@pytest.mark.parametrize("status", [HANG_UP, 502, 503, 504])
def test_labels_are_told_again_because_the_newest_holds(said: Said, model: ModelClient, status: int) -> None:
    said.answers = [(status, {"error": "trouble"}), (200, {"taken": 2})]
    assert model.feedback({"a-1": 31, "a-2": None}) == 2
    labels = [{"prediction_id": "a-1", "label": 31}, {"prediction_id": "a-2", "label": None}]
    assert [body["labels"] for _, _, body, _ in said.asked] == [labels, labels]


def test_a_label_that_is_not_a_number_takes_nothing_back(said: Said, model: ModelClient) -> None:
    with pytest.raises(Refused, match="None takes one back"):
        model.feedback({"a-1": float("nan")})
    assert said.asked == []


def test_where_nobody_listens_it_is_unavailable_and_not_ready() -> None:
    with ModelClient(f"http://127.0.0.1:{free_port()}", "trip_late", tries=2) as model:
        assert not model.ready()
        with pytest.raises(Unavailable, match="cannot be reached"):
            model.predict({"bus": 1})


def test_ready_is_one_look_and_an_unknown_model_is_an_error(said: Said, model: ModelClient) -> None:
    said.answers = [(503, {"name": "trip_late", "ready": False}), (200, {}), (404, {"error": "no model"})]
    assert [model.ready(), model.ready()] == [False, True]
    with pytest.raises(NotServed):
        model.ready()
    assert [path for _, path, _, _ in said.asked] == ["/v2/models/trip_late/ready"] * 3


def test_no_tries_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        ModelClient("http://127.0.0.1:1", "trip_late", tries=0)

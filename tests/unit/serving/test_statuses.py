"""Each status that is promised, as a client sees it; and who may ask is read alike on every path."""

from pathlib import Path

import httpx
import pytest

from include.serving.keys import Keys, made
from include.serving.state import State
from tests.declared import spec
from tests.served import NAME, App, app, state

GOOD = {"bus": 7, "line": "red"}
LABELS = b'{"labels": [{"prediction_id": "a-1", "label": 1}]}'
PATHS = [
    ("POST", f"/v2/models/{NAME}/invocations", 400), ("POST", f"/v2/models/{NAME}/versions/1/infer", 400),
    ("POST", "/invocations", 400), ("GET", f"/v2/models/{NAME}", 200), ("GET", f"/v2/models/{NAME}/ready", 200),
    ("GET", f"/v2/models/{NAME}/versions/1", 200), ("POST", f"/v2/models/{NAME}/feedback", 400),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "good"), PATHS)
def test_who_may_ask_is_read_alike_on_every_path(tmp_path: Path, method: str, path: str, good: int) -> None:
    mine, key = made("me", [NAME])
    other, foreign = made("other", ["flight_delay"])
    with app(tmp_path, keys=Keys((key, foreign))) as asked:

        def sent(**headers: str) -> int:
            return asked.ask(method, path, b"{", headers).status_code

        for written in ({"authorization": f"Bearer {mine}"}, {"authorization": f"bearer {mine}"}, {"X-API-Key": mine}):
            assert sent(**written) == good
        assert sent(authorization=f"Bearer {other}") == sent(**{"x-api-key": other}) == 403
        for nobody in ({}, {"authorization": mine}, {"authorization": f"Basic {mine}"}, {"x-api-key": "a"}):
            assert sent(**nobody) == 401


def test_metrics_need_a_key_for_everything(tmp_path: Path) -> None:
    mine, key = made("me", [NAME])
    every, all_of_them = made("every", ["*"])
    with app(tmp_path, keys=Keys((key, all_of_them))) as asked:
        answers = [asked.ask("GET", "/metrics", b"", {"x-api-key": one}).status_code for one in (mine, every, "no")]
        assert answers == [403, 200, 401]
        assert asked.ask("GET", "/v2/health/live", b"", {}).status_code == 200


def refusal(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/json"
    return answer.status_code, str(answer.json()["error"])


def test_what_is_not_there_is_said_in_one_form(tmp_path: Path) -> None:
    with app(tmp_path) as asked:
        assert refusal(asked.post("/v2/models/nobody/infer")) == (404, f"no model 'nobody'; there are: {NAME}")
        assert refusal(asked.invoke(GOOD, version="9")) == (404, f"{NAME} v9 is not loaded here")
        assert refusal(asked.post("/nothing")) == (404, "Not Found")
        assert refusal(asked.ask("GET", f"/v2/models/{NAME}/versions/9", b"", {}))[0] == 404


@pytest.mark.parametrize("path", [f"/v2/models/{NAME}/infer", "/invocations", f"/v2/models/{NAME}/feedback"])
def test_another_method_is_told_which_one_goes(tmp_path: Path, path: str) -> None:
    with app(tmp_path) as asked:
        answer = asked.ask("PUT", path, b"", {})
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_without_a_warm_model_the_answer_is_503_and_readiness_says_so(tmp_path: Path) -> None:
    with app(tmp_path) as asked:
        assert asked.ask("GET", "/v2/health/ready", b"", {}).status_code == 200
        asked.worker.follower.states[NAME] = State(state().routing)
        assert refusal(asked.invoke(GOOD))[0] == 503
        ready = asked.ask("GET", "/v2/health/ready", b"", {})
        assert (ready.status_code, ready.json()["missing"]) == (503, {NAME: "is being loaded"})
        assert asked.ask("GET", f"/v2/models/{NAME}/ready", b"", {}).status_code == 503


def test_what_cannot_be_logged_is_not_answered(tmp_path: Path) -> None:
    with app(tmp_path) as asked:
        asked.worker.desks[NAME].book._most_bytes = 1
        asked.worker.feedback[NAME].book._most_bytes = 1
        assert refusal(asked.invoke(GOOD)) == (503, refusal(asked.invoke(GOOD))[1])
        assert refusal(asked.post(f"/v2/models/{NAME}/feedback", LABELS))[0] == 503


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (LABELS, 200), (b"{", 400), (b'{"labels": []}', 422),
        (b'{"labels": [{"prediction_id": "a", "label": 1}]}', 422),
        (b'{"labels": [{"prediction_id": "a-1"}]}', 422),
        (b'{"labels": [{"prediction_id": "a-1", "label": 1e999}]}', 422),
        (b'{"labels": [{"prediction_id": "a-1", "label": null}]}', 200),
    ],
)  # fmt: skip
def test_labels_are_kept_or_refused(tmp_path: Path, body: bytes, status: int) -> None:
    with app(tmp_path) as asked:
        assert asked.post(f"/v2/models/{NAME}/feedback", body).status_code == status
        assert (tmp_path / "labels" / NAME).is_dir()
        assert len(asked.records("labels")) == (status == 200)


def test_a_request_keeps_its_id_and_gets_one_where_it_brings_none(tmp_path: Path) -> None:
    with app(tmp_path) as asked:
        first, second = (asked.invoke(GOOD).headers["x-request-id"] for _ in range(2))
        assert first != second
        body = b'{"inputs": {"bus": [7], "line": ["red"]}}'
        assert asked.post("/invocations", body, **{"x-request-id": "mine"}).headers["x-request-id"] == "mine"
        assert [one["request"] for one in asked.records()] == [first, second, "mine"]


def test_who_asks_is_in_the_log_as_a_hash(tmp_path: Path) -> None:
    with app(tmp_path, declared=spec(serving={"entity": ["driver"]})) as asked:
        asked.invoke(GOOD)
        asked.invoke({**GOOD, "driver": "ann"}, {**GOOD, "driver": "bob"}, {**GOOD, "driver": "ann"})
        nobody, ann, bob, again = (one["entity"] for one in asked.records())
        assert (nobody, ann == again, ann == bob) == ("", True, False)
        assert b"ann" not in b"".join(file.read_bytes() for file in (tmp_path / "log" / NAME).iterdir())


def test_a_column_that_nobody_knows_is_refused_and_one_of_the_contract_is_not(tmp_path: Path) -> None:
    def broken(asked: App, row: dict[str, object]) -> list[tuple[str, str]]:
        return [(one["column"], one["rule"]) for one in asked.invoke(row).json()["problems"]]

    with app(tmp_path) as asked:
        assert broken(asked, {**GOOD, "lime": "red"}) == [("lime", "no column of the contract")]
        assert broken(asked, {"bus": 7}) == [("line", "required: send null where it is not known")]
        assert asked.invoke({**GOOD, "driver": "ann", "full": None}).status_code == 200


def test_no_more_than_twenty_refusals_are_named(tmp_path: Path) -> None:
    with app(tmp_path) as asked:
        problems = asked.invoke(*[{"bus": 0, "line": "green"}] * 15).json()["problems"]
        assert len(problems) == 20
        assert {(one["column"], one["value"], one["rule"]) for one in problems} == {
            ("bus", 0, "min: 1"), ("line", "green", "one_of: red, blue")
        }  # fmt: skip

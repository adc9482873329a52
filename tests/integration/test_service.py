"""The service answers with the ledger's champion, says why it does not, and loses nothing it acknowledged."""

import math
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil
import pyarrow as pa
import pytest

from include.features.matrix import feature_frame
from include.lake import Store
from include.lake.profile import CategoryProfile
from include.ledger import Ledger
from include.monitoring.feedback import answers, feedback
from include.monitoring.traffic import traffic
from include.registry import registry
from include.registry.model_file import MODEL_FILE
from include.spec import load_model
from include.training.predictions import predict
from tests.declared import admit_days, declare
from tests.integration.conftest import MODEL
from tests.landing import TRIPS
from tests.service import Service, promoted, registered, rolled, running, until

NAME = "trip_late"
GOOD = {"bus": 7, "line": "red"}


@dataclass
class Installation:
    """One installation for all tests of this file: fits, registrations and starts take seconds each."""

    home: Path
    lake: Path
    ledger: Ledger
    service: Service


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory, tracking_tables: Path, migrated: Path) -> Iterator[Installation]:
    home = tmp_path_factory.mktemp("service")
    with pytest.MonkeyPatch.context() as patch:
        for name, file in (("ledger.db", migrated), ("mlflow.db", tracking_tables)):
            home.joinpath(name).write_bytes(file.read_bytes())
        models = home / "models"
        models.mkdir()
        patch.setenv("PERENNIAL_LEDGER_URL", f"sqlite:///{home / 'ledger.db'}")
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{home / 'mlflow.db'}")
        patch.setenv("PERENNIAL_MODELS", str(models))
        patch.setenv("PERENNIAL_LAKE", str(home / "lake"))
        patch.chdir(home)
        ledger, lake = Ledger.open(), Store.open(str(home / "lake"))
        declare(models, model={**MODEL, "serving": {"entity": ["bus"]}}, contract=TRIPS)
        admit_days("2013-01-01", 40, lake, ledger)
        for day in ("2013-02-08", "2013-02-09", "2013-02-10"):
            registered(NAME, day)
        promoted(NAME, "1", ledger)
        with running(home, "--workers", "2") as service:
            until(service.ready, "readiness", service.log)
            yield Installation(home, home / "lake", ledger, service)


def test_answers_are_those_of_the_registered_pipeline_in_both_forms(there: Installation) -> None:
    rows = [{"bus": bus, "line": line} for bus, line in [(1, "red"), (17, "blue"), (49, "red"), (100, "blue")]]
    spec, number = load_model(NAME), _version(there)
    table = pa.table({name: [row[name] for row in rows] for name in ("bus", "line")})
    wanted = predict(spec, registry.load(registry.version(NAME, number)), feature_frame(table, spec))
    invoked = there.service.invoke(NAME, rows).json()
    inferred = there.service.infer(NAME, {name: [row[name] for row in rows] for name in ("bus", "line")}).json()
    assert invoked["predictions"] == pytest.approx(wanted, abs=1e-6)
    outputs = {one["name"]: one["data"] for one in inferred["outputs"]}
    assert outputs["prediction"] == pytest.approx(wanted, abs=1e-6)
    assert (inferred["model_version"], invoked["model_versions"]) == (number, [number] * 4)
    assert len({*outputs["prediction_id"], *invoked["prediction_ids"]}) == 8


def test_one_bad_row_refuses_the_request_and_is_named_with_column_value_and_rule(there: Installation) -> None:
    answer = there.service.invoke(NAME, [GOOD, {"bus": 0, "line": "green"}, {"bus": 1.5, "line": None}])
    assert answer.status_code == 422
    assert {(one["row"], one["column"], one["value"], one["rule"]) for one in answer.json()["problems"]} == {
        (1, "bus", 0, "min: 1"),
        (1, "line", "green", "one_of: red, blue"),
        (2, "bus", 1.5, "type: int"),
        (2, "line", None, "nullable: false"),
    }


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/v2/models/trip_late/invocations", b"{", 400, "truncated"),
        ("/v2/models/trip_late/invocations", b"{}", 400, "say one of"),
        ("/v2/models/trip_late/invocations", b'{"dataframe_records": [{"bus": 1}]}', 422, "refused"),
        ("/v2/models/trip_late/invocations", b'{"dataframe_records": []}', 422, "0 rows"),
        ("/v2/models/trip_late/infer", b'{"inputs": [{"name": "bus", "shape": [2], "datatype": "FP64", "data": [1]}]}',
         400, "shape"),
        ("/v2/models/trip_late/versions/77/infer", b'{"inputs": [{"name": "bus", "shape": [1], "datatype": "FP64", '
         b'"data": [1]}]}', 404, "not loaded"),
        ("/v2/models/nobody/infer", b"{}", 404, "no model"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_says_why(there: Installation, path: str, body: bytes, status: int, words: str) -> None:
    answer = there.service.client.post(path, content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, words in answer.json()["error"]) == (status, True), answer.text


def test_the_document_describes_every_path_and_health_speaks(there: Installation) -> None:
    paths = there.service.client.get("/openapi.json").json()["paths"]
    assert {"/v2/models/{model}/infer", "/invocations", "/v2/models/{model}/feedback", "/metrics"} <= paths.keys()
    assert there.service.get("/v2/health/live") == there.service.get(f"/v2/models/{NAME}/ready") == 200
    assert there.service.get(f"/v2/models/{NAME}/versions/77/ready") == 503
    described = there.service.client.get(f"/v2/models/{NAME}").json()
    assert [one["name"] for one in described["inputs"]] == ["bus", "line"]
    assert described["platform"] == "perennial_compiled"


def test_a_request_keeps_its_id_and_the_metrics_count_it(there: Installation) -> None:
    answer = there.service.client.post(
        "/invocations", json={"dataframe_records": [GOOD]}, headers={"x-request-id": "mine-1"}
    )
    assert (answer.status_code, answer.headers["x-request-id"]) == (200, "mine-1")
    text = there.service.client.get("/metrics").text
    assert 'perennial_serving_seconds_bucket{le="0.001",model="trip_late"' in text
    assert 'slot="champion"' in text
    assert text.endswith("# EOF\n")


def test_every_prediction_reaches_the_lake_once_and_a_label_twice_sent_is_one(there: Installation) -> None:
    answer = there.service.invoke(NAME, [GOOD, {"bus": 9, "line": "blue"}]).json()
    labels = [{"prediction_id": one, "label": 1} for one in answer["prediction_ids"]]
    for _ in range(2):
        assert there.service.client.post(f"/v2/models/{NAME}/feedback", json={"labels": labels}).status_code == 200
    wanted = set(answer["prediction_ids"])
    until(
        lambda: wanted <= {one["prediction_id"] for one in rolled(there.lake, NAME)}, "the records", there.service.log
    )
    found = [one for one in rolled(there.lake, NAME) if one["prediction_id"] in wanted]
    assert sorted((one["bus"], one["line"], one["prediction"]) for one in found) == [
        (7.0, "red", answer["predictions"][0]),
        (9.0, "blue", answer["predictions"][1]),
    ]
    assert all(one["entity_hash"] and one["model_version"] == _version(there) for one in found)
    until(lambda: {one["prediction_id"] for one in rolled(there.lake, NAME, "labels")} >= wanted, "the labels")


def test_the_watch_reads_what_the_service_answered_and_the_labels_that_came(there: Installation) -> None:
    spec, lake = load_model(NAME), Store.open(str(there.lake))
    ids = there.service.invoke(NAME, [GOOD] * 3).json()["prediction_ids"]
    labels = [{"prediction_id": one, "label": late} for one, late in zip(ids, (20, None, 3), strict=True)]
    assert there.service.client.post(f"/v2/models/{NAME}/feedback", json={"labels": labels}).status_code == 200
    until(lambda: {one["prediction_id"] for one in rolled(there.lake, NAME, "labels")} >= set(ids), "the labels")
    until(lambda: set(ids) <= {one["prediction_id"] for one in rolled(there.lake, NAME)}, "the records")
    today = datetime.now(UTC).date()
    days = traffic(spec, today, 2, lake)
    asked = answers(spec, _version(there), days, lake)
    assert set(asked.ids.to_pylist()) >= set(ids)
    found = feedback(spec, asked, min(days), today, lake).target
    said = dict(zip(asked.ids.to_pylist(), found.tolist(), strict=True))
    assert [said[ids[0]], said[ids[2]]] == [1.0, 0.0]
    assert math.isnan(said[ids[1]])
    lines = [one.versions[_version(there)].columns["line"] for one in days.values()]
    assert sum(one.counts["red"] for one in lines if isinstance(one, CategoryProfile)) >= len(ids)


@contextmanager
def asking(service: Service) -> Iterator[dict[str, str]]:
    """Clients that never pause until the block ends: the version that answered, by what was acknowledged."""
    acknowledged: dict[str, str] = {}
    stop = threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=service.client.base_url, timeout=30, trust_env=False) as client:
            while not stop.is_set():
                try:
                    answer = client.post("/invocations", json={"dataframe_records": [GOOD]})
                except httpx.TransportError:
                    stop.wait(0.05)
                    continue
                if answer.status_code == httpx.codes.OK:
                    said = answer.json()
                    acknowledged.update(zip(said["prediction_ids"], said["model_versions"], strict=True))

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for one in askers:
        one.start()
    try:
        yield acknowledged
    finally:
        stop.set()
        for one in askers:
            one.join()


def all_are_in_the_lake_once(there: Installation, acknowledged: dict[str, str]) -> None:
    until(lambda: acknowledged.keys() <= {one["prediction_id"] for one in rolled(there.lake, NAME)}, "all in the lake")
    ids = [one["prediction_id"] for one in rolled(there.lake, NAME)]
    assert len(ids) == len(set(ids))


def test_what_was_acknowledged_survives_the_kill_of_a_worker(there: Installation) -> None:
    victims = there.service.workers()
    with asking(there.service) as acknowledged:
        until(lambda: len(acknowledged) > 50, "answers before the kill")
        os.kill(victims[0].pid, signal.SIGKILL)
        before = len(acknowledged)
        until(lambda: len(acknowledged) > before + 50, "answers after the kill")
    all_are_in_the_lake_once(there, acknowledged)
    until(lambda: len({one.pid for one in there.service.workers()} - {victims[0].pid}) == 2, "a new worker")


def test_a_promotion_and_a_rollback_under_load_fail_no_request(there: Installation) -> None:
    seen, failed, stop = set[str](), list[int](), threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=there.service.client.base_url, timeout=30, trust_env=False) as client:
            while not stop.is_set():
                answer = client.post("/invocations", json={"dataframe_records": [GOOD]})
                if answer.status_code != 200:
                    failed.append(answer.status_code)
                    return
                seen.add(answer.json()["model_versions"][0])

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for one in askers:
        one.start()
    for number in ("2", "1", "3"):
        sequence = promoted(NAME, number, there.ledger).sequence
        until(
            lambda sequence=sequence: failed or _followers(there, sequence) >= 2, f"two on v{number}", there.service.log
        )
    stop.set()
    for one in askers:
        one.join()
    assert failed == []
    assert seen >= {"2", "3"}
    assert there.service.infer(NAME, {"bus": [7], "line": ["red"]}, version="1").json()["model_version"] == "1"


def test_a_file_that_is_not_the_registered_one_is_never_served(there: Installation) -> None:
    promoted(NAME, "2", there.ledger, model_hash="0" * 64)
    until(lambda: b"is not loaded" in there.service.log.read_bytes(), "the refusal", there.service.log)
    answer = there.service.invoke(NAME, [GOOD]).json()
    assert answer["model_versions"] == ["3"]
    promoted(NAME, "3", there.ledger)


def test_an_artifact_that_was_cut_off_is_never_served_until_it_is_whole_again(there: Installation) -> None:
    before, number = _version(there), registered(NAME, "2013-02-07")
    newest = max(there.home.rglob(MODEL_FILE), key=lambda file: file.stat().st_mtime)
    whole = newest.read_bytes()
    newest.write_bytes(whole[: len(whole) // 2])
    promoted(NAME, number, there.ledger)
    refused = f"{NAME} v{number} is not loaded".encode()
    until(lambda: refused in there.service.log.read_bytes(), "the refusal", there.service.log)
    assert _version(there) == before
    newest.write_bytes(whole)
    promoted(NAME, before, there.ledger)
    sequence = promoted(NAME, number, there.ledger).sequence
    until(lambda: _followers(there, sequence) >= 2, "both on the mended one", there.service.log)
    assert _version(there) == number


def test_the_service_comes_back_after_its_parent_was_killed_under_load(there: Installation) -> None:
    version, family = _version(there), psutil.Process(there.service.process.pid).children()
    with asking(there.service) as acknowledged:
        until(lambda: len(acknowledged) > 50, "answers before the kill")
        there.service.process.kill()
        there.service.process.wait()
        until(lambda: not any(one.is_running() for one in family), "the end of workers and roller", there.service.log)
    with running(there.home, "--workers", "2") as again:
        until(again.ready, "readiness", again.log)
        with asking(again) as anew:
            until(lambda: len(anew) > 50, "answers after the kill")
        all_are_in_the_lake_once(there, acknowledged | anew)
        last = again.invoke(NAME, [GOOD]).json()
        assert again.stop() == 0
        assert set(last["prediction_ids"]) <= {one["prediction_id"] for one in rolled(there.lake, NAME)}
        answered = {one.rpartition("-")[0] for one in anew}
        assert {one.version for one in there.ledger.replicas(NAME) if one.replica in answered} == {None}
    assert {*acknowledged.values(), *anew.values()} == {version}


def _followers(there: Installation, sequence: int) -> int:
    return len({one.replica for one in there.ledger.followed(NAME, sequence)})


def _version(there: Installation) -> str:
    return str(there.service.invoke(NAME, [GOOD]).json()["model_versions"][0])

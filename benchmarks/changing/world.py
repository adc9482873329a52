"""Two versions of a small model, a running service, and clients that never pause."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.reporting import progress
from include.ledger import Ledger, migrate
from include.registry import registry
from tests.declared import LATE, TRIPS, admit_days, declare
from tests.service import Service, promoted, registered, running, until

MODEL = "trip_late"
DECLARED = {
    **LATE,
    "features": {"numeric": ["bus"], "categorical": ["line"]},
    "training": {"held_out_days": 10, "min_rows": 50},
    "serving": {"log_megabytes": 2048},
    "release": {"rollout": {}},
}


@contextmanager
def served(folder: Path, workers: int) -> Iterator[tuple[Service, Ledger]]:
    """A service whose model has two versions, of which the first one is champion."""
    ledger = _installed(folder)
    progress("fitting two versions")
    for as_of in ("2013-02-08", "2013-02-10"):
        registered(MODEL, as_of)
    promoted(MODEL, "1", ledger)
    with running(folder, "--workers", str(workers)) as service:
        until(service.ready, "the service is ready", service.log)
        until(lambda: len(ledger.replicas(MODEL)) == workers, "every worker said what it serves", service.log)
        yield service, ledger


def _installed(folder: Path) -> Ledger:
    import mlflow  # noqa: PLC0415 - after the environment says where

    from include.lake import Store  # noqa: PLC0415

    os.environ |= {
        "PERENNIAL_LAKE": str(folder / "lake"), "PERENNIAL_LEDGER_URL": f"sqlite:///{folder}/ledger.db",
        "PERENNIAL_MODELS": str(folder / "models"), "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db",
    }  # fmt: skip
    mlflow.set_tracking_uri(os.environ["MLFLOW_TRACKING_URI"])
    os.chdir(folder)  # artifacts beside the store
    (folder / "models").mkdir()
    declare(folder / "models", model=DECLARED, contract=TRIPS)
    migrate()
    ledger = Ledger.open()
    admit_days("2013-01-01", 40, Store.open(str(folder / "lake")), ledger)
    return ledger


def model_hash(number: str) -> str:
    """The hash the registry has of a version."""
    return registry.version(MODEL, number).model_hash


class Clients:
    """So many clients that ask one row after the other; each answer's moment, seconds, status and version."""

    def __init__(self, service: Service, count: int) -> None:
        self.answers: list[tuple[float, float, int, str]] = []
        self._url, self._stop = str(service.client.base_url), threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(number,)) for number in range(count)]

    def __enter__(self) -> "Clients":
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for one in self._threads:
            one.join()

    def _ask(self, number: int) -> None:
        body = {"dataframe_records": [{"bus": 1 + number % 40, "line": "red"}]}
        with httpx.Client(base_url=self._url, timeout=30, trust_env=False) as http:
            while not self._stop.is_set():
                begun = time.perf_counter()
                answer = http.post(f"/v2/models/{MODEL}/invocations", json=body)
                version = answer.json()["model_versions"][0] if answer.status_code == httpx.codes.OK else ""
                self.answers.append((time.time(), time.perf_counter() - begun, answer.status_code, version))

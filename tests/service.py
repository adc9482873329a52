"""The service as it runs: real processes, on a real ledger, registry and lake."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pyarrow.parquet as pq

from include.ledger import Deployment, Ledger
from include.platform.ports import free_port
from include.registry import registry, runs
from include.settings import REPOSITORY
from include.steps import STEPS

PATIENCE = 240.0


def registered(model: str, as_of: str) -> str:
    """A version as a fit makes it, registered without gates; gives its number."""
    run = str(STEPS["fit"].run(model, {"as_of": as_of, "reason": "test"}).facts["run"])
    made = runs.manifest(run)
    return registry.register(model, run, made.model_uri, made.model_hash).version


def promoted(model: str, number: str, ledger: Ledger, model_hash: str | None = None) -> Deployment:
    """Makes a version champion, whatever gates would say."""
    found = model_hash or registry.version(model, number).model_hash
    return ledger.record_deployment(
        model, number, found, expected=ledger.champion(model), action="promote", actor="test", reason="test"
    )


class Service:
    """A running service and a client of it."""

    def __init__(self, home: Path, port: int, options: tuple[str, ...]) -> None:
        self.log, self._home = home / "serve.log", home
        self._command = [sys.executable, "-m", "include", "serve", "--port", str(port), "--roll-seconds", "1", *options]
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False)
        self.start()

    def start(self) -> None:
        """Starts it; again, if it was killed."""
        environ = {
            **os.environ, "PERENNIAL_SERVING_HOME": str(self._home / "serving"), "PYTHONPATH": str(REPOSITORY),
        }  # fmt: skip
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(self._command, env=environ, stdout=output, stderr=output, cwd=self._home)

    def workers(self) -> list[psutil.Process]:
        """The processes that answer."""
        family = psutil.Process(self.process.pid).children()
        return [one for one in family if _is_worker(one)]

    def ready(self) -> bool:
        return bool(self.get("/v2/health/ready") == 200)

    def get(self, path: str) -> int:
        try:
            return self.client.get(path).status_code
        except httpx.TransportError:
            return 0

    def invoke(self, model: str, rows: list[dict[str, Any]]) -> httpx.Response:
        return self.client.post(f"/v2/models/{model}/invocations", json={"dataframe_records": rows})

    def infer(self, model: str, columns: dict[str, list[Any]], version: str | None = None) -> httpx.Response:
        inputs = [
            {
                "name": name,
                "shape": [len(data)],
                "datatype": "BYTES" if isinstance(data[0], str) else "FP64",
                "data": data,
            }
            for name, data in columns.items()
        ]
        place = f"/versions/{version}" if version else ""
        return self.client.post(f"/v2/models/{model}{place}/infer", json={"inputs": inputs})

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(60)


def _is_worker(process: psutil.Process) -> bool:
    """Whether it answers; one that was killed and not waited for yet does not."""
    try:
        return "include.serving.worker" in process.cmdline()
    except psutil.Error:
        return False


@contextmanager
def running(home: Path, *options: str) -> Iterator[Service]:
    """The service on a free port until the block ends, found through the environment of this process."""
    service = Service(home, free_port(), options)
    try:
        yield service
    finally:
        service.client.close()
        process = service.process
        family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        if process.poll() is None:
            process.terminate()
            process.wait(60)
        for one in family:
            if one.is_running():
                one.kill()


def until(condition: Callable[[], object], what: str, log: Path | None = None) -> None:
    """Waits for the condition; says what did not happen."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            tail = log.read_text()[-3000:] if log else ""
            raise AssertionError(f"It never happened: {what}\n{tail}")
        time.sleep(0.1)


def rolled(lake: Path, model: str, kind: str = "served") -> list[dict[str, Any]]:
    """Every record that reached the lake."""
    return [row for file in sorted((lake / kind / model).rglob("*.parquet")) for row in pq.read_table(file).to_pylist()]

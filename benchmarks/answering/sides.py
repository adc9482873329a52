"""The servers, and what is asked of each."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from include.platform.ports import free_port

PATIENCE = 300.0


@dataclass(frozen=True)
class Side:
    """A running server: where and with which lines it is asked, and what of its answer is the probability."""

    name: str
    url: str
    form: str
    read: Callable[[Any], float]
    process: psutil.Process
    key: str = ""

    def cpu_seconds(self) -> float:
        """Processor time that the server took until now."""
        family = [self.process, *self.process.children(recursive=True)]
        return sum(one.cpu_times().user + one.cpu_times().system for one in family if one.is_running())

    def memory_mb(self) -> float:
        """Memory of the process that answers, pages shared with others counted in part."""
        family = [self.process, *self.process.children(recursive=True)]
        return float(max(one.memory_full_info().pss for one in family if one.is_running())) / 2**20


@contextmanager
def started(home: Path, name: str, ready: str, *command: str, **environ: str) -> Iterator[tuple[str, psutil.Process]]:
    """A server until the block ends: where it answers, once it does, and its process."""
    port, bin_folder = free_port(), Path(sys.executable).parent  # mlflow looks for uvicorn there
    usual = {name: value for name, value in os.environ.items() if not name.startswith("OMP_")}
    whole = {**usual, "PATH": f"{bin_folder}{os.pathsep}{os.environ.get('PATH', '')}", **environ}
    line = [sys.executable, "-m", *(part.replace("<port>", str(port)) for part in command)]
    with (home / f"{name}.log").open("wb") as log:
        child = subprocess.Popen(line, env=whole, stdout=log, stderr=log)
    try:
        _await(f"http://127.0.0.1:{port}{ready}", child)
        yield f"http://127.0.0.1:{port}", psutil.Process(child.pid)
    finally:
        family = psutil.Process(child.pid).children(recursive=True) if child.poll() is None else []
        child.terminate()
        child.wait(60)
        for one in family:
            if one.is_running():
                one.kill()


@contextmanager
def ours(home: Path, name: str = "ours", key: str = "", **environ: str) -> Iterator[list[Side]]:
    """The service, asked in both forms."""
    command = ("include", "serve", "--port", "<port>", "--workers", "1")
    with started(home, name, "/v2/health/ready", *command, **environ) as (at, parent):
        process = next(one for one in parent.children() if "include.serving.worker" in one.cmdline())
        yield [
            Side(name, f"{at}/v2/models/flight_delay/infer", "v2", _of_tensor, process, key),
            Side(f"{name}_mlflow_form", f"{at}/v2/models/flight_delay/invocations", "split",
                 lambda said: said["predictions"][0], process, key),
        ]  # fmt: skip


@contextmanager
def sides(home: Path) -> Iterator[list[Side]]:
    """All servers, one process each that answers. `mlflow_serve` is as its documentation starts it; the other, and the
    article's, have one thread for arithmetic as ours has, which makes them faster."""
    saved = str(home / "saved")
    mlflow = ("mlflow", "models", "serve", "-m", saved, "-p", "<port>", "--env-manager", "local", "-w", "1")
    article = ("uvicorn", "benchmarks.answering.article:app", "--port", "<port>", "--no-access-log")
    one = {"OMP_NUM_THREADS": "1"}
    with (
        ours(home) as mine,
        started(home, "mlflow_serve", "/ping", *mlflow) as (theirs, process),
        started(home, "mlflow_serve_one_thread", "/ping", *mlflow, **one) as (tuned, tuned_process),
        started(home, "article", "/docs", *article, **one, BENCHMARK_MODEL=saved) as (plain, plain_process),
    ):
        yield [
            *mine,
            Side("mlflow_serve", f"{theirs}/invocations", "split", _of_mlflow, process),
            Side("mlflow_serve_one_thread", f"{tuned}/invocations", "split", _of_mlflow, tuned_process),
            Side("article", f"{plain}/predict", "plain", lambda said: said["prediction"], plain_process),
        ]


def _of_tensor(said: Any) -> float:
    return float(said["outputs"][0]["data"][0])


def _of_mlflow(said: Any) -> float:
    return float(said["predictions"][0][1])


def furthest(home: Path, side: Side, count: int) -> float:
    """How far the answers are from the pipeline's on the first questions."""
    questions = (home / f"{side.form}.jsonl").read_text().splitlines()[:count]
    right = [json.loads(line) for line in (home / "said.jsonl").read_text().splitlines()[:count]]
    worst = 0.0
    with httpx.Client(timeout=60, trust_env=False) as client:
        for question, wanted in zip(questions, right, strict=True):
            answer = client.post(side.url, content=question, headers={"content-type": "application/json"})
            assert answer.status_code == 200, (side.name, answer.text)
            worst = max(worst, abs(side.read(answer.json()) - wanted))
    return worst


def _await(url: str, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if httpx.get(url, timeout=5, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert child.poll() is None, f"{url} ended"
        assert time.monotonic() < deadline, f"{url} is not ready"
        time.sleep(0.5)

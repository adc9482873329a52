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

    def cpu_seconds(self) -> float:
        """Processor time that the server took until now."""
        family = [self.process, *self.process.children(recursive=True)]
        return sum(one.cpu_times().user + one.cpu_times().system for one in family if one.is_running())

    def memory_mb(self) -> float:
        """Memory of the process that answers, pages shared with others counted in part."""
        family = [self.process, *self.process.children(recursive=True)]
        return float(max(one.memory_full_info().pss for one in family if one.is_running())) / 2**20


@contextmanager
def sides(home: Path) -> Iterator[list[Side]]:
    """All servers, one process each that answers; they end with the block."""
    ours, mlflow, article = (free_port() for _ in range(3))
    saved = str(home / "saved")
    commands = {
        ours: ("include", "serve", "--port", str(ours), "--workers", "1"),
        mlflow: ("mlflow", "models", "serve", "-m", saved, "-p", str(mlflow), "--env-manager", "local", "-w", "1"),
        article: ("uvicorn", "benchmarks.answering.article:app", "--port", str(article), "--no-access-log"),
    }
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"  # mlflow looks for uvicorn there
    environ = {**os.environ, "BENCHMARK_MODEL": saved, "OMP_NUM_THREADS": "1", "PATH": path}
    started: dict[int, subprocess.Popen[bytes]] = {}
    try:
        for port, command in commands.items():
            with (home / f"{command[0]}.log").open("wb") as log:
                started[port] = subprocess.Popen([sys.executable, "-m", *command], env=environ, stdout=log, stderr=log)
        paths = {ours: "/v2/health/ready", mlflow: "/ping", article: "/docs"}
        for port, path in paths.items():
            _await(f"http://127.0.0.1:{port}{path}", started[port])
        process = {port: psutil.Process(child.pid) for port, child in started.items()}
        at = "http://127.0.0.1"
        yield [
            Side("ours", f"{at}:{ours}/v2/models/flight_delay/infer", "v2",
                 lambda said: said["outputs"][0]["data"][0], _worker(process[ours])),
            Side("ours_mlflow_form", f"{at}:{ours}/v2/models/flight_delay/invocations", "split",
                 lambda said: said["predictions"][0], _worker(process[ours])),
            Side("mlflow_serve", f"{at}:{mlflow}/invocations", "split",
                 lambda said: said["predictions"][0][1], process[mlflow]),
            Side("article", f"{at}:{article}/predict", "plain", lambda said: said["prediction"], process[article]),
        ]  # fmt: skip
    finally:
        for child in started.values():
            family = psutil.Process(child.pid).children(recursive=True) if child.poll() is None else []
            child.terminate()
            child.wait(60)
            for one in family:
                if one.is_running():
                    one.kill()


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


def _worker(parent: psutil.Process) -> psutil.Process:
    return next(one for one in parent.children() if "include.serving.worker" in one.cmdline())


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

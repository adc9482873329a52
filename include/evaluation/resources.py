"""Resources: what a model costs to serve, measured in a fresh process with one thread, as serving runs it."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from include.settings import REPOSITORY
from include.spec import Features, ModelSpec
from include.spec.contract import Frozen, Measured
from include.spec.metrics import Task

BATCH_ROWS = 1000
TIMEOUT_SECONDS = 180.0
MEGABYTE = 1_000_000
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Request(Frozen):
    """Which model to measure on which rows: the folder of its file, and each feature's values, None where missing.

    `features` say as what a pipeline gets them.
    """

    folder: Path
    model_hash: str
    task: Task
    numeric: dict[str, tuple[float | None, ...]]
    categorical: dict[str, tuple[str | None, ...]]
    features: Features

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len({**self.numeric, **self.categorical}[self.features.names[0]])

    def frame(self, first: int, last: int) -> pd.DataFrame:
        """The rows as a server makes them of a request: from values, one column at a time."""
        columns = {**self.numeric, **self.categorical}
        kinds = {name: self.features.kind_of(name) for name in self.features.names}
        return pd.DataFrame({name: np.array(columns[name][first:last], dtype=kind) for name, kind in kinds.items()})


class Costs(Measured):
    """Time in milliseconds (from values to answers), memory in megabytes (10^6 bytes), load time in seconds.

    No time stands in line for a processor: `waited_share` is the share of the whole that did, and was taken off.
    `libraries_mb` is the memory of the process before it has a model, `peak_mb` the most it ever had.
    """

    single_p50_ms: float
    single_p99_ms: float
    batch_rows: int
    batch_p50_ms: float
    batch_p99_ms: float
    load_seconds: float
    waited_share: float
    artifact_mb: float
    libraries_mb: float
    peak_mb: float


class Resources(Measured):
    """What the probe found; `costs` is None and `error` says why where it did not end well."""

    costs: Costs | None = None
    error: str | None = None


def request_for(spec: ModelSpec, folder: Path, model_hash: str, rows: pd.DataFrame) -> Request:
    """What to ask a probe: the first rows of these, at most `BATCH_ROWS`, of the model file in `folder`."""
    asked = rows.head(BATCH_ROWS)
    values = asked.astype(object).where(asked.notna(), None)
    return Request(
        folder=folder,
        model_hash=model_hash,
        task=spec.task,
        numeric={name: tuple(values[name]) for name in spec.features.numeric},
        categorical={name: tuple(values[name]) for name in spec.features.categorical},
        features=spec.features,
    )


def probe(request: Request, timeout_seconds: float = TIMEOUT_SECONDS) -> Resources:
    """Runs `include.evaluation.resource_probe`. That it crashes, is killed or does not end is a finding."""
    with tempfile.TemporaryDirectory(prefix="perennial-probe-") as place:
        asked, answered = Path(place, "request.json"), Path(place, "answer.json")
        asked.write_text(request.model_dump_json(), encoding="utf-8")
        command = [sys.executable, "-m", "include.evaluation.resource_probe", str(asked), str(answered)]
        environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": str(REPOSITORY)}
        try:
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, check=False, timeout=timeout_seconds
            )
        except subprocess.TimeoutExpired:
            return Resources(error=f"the probe did not end in {timeout_seconds:g} s")
        if done.returncode != 0:
            return Resources(error=_ending(done))
        return Resources(costs=Costs.model_validate_json(answered.read_text(encoding="utf-8")))


def _ending(done: "subprocess.CompletedProcess[str]") -> str:
    said = done.stderr.strip().splitlines()
    how = f"was ended by signal {-done.returncode}" if done.returncode < 0 else f"ended with {done.returncode}"
    return f"the probe {how}: {said[-1][:300] if said else 'it said nothing'}"

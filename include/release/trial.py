"""A version on trial over HTTP before any user meets it: does the service answer as it was judged?"""

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import numpy as np
import pandas as pd

from include.errors import BadData, Outage
from include.evaluation import evidence
from include.evaluation.contender import as_trained
from include.features.matrix import Floats
from include.lake.store import Store
from include.registry import registry, runs
from include.release.release import SMOKE_ROWS, first_labelled
from include.settings import settings
from include.spec import ModelSpec
from include.training.recorded import recorded_data

log = logging.getLogger(__name__)
CLOSE = 1e-6  # what compiled answers may differ from the pipeline's
LOAD_SECONDS = 300.0  # a replica has to have the version loaded by then
POKE_SECONDS = 0.5
NO_SUCH_ROW: dict[str, Any] = {"dataframe_records": [{"no_such_feature": 1}]}


def client() -> httpx.Client:
    """A client of the service, with the key of PERENNIAL_SERVICE_KEY if there is one."""
    key = os.environ.get("PERENNIAL_SERVICE_KEY")
    headers = {"authorization": f"Bearer {key}"} if key else {}
    return httpx.Client(base_url=settings().service, headers=headers, timeout=30, trust_env=False)


def check_service(spec: ModelSpec, number: str, store: Store) -> int:
    """Asks the service for the version by name: gives how many rows it answered as the gates saw them.

    BadData where an answer differs, a bad row is not refused, or the version cannot be loaded; Outage where the
    service does not answer.
    """
    rows, judged = _rows(spec, number, store)
    with outages(), client() as http:
        until_loaded(spec, number, http)
        answer = _asked(http, path(spec, number), body(rows))
        said = _answers(spec, answer)
        if said.shape != judged.shape or not np.allclose(said, judged, atol=CLOSE, rtol=0, equal_nan=True):
            worst = float(np.abs(said - judged).max()) if said.shape == judged.shape else float("nan")
            raise BadData(
                f"The service does not answer as {spec.name} v{number} was judged: {len(rows)} held-out rows differ by "
                f"up to {worst:.3g}, allowed is {CLOSE:g}. Do not release it; look at how it was compiled."
            )
        refused = http.post(path(spec, number), json=NO_SUCH_ROW).status_code
        if refused not in (400, 422):
            raise BadData(f"The service answers {refused} to a row without features; required is 422.")
    return len(rows)


def asked(spec: ModelSpec, number: str) -> ModelSpec:
    """The declaration with the features that the version is asked with."""
    return as_trained(spec, runs.manifest(registry.version(spec.name, number).run_id))


def held_out(spec: ModelSpec, number: str, store: Store) -> pd.DataFrame:
    """Rows it was judged on."""
    return _rows(spec, number, store)[0]


def _rows(spec: ModelSpec, number: str, store: Store) -> tuple[pd.DataFrame, Floats]:
    """Held-out rows, and what the version said of them when it was judged."""
    wanted = registry.version(spec.name, number)
    held_out = recorded_data(spec, runs.manifest(wanted.run_id)).held_out
    rows = first_labelled(spec, held_out, store)[:SMOKE_ROWS]
    return rows, evidence.load(spec.name, wanted.run_id, store).challenger[: len(rows)]


def path(spec: ModelSpec, number: str) -> str:
    """Where the version is asked by its name."""
    return f"/v2/models/{spec.name}/versions/{number}/invocations"


def body(rows: pd.DataFrame) -> dict[str, Any]:
    """The rows as a request."""
    plain = rows.astype(object).where(rows.notna(), None)
    return {"dataframe_split": {"columns": list(plain.columns), "data": plain.to_numpy().tolist()}}


def until_loaded(spec: ModelSpec, number: str, http: httpx.Client) -> None:
    """Waits until a worker has it; BadData where none has it in time."""
    deadline = time.monotonic() + LOAD_SECONDS
    while time.monotonic() < deadline:
        if http.get(f"/v2/models/{spec.name}/versions/{number}/ready").status_code == httpx.codes.OK:
            return
        time.sleep(POKE_SECONDS)
    raise BadData(
        f"The service has not loaded {spec.name} v{number} within {LOAD_SECONDS:g} s: its log says why, for instance a "
        "file that is not the one that was registered."
    )


def _asked(http: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = http.post(path, json=body)
    if answer.status_code != httpx.codes.OK:
        raise BadData(f"The service answers {answer.status_code} to held-out rows: {answer.text[:300]}")
    return dict(answer.json())


def _answers(spec: ModelSpec, answer: dict[str, Any]) -> Floats:
    """What it said, in the form evidence has."""
    if spec.task == "multiclass":
        return np.array([[one[name] for name in spec.target.classes] for one in answer["probabilities"]], dtype=float)
    return np.array(answer["predictions"], dtype=float)


@contextmanager
def outages() -> Iterator[None]:
    """A service that does not answer is an Outage."""
    try:
        yield
    except httpx.TransportError as problem:
        raise Outage(
            f"The service at {settings().service} does not answer: {problem!r}. Start it (python -m include serve)."
        ) from problem

"""A version on trial over HTTP before any user meets it: does the service answer as it was judged, and fast enough?"""

import logging
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle, islice
from typing import Any, NamedTuple

import httpx
import numpy as np
import pandas as pd

from include.errors import BadData, Outage
from include.evaluation import evidence
from include.features.matrix import Floats
from include.lake.store import Store
from include.registry import registry, runs
from include.release.release import SMOKE_ROWS, first_labelled
from include.settings import settings
from include.spec import ModelSpec, Slo
from include.training.recorded import recorded_data

log = logging.getLogger(__name__)
CLOSE = 1e-6  # what compiled answers may differ from the pipeline's
LOAD_SECONDS = 300.0  # a replica has to have the version loaded by then
POKE_SECONDS = 0.5
NO_SUCH_ROW: dict[str, Any] = {"dataframe_records": [{"no_such_feature": 1}]}


class Load(NamedTuple):
    """What a load test measured."""

    requests: int
    failed: int
    p50_ms: float
    p99_ms: float
    per_second: float

    @property
    def sentence(self) -> str:
        """In words."""
        return (
            f"{self.requests} requests, {self.failed} failed, {self.per_second:.0f} in a second, half of them within "
            f"{self.p50_ms:.3g} ms and 99 of 100 within {self.p99_ms:.3g} ms"
        )


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
    with _outages(), client() as http:
        _until_loaded(spec, number, http)
        answer = _asked(http, _path(spec, number), _body(rows))
        said = _answers(spec, answer)
        if said.shape != judged.shape or not np.allclose(said, judged, atol=CLOSE, rtol=0, equal_nan=True):
            worst = float(np.abs(said - judged).max()) if said.shape == judged.shape else float("nan")
            raise BadData(
                f"The service does not answer as {spec.name} v{number} was judged: {len(rows)} held-out rows differ by "
                f"up to {worst:.3g}, allowed is {CLOSE:g}. Do not release it; look at how it was compiled."
            )
        refused = http.post(_path(spec, number), json=NO_SUCH_ROW).status_code
        if refused not in (400, 422):
            raise BadData(f"The service answers {refused} to a row without features; required is 422.")
    return len(rows)


def load(spec: ModelSpec, number: str, requests: int, clients: int, store: Store) -> Load:
    """Sends held-out rows, one per request, from so many clients at once. Outage where the service is not there."""
    rows, _ = _rows(spec, number, store)
    bodies = [_body(rows.iloc[[place]]) for place in range(len(rows))]
    share = [requests // clients + (place < requests % clients) for place in range(clients)]
    with _outages(), client() as http:
        _until_loaded(spec, number, http)
        begun = time.perf_counter()
        with ThreadPoolExecutor(clients) as pool:
            times = list(pool.map(lambda count: _hammer(_path(spec, number), bodies, count), share))
        seconds = time.perf_counter() - begun
    taken = np.array([one for part in times for one in part if one is not None]) * 1000
    failed = requests - len(taken)
    p50, p99 = np.quantile(taken, [0.5, 0.99]) if len(taken) else (np.inf, np.inf)
    return Load(requests, failed, float(p50), float(p99), requests / seconds)


def check_load(spec: ModelSpec, number: str, found: Load, slo: Slo) -> None:
    """BadData where the measured load breaks what is promised."""
    broken = []
    if found.failed > slo.error_rate * found.requests:
        broken.append(f"{found.failed} of {found.requests} failed, promised are {slo.error_rate:.2%}")
    if found.p99_ms > slo.p99_ms:
        broken.append(f"99 of 100 within {found.p99_ms:.3g} ms, promised are {slo.p99_ms:g}")
    if broken:
        raise BadData(f"{spec.name} v{number} fails its load test: {'; '.join(broken)}. It is not shown to users.")


def _hammer(path: str, bodies: list[dict[str, Any]], count: int) -> list[float | None]:
    """The seconds of each request of one client; None for one that failed."""
    found: list[float | None] = []
    with client() as http:
        for body in islice(cycle(bodies), count):
            begun = time.perf_counter()
            good = http.post(path, json=body).status_code == httpx.codes.OK
            found.append(time.perf_counter() - begun if good else None)
    return found


def _rows(spec: ModelSpec, number: str, store: Store) -> tuple[pd.DataFrame, Floats]:
    """Held-out rows, and what the version said of them when it was judged."""
    wanted = registry.version(spec.name, number)
    held_out = recorded_data(spec, runs.manifest(wanted.run_id)).held_out
    rows = first_labelled(spec, held_out, store)[:SMOKE_ROWS]
    return rows, evidence.load(spec.name, wanted.run_id, store).challenger[: len(rows)]


def _path(spec: ModelSpec, number: str) -> str:
    return f"/v2/models/{spec.name}/versions/{number}/invocations"


def _body(rows: pd.DataFrame) -> dict[str, Any]:
    plain = rows.astype(object).where(rows.notna(), None)
    return {"dataframe_split": {"columns": list(plain.columns), "data": plain.to_numpy().tolist()}}


def _until_loaded(spec: ModelSpec, number: str, http: httpx.Client) -> None:
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
def _outages() -> Iterator[None]:
    """A service that does not answer is an Outage."""
    try:
        yield
    except httpx.TransportError as problem:
        raise Outage(
            f"The service at {settings().service} does not answer: {problem!r}. Start it (python -m include serve)."
        ) from problem

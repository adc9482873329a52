"""The load test of a version on trial: what users sent in the last days, as fast as they sent it, or held-out rows."""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import numpy as np
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from include.errors import BadData, SpecError
from include.lake.store import Store
from include.release import requests, trial
from include.spec import ModelSpec, RolloutRules, Slo

MEMORY = "perennial_serving_resident_bytes"
MOST_SECONDS = 60.0  # that recorded traffic is spread over; slower traffic is sent faster


class Load(NamedTuple):
    """What a load test measured. `memory_mb` is that of the worker that takes most."""

    requests: int
    of: str
    failed: int
    p50_ms: float
    p99_ms: float
    per_second: float
    memory_mb: float

    @property
    def sentence(self) -> str:
        """In words."""
        return (
            f"{self.requests} requests of {self.of}, {self.failed} failed, {self.per_second:.0f} in a second, half of "
            f"them within {self.p50_ms:.3g} ms and 99 of 100 within {self.p99_ms:.3g} ms; no worker takes more than "
            f"{self.memory_mb:.0f} MB"
        )


class Question(NamedTuple):
    """What is sent, and so many seconds after the first one."""

    after: float
    body: dict[str, Any]


def measure(spec: ModelSpec, number: str, rules: RolloutRules, store: Store, home: Path) -> Load:
    """Sends the version so many requests from so many clients at once. Outage where the service is not there."""
    questions, of = _questions(spec, number, rules, store, home)
    with trial.outages(), trial.client() as http:
        trial.until_loaded(spec, number, http)
        begun = time.perf_counter()
        taken = _sent(trial.path(spec, number), questions, rules.load_clients)
        seconds = time.perf_counter() - begun
        memory = _memory_mb(http)
    good = np.array([one for one in taken if one is not None]) * 1000
    p50, p99 = np.quantile(good, [0.5, 0.99]) if len(good) else (np.inf, np.inf)
    return Load(
        len(questions), of, len(questions) - len(good), float(p50), float(p99), len(questions) / seconds, memory
    )


def check(spec: ModelSpec, number: str, found: Load, slo: Slo) -> None:
    """BadData where the measured load breaks what is promised."""
    broken = []
    if found.failed > slo.error_rate * found.requests:
        broken.append(f"{found.failed} of {found.requests} failed, promised are {slo.error_rate:.2%}")
    if found.p99_ms > slo.p99_ms:
        broken.append(f"99 of 100 within {found.p99_ms:.3g} ms, promised are {slo.p99_ms:g}")
    if found.memory_mb > slo.memory_mb:
        broken.append(f"a worker takes {found.memory_mb:.0f} MB, promised are {slo.memory_mb:g}")
    if broken:
        raise BadData(f"{spec.name} v{number} fails its load test: {'; '.join(broken)}. It is not shown to users.")


def _questions(
    spec: ModelSpec, number: str, rules: RolloutRules, store: Store, home: Path
) -> tuple[list[Question], str]:
    """Recorded requests if there are enough, and what they are."""
    asked = trial.asked(spec, number)
    found = requests.newest(asked, rules.load_requests, store, home)
    if len(found) >= rules.load_requests:
        after = paced([one.at for one in found], rules.load_factor)
        bodies = [{"dataframe_split": {"columns": list(asked.features.names), "data": one.rows}} for one in found]
        return [Question(*pair) for pair in zip(after, bodies, strict=True)], "recorded traffic"
    rows = trial.held_out(spec, number, store)
    bodies = [trial.body(rows.iloc[[place]]) for place in range(len(rows))]
    return [Question(0.0, one) for one in islice(cycle(bodies), rules.load_requests)], "held-out rows"


def paced(moments: Sequence[float], factor: float) -> list[float]:
    """When each request is sent: as far apart as they came, `factor` times as fast, all within `MOST_SECONDS`.

    Example: moments 10, 11, 14 at a factor of 2 -> 0, 0.5, 2
    """
    times = max(factor, (moments[-1] - moments[0]) / MOST_SECONDS)
    return [(one - moments[0]) / times for one in moments]


def _sent(path: str, questions: Sequence[Question], clients: int) -> list[float | None]:
    """The seconds of each request; None for one that failed. Each client sends what is due next, once it is free."""
    waiting, turn, begun = iter(questions), threading.Lock(), time.perf_counter()

    def hammer(_: int) -> list[float | None]:
        with trial.client() as http:
            return [_asked(http, path, one, begun) for one in _next(waiting, turn)]

    with ThreadPoolExecutor(clients) as pool:
        return [one for part in pool.map(hammer, range(clients)) for one in part]


def _next(waiting: Iterator[Question], turn: threading.Lock) -> Iterator[Question]:
    while True:
        with turn:
            one = next(waiting, None)
        if one is None:
            return
        yield one


def _asked(http: httpx.Client, path: str, one: Question, begun: float) -> float | None:
    """The seconds of one request when it is due. A replica that has yet to load the version is waited for."""
    time.sleep(max(0.0, begun + one.after - time.perf_counter()))
    deadline = time.monotonic() + trial.LOAD_SECONDS
    while True:
        sent = time.perf_counter()
        status = http.post(path, json=one.body).status_code
        if status != httpx.codes.NOT_FOUND or time.monotonic() > deadline:
            return time.perf_counter() - sent if status == httpx.codes.OK else None
        time.sleep(trial.POKE_SECONDS)


def _memory_mb(http: httpx.Client) -> float:
    """What the largest worker takes, by the service's own metrics."""
    answer = http.get("/metrics")
    if answer.status_code != httpx.codes.OK:
        raise SpecError(
            f"The service does not show its metrics ({answer.status_code}): the key in PERENNIAL_SERVICE_KEY has to be "
            "one for all models ('*')."
        )
    families = {one.name: one for one in text_string_to_metric_families(answer.text)}  # type: ignore[no-untyped-call]
    return float(max(one.value for one in families[MEMORY].samples)) / 2**20

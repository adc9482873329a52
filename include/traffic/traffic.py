"""Requests at a rate, whatever the answers take; what came back is kept by the version that answered.

Arrivals are a Poisson process: each of a few clients waits exponential times, and their sum is again one. A client that
is late sends at once, and the time of an answer counts from the moment it should have been asked: a service that stands
still cannot hide it.
"""

import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import cycle, islice
from typing import Self

import numpy as np

from include.client import Label, ModelClient, Refused, ServiceError
from include.traffic.replayed import Request

CLIENTS = 8
LABELS_AT_ONCE = 25


class Traffic:
    """Asks while the block runs, one row per request, in turn and over again: a row is the same entity each time.

    `seconds` are the times of answers by version, `refused` and `failed` say why the others have none. With `labels`,
    what came true is told a little later; `labelled` counts it.
    """

    def __init__(
        self, client: ModelClient, requests: Sequence[Request], rate: float, *, labels: bool = False, seed: int = 1
    ) -> None:
        self.seconds: defaultdict[str, list[float]] = defaultdict(list)
        self.refused: list[str] = []
        self.failed: list[str] = []
        self.labelled = 0
        self._client, self._requests, self._rate, self._labels, self._seed = client, requests, rate, labels, seed
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(number,)) for number in range(CLIENTS)]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Begins to ask, beside what the caller does."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ends it, once the requests under way are answered."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def forget(self) -> None:
        """Counts answers from here on anew; what was refused or failed stays."""
        with self._lock:
            self.seconds.clear()

    @property
    def seen(self) -> Counter[str]:
        """How many answers each version gave so far."""
        with self._lock:
            return Counter({version: len(seconds) for version, seconds in self.seconds.items()})

    @property
    def told(self) -> str:
        """What came back so far, as a table."""
        with self._lock:
            lines = [_line(version, seconds) for version, seconds in sorted(self.seconds.items())]
        head = f"{'answered by':<12} {'requests':>9} {'p50 ms':>8} {'p99 ms':>8}"
        others = [f"refused {len(self.refused)}, failed {len(self.failed)}, labels {self.labelled}"]
        newest = [f"newest {name}: {texts[-1]}" for name, texts in self._unanswered if texts]
        return "\n".join([head, *lines, *others, *newest])

    @property
    def _unanswered(self) -> tuple[tuple[str, list[str]], ...]:
        return ("refusal", self.refused), ("failure", self.failed)

    def _send(self, number: int) -> None:
        """One client: it begins at a place of its own among the rows."""
        draw, at = random.Random(f"{self._seed}-{number}"), time.perf_counter()
        begin = number * len(self._requests) // CLIENTS
        waiting: dict[str, Label] = {}
        for request in islice(cycle(self._requests), begin, None):
            at += draw.expovariate(self._rate / CLIENTS)
            if self._stop.wait(max(0.0, at - time.perf_counter())):
                break
            waiting |= self._ask(request, at)
            if len(waiting) >= LABELS_AT_ONCE:
                self._tell(waiting)
                waiting = {}
        self._tell(waiting)

    def _ask(self, request: Request, at: float) -> dict[str, Label]:
        """Gives the label to be told of it later, if there is one."""
        try:
            [answer] = self._client.predict(request.row)
        except ServiceError as problem:
            with self._lock:
                (self.refused if isinstance(problem, Refused) else self.failed).append(str(problem))
            return {}
        with self._lock:
            self.seconds[answer.version].append(time.perf_counter() - at)
        return {answer.id: request.label} if self._labels and request.label is not None else {}

    def _tell(self, labels: dict[str, Label]) -> None:
        if not labels:
            return
        try:
            taken = self._client.feedback(labels)
        except ServiceError as problem:
            with self._lock:
                self.failed.append(f"labels: {problem}")
            return
        with self._lock:
            self.labelled += taken


def _line(version: str, seconds: list[float]) -> str:
    p50, p99 = np.quantile(np.array(seconds) * 1000, [0.5, 0.99])
    name = f"v{version}" if version else "no version"
    return f"{name:<12} {len(seconds):>9,} {p50:>8.1f} {p99:>8.1f}"

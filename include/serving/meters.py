"""What a worker counts: plain numbers, for a request must not pay for its own measurement."""

from bisect import bisect_left
from collections import defaultdict

import msgspec

STAGES = ("parse", "features", "validate", "model", "log", "total")
BOUNDS = (
    0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
)  # fmt: skip
"""Upper bounds of the latency buckets in seconds; one more takes the rest."""


class Histogram(msgspec.Struct):
    """Counts per bucket, and the sum of what was observed."""

    counts: list[int]
    sum: float = 0.0

    @classmethod
    def empty(cls) -> "Histogram":
        return cls([0] * (len(BOUNDS) + 1))

    def observe(self, seconds: float) -> None:
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.sum += seconds


class Meters(msgspec.Struct):
    """Of one model in one worker.

    `answers` by status code of the response; `predictions` by `<slot>/<version>`; `stages` in seconds of a request.
    """

    answers: dict[int, int] = msgspec.field(default_factory=lambda: defaultdict(int))
    predictions: dict[str, int] = msgspec.field(default_factory=lambda: defaultdict(int))
    stages: dict[str, Histogram] = msgspec.field(default_factory=lambda: {name: Histogram.empty() for name in STAGES})
    log_dropped: int = 0
    shadow_dropped: int = 0
    shadow_failed: int = 0
    glass_broken: int = 0
    features_missing: int = 0

    def count(self, status: int) -> None:
        """One answer with this status code."""
        self.answers[status] = self.answers.get(status, 0) + 1

    def predicted(self, slot: str, version: str, rows: int) -> None:
        """So many predictions of a version in a slot."""
        name = f"{slot}/{version}"
        self.predictions[name] = self.predictions.get(name, 0) + rows

    def took(self, *moments: float) -> None:
        """The stages of one request, from the moments at which each began and the last one ended."""
        for stage, begin, end in zip(STAGES, moments, moments[1:], strict=False):
            self.stages[stage].observe(end - begin)
        self.stages["total"].observe(moments[-1] - moments[0])


class ServedVersions(msgspec.Struct):
    """What a worker serves of a model: versions by slot, the mode, and what keeps it from following."""

    sequence: int
    mode: str
    champion: str | None = None
    challenger: str | None = None
    fallback: str | None = None
    ready: bool = False
    problem: str = ""
    compiled: dict[str, str] = {}


class ReplicaStatus(msgspec.Struct):
    """A worker's word about itself, renewed each second in a file. `memory` is what it takes now, in bytes."""

    replica: str
    pid: int
    at: float
    ledger_at: float
    memory: int
    models: dict[str, ServedVersions]
    meters: dict[str, Meters]

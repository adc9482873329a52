"""How a new version is put before users step by step, and what it has to prove on the way."""

from typing import Self

from pydantic import Field, model_validator

from include.spec.frozen import Frozen


class Slo(Frozen):
    """What the service promises of every answer, whichever version gives it."""

    p99_ms: float = Field(100.0, gt=0, description="99 of 100 requests are answered within so many milliseconds")
    error_rate: float = Field(0.01, gt=0, lt=1, description="the part of requests that may fail")
    memory_mb: float = Field(1000.0, gt=0, description="no worker of the service takes more; the load test looks")


class RolloutRules(Frozen):
    """The steps between approval and promotion. Verdicts hold however often one looks."""

    shadow_requests: int = Field(
        200, ge=0, description="so many requests are answered by both versions before anyone gets its answers; 0: none"
    )
    shares: tuple[float, ...] = Field(
        (0.05, 0.2, 0.5, 1.0), min_length=1, description="the part of the entities it answers, step by step; [1.0]: all"
    )
    min_requests: int = Field(200, ge=1, description="it answered at least so many at each step")
    min_minutes: float = Field(1.0, ge=0, description="each step takes at least so long")
    max_hours: float = Field(24.0, gt=0, description="a step that cannot be decided by then stops the rollout")
    worse_errors: float = Field(
        0.01, gt=0, lt=1, description="by how much its rate of errors may exceed the champion's"
    )
    worse_loss: float = Field(
        0.02, gt=0, lt=1, description="by how much its loss may exceed the champion's, once labels come"
    )
    other_answers: float = Field(
        0.2, gt=0, lt=1, description="how far its answers may be spread from the champion's (Kolmogorov's distance)"
    )
    false_stop: float = Field(
        0.05, gt=0, lt=0.5, description="the chance that a whole rollout is stopped although nothing is wrong"
    )
    miss: float = Field(
        0.05, gt=0, lt=0.5, description="the chance that a version with too many errors or slow answers is promoted"
    )
    load_requests: int = Field(500, ge=1, description="requests of the load test")
    load_clients: int = Field(4, ge=1, description="clients that send them at the same time")
    load_factor: float = Field(
        1.0, gt=0, description="how many times as fast as it came recorded traffic is sent; slow traffic is sent faster"
    )
    slo: Slo = Slo()

    @model_validator(mode="after")
    def _growing(self) -> Self:
        grows = all(before < after for before, after in zip((0.0, *self.shares), self.shares, strict=False))
        if not grows or self.shares[-1] > 1:
            raise ValueError(f"shares grow from step to step and end at 1.0 at most, got {list(self.shares)}")
        return self

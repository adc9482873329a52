"""What one row of the ledger says, as frozen values."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

PartitionStatus = Literal["admitted", "duplicate", "quarantined", "discarded"]
DeploymentAction = Literal["promote", "roll_back"]
Stage = Literal[
    "none", "staged", "tested", "loaded", "approved", "shadow", "canary", "ab", "passed", "promoted", "stopped",
    "rolled_back",
]  # fmt: skip
"""How far a rollout is. `none`: no version is, or was, on its way."""
ENDED: tuple[Stage, ...] = ("none", "promoted", "stopped", "rolled_back")
RolloutAction = Literal[
    "start", "test", "load", "approve", "advance", "compare", "promote", "hold", "resume", "stop", "abort", "roll_back",
    "break_glass", "mend_glass",
]  # fmt: skip
DecisionKind = Literal[
    "quarantine",
    "collection",
    "training_request",
    "fit",
    "reproduction",
    "gate",
    "override",
    "registration",
    "promotion",
    "rejection",
    "watch",
    "performance",
    "served_drift",
    "served_quality",
    "served_performance",
    "served_policy",
    "feature_check",
    "retrain_policy",
    "roll_back",
    "alert",
    "delivery",
]


def now() -> datetime:
    """The current moment in UTC."""
    return datetime.now(UTC)


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class Record(BaseModel):
    """One row; `recorded_at` is the moment the fact was stated."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    recorded_at: Moment = Field(default_factory=now)


class PartitionRecord(Record):
    """The verdict on one landing (`fingerprint`) of one partition (`key`) of a dataset."""

    dataset: str
    key: str
    fingerprint: str
    status: PartitionStatus
    content_hash: str | None = None
    rows: int | None = None
    path: str | None = None
    reason: str | None = None
    evidence: str | None = None


class Deployment(Record):
    """One change of a model's champion; the highest `sequence` is the champion."""

    model: str
    sequence: int = Field(ge=1)
    version: str
    model_hash: str
    action: DeploymentAction
    replaces: str | None = None
    actor: str
    reason: str


class Rollout(Record):
    """One change of what is on its way to become champion; the one with the highest `sequence` is the state.

    `share` is the part of the entities the version answers, by a hash under `salt`. A `held` rollout goes no step
    further. `answer` is set while the glass is broken: a constant, or `fallback` for the rule in pipeline.py.
    """

    model: str
    sequence: int = Field(ge=1)
    version: str | None = None
    model_hash: str | None = None
    stage: Stage = "none"
    share: float = Field(0.0, ge=0, le=1)
    salt: str | None = None
    held: bool = False
    answer: str | None = None
    action: RolloutAction
    actor: str
    reason: str
    detail: str = "{}"


class Replica(Record):
    """From when on a replica of the service follows a routing: `version` is its champion then, None where it left."""

    replica: str
    model: str
    sequence: int = Field(ge=0)
    version: str | None = None


class Decision(Record):
    """One decision about a model: what about (`subject`: run, version or partition key), how it ended and why."""

    model: str
    kind: DecisionKind
    subject: str
    outcome: str
    reason: str
    actor: str
    evidence: str | None = None
    detail: str = "{}"


class PredictionRecord(Record):
    """Where the predictions of one model version for one partition are stored."""

    model: str
    version: str
    key: str
    content_hash: str
    path: str
    rows: int = Field(ge=0)

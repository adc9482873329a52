"""What is watched: partitions that were scored, by days of data; what the service answered, by days of the clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from include.drift import Tier
from include.ledger import Decision
from include.ledger.records import DecisionKind


@dataclass(frozen=True)
class Watched:
    """Which decisions hold the verdicts and what follows, the causes people are told of, and the Dag that watches.

    `asked_on` is the day of a request for training on the clock of what is watched.
    """

    drift: DecisionKind
    performance: DecisionKind
    policy: DecisionKind
    causes: Mapping[DecisionKind, str]
    dag: str
    asked_on: Callable[[Decision], date]


SCORED = Watched(
    "watch", "performance", "retrain_policy", {"watch": "drift", "performance": "performance"}, "watch",
    lambda request: date.fromisoformat(request.subject),
)  # fmt: skip
SERVED = Watched(
    "served_drift", "served_performance", "served_policy",
    {"served_drift": "served drift", "served_performance": "served performance"}, "watch_served",
    lambda request: request.recorded_at.date(),
)  # fmt: skip


def tier_of_verdict(verdict: Decision | None) -> Tier:
    """How loud a recorded verdict is; ok where there is none."""
    return "ok" if verdict is None else verdict.outcome  # type: ignore[return-value]

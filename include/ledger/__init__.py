"""The append-only record of what was admitted, deployed, decided and predicted; SQLite by default, Postgres by URL."""

from include.ledger.details import Approval, Override, Promotion
from include.ledger.ledger import Ledger
from include.ledger.records import Decision, Deployment, PartitionRecord, PredictionRecord, Replica, Rollout
from include.ledger.schema import migrate

__all__ = [
    "Approval",
    "Decision",
    "Deployment",
    "Ledger",
    "Override",
    "PartitionRecord",
    "PredictionRecord",
    "Promotion",
    "Replica",
    "Rollout",
    "migrate",
]

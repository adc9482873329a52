"""The append-only record of what was admitted, deployed, decided and predicted; SQLite by default, Postgres by URL."""

from include.ledger.ledger import Ledger
from include.ledger.records import Decision, Deployment, PartitionRecord, PredictionRecord
from include.ledger.schema import migrate

__all__ = ["Decision", "Deployment", "Ledger", "PartitionRecord", "PredictionRecord", "migrate"]

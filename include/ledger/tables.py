"""The ledger's tables. A change here needs a migration in `migrations/versions` and a new `REVISION`."""

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

REVISION = "0003"
"""The migration this code needs; `Ledger.open` refuses any other."""


class UtcDateTime(TypeDecorator[datetime]):
    """Aware moments in, UTC moments out, whatever the database makes of time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a time zone cannot be recorded: {value.isoformat()}")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# Partition keys are compared and sorted as bytes on every database, never by a locale.
_Key = Text().with_variant(Text(collation="C"), "postgresql")

metadata = MetaData()

partitions = Table(
    "partitions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dataset", Text, nullable=False),
    Column("key", _Key, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("content_hash", Text),
    Column("rows", Integer),
    Column("path", Text),
    Column("reason", Text),
    Column("evidence", Text),
    Column("recorded_at", UtcDateTime, nullable=False),
    UniqueConstraint("dataset", "key", "fingerprint", name="one_verdict_per_landing"),
)

deployments = Table(
    "deployments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("model", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("version", Text, nullable=False),
    Column("model_hash", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("replaces", Text),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    UniqueConstraint("model", "sequence", name="one_champion_at_a_time"),
)

rollouts = Table(
    "rollouts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("model", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("version", Text),
    Column("model_hash", Text),
    Column("stage", Text, nullable=False),
    Column("share", Float, nullable=False),
    Column("salt", Text),
    Column("held", Boolean, nullable=False),
    Column("answer", Text),
    Column("action", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    UniqueConstraint("model", "sequence", name="one_rollout_at_a_time"),
)

replicas = Table(
    "replicas",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("replica", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("version", Text),
    Column("recorded_at", UtcDateTime, nullable=False),
    Index("replicas_of_a_model", "model", "sequence"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("model", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("evidence", Text),
    Column("detail", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Index("decisions_of_a_model", "model", "kind", "subject"),
)

predictions = Table(
    "predictions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("model", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("key", _Key, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Index("predictions_of_a_partition", "model", "key"),
)

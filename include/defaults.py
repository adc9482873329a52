"""What every Dag states, in one place."""

from datetime import UTC, datetime, timedelta
from typing import TypedDict

START = datetime(2024, 1, 1, tzinfo=UTC)


class TaskDefaults(TypedDict):
    """Defaults of every task."""

    owner: str
    retries: int
    retry_delay: timedelta


class DagDefaults(TypedDict):
    """Defaults of every Dag."""

    start_date: datetime
    catchup: bool
    tags: list[str]
    default_args: TaskDefaults


def dag_defaults(owner: str, *tags: str) -> DagDefaults:
    """Arguments for one Dag: outages are tried three times, a minute apart."""
    return {
        "start_date": START,
        "catchup": False,
        "tags": ["perennial", *tags],
        "default_args": {"owner": owner, "retries": 2, "retry_delay": timedelta(minutes=1)},
    }

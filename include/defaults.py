"""What every Dag states, in one place."""

from datetime import timedelta
from typing import TypedDict


class TaskDefaults(TypedDict):
    """Defaults of every task."""

    owner: str
    retries: int
    retry_delay: timedelta


class DagDefaults(TypedDict):
    """Defaults of every Dag."""

    catchup: bool
    tags: list[str]
    default_args: TaskDefaults


def dag_defaults(owner: str, *tags: str) -> DagDefaults:
    """Arguments for one Dag: outages are tried three times, a minute apart.

    Without a start date a Dag that is unpaused waits for its next tick; with one it would run the last tick at once.
    """
    return {
        "catchup": False,
        "tags": ["perennial", *tags],
        "default_args": {"owner": owner, "retries": 2, "retry_delay": timedelta(minutes=1)},
    }

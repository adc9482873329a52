"""What every Dag states, in one place."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypedDict

Call = Callable[[Any], None]


class TaskCalls(TypedDict, total=False):
    """What a task calls when it has ended, one way or another."""

    on_failure_callback: Sequence[Call]
    on_success_callback: Sequence[Call]
    on_skipped_callback: Sequence[Call]


class TaskDefaults(TaskCalls):
    """Defaults of every task."""

    owner: str
    retries: int
    retry_delay: timedelta


class DagDefaults(TypedDict):
    """Defaults of every Dag."""

    catchup: bool
    tags: list[str]
    default_args: TaskDefaults


def dag_defaults(owner: str, *tags: str, calls: TaskCalls | None = None) -> DagDefaults:
    """Arguments for one Dag: outages are tried three times, a minute apart; `calls` follow the end of every task.

    Without a start date a Dag that is unpaused waits for its next tick; with one it would run the last tick at once.
    """
    return {
        "catchup": False,
        "tags": ["perennial", *tags],
        "default_args": {"owner": owner, "retries": 2, "retry_delay": timedelta(minutes=1), **(calls or {})},
    }

"""How a step's end becomes a task's end: bad data fails at once, outages retry, a normal refusal is skipped."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include.errors import BadData, Conflict, NotFound, NothingToDo, PerennialError, SpecError
from include.steps import Result

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)
NEVER_RETRIED = (BadData, Conflict, NotFound, SpecError)


class Reporting(Protocol):
    """An operator whose task links to what its step reported."""

    reported_links: dict[str, str]
    reported_evidence: str | None


@contextmanager
def as_task_end(operator: Reporting, context: "Context") -> Iterator[None]:
    """Raises what Airflow understands in place of Perennial's errors, and keeps the sentence with the task."""
    try:
        yield
    except PerennialError as end:
        operator.reported_evidence = end.evidence
        context["ti"].xcom_push(key="sentence", value=str(end))
        if isinstance(end, NothingToDo):
            raise AirflowSkipException(str(end)) from end
        if isinstance(end, NEVER_RETRIED):
            raise AirflowFailException(str(end)) from end
        raise


def report(operator: Reporting, context: "Context", result: Result) -> object:
    """Announces the result's partition keys on the task's outlets and stores its links.

    Gives what the next task reads from XCom: the arguments of the mapped tasks that follow, else the small facts.
    """
    operator.reported_links, operator.reported_evidence = result.links, result.evidence
    for outlet in context["outlets"]:
        event = context["outlet_events"][outlet]
        event.add_partitions(list(result.announces))
        event.extra = {"sentence": result.sentence, **result.facts}
    context["ti"].xcom_push(key="sentence", value=result.sentence)
    log.info("%s", result.sentence)
    return list(result.each) or dict(result.facts)

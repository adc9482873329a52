"""A task of the loop that ended red is an alert of its own, until the same task ends well."""

from dataclasses import dataclass
from typing import Literal

from include.alerts.notice import Notice
from include.settings import FILES


@dataclass(frozen=True)
class TaskEnd:
    """How a task ended: its Dag and name, the partition key it worked on, what it said and where to look.

    `mapped` tasks work on several keys side by side.
    """

    dag: str
    task: str
    key: str | None
    failed: bool
    sentence: str
    mapped: bool = False
    log: str = ""
    evidence: str | None = None

    @property
    def name(self) -> str:
        """The task as one name."""
        return f"{self.dag}.{self.task}"


def of_task(of: Literal["model", "dataset"], about: str, end: TaskEnd) -> Notice:
    """What the end of a task is to those who are told of its model or dataset.

    A task that goes on with the next key is one cause of worry, over when it ends well on any key; of those that work
    side by side each is one.
    """
    place = f"{end.name} of {end.key}" if end.key else end.name
    pages = {"Log": end.log} if end.log else {}
    if end.evidence:
        pages["Evidence"] = f"{FILES}/{end.evidence}"
    return Notice(
        of=of,
        about=about,
        cause=f"task {place if end.mapped else end.name}",
        tier="alert" if end.failed else "ok",
        sentence=f"{place} failed: {end.sentence}" if end.failed else f"{place} ended well again",
        runbook="dag-by-dag",
        pages=pages,
    )

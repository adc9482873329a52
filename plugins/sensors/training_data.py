"""Waits for the newest partition a training would use."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseSensorOperator

from include.spec import ModelSpec
from plugins.operators.outcome import as_task_end
from plugins.triggers.partition import PartitionJudgedTrigger, is_judged

if TYPE_CHECKING:
    from airflow.sdk import Context


class AwaitTrainingDataSensor(BaseSensorOperator):
    """Gives the day the training stands on, once the partition of the day before has its verdict.

    It waits deferred, `training.wait_hours` at most and no longer than that beyond the day itself, and then lets the
    training go on with what is there. Without a day it takes the one after the newest admitted partition.
    """

    template_fields = ("as_of",)

    def __init__(self, *, model: ModelSpec, as_of: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dataset = model.dataset
        self.partition_format = model.contract.partition_format
        self.wait_seconds = model.training.wait_hours * 3600
        self.as_of = as_of
        self.reported_links: dict[str, str] = {}
        self.reported_evidence: str | None = None

    def execute(self, context: "Context") -> str:
        """The day, at once where nothing has to be waited for."""
        with as_task_end(self, context):
            as_of = self._day()
            key = (as_of - timedelta(days=1)).strftime(self.partition_format)
            deadline = self._deadline(as_of)
            if deadline > time.time() and not is_judged(self.dataset, key):
                trigger = PartitionJudgedTrigger(self.dataset, key, deadline)
                self.log.info("Waiting for the verdict on partition %s of %s", key, self.dataset)
                self.defer(trigger=trigger, method_name="execute_complete", kwargs={"as_of": as_of.isoformat()})
            return as_of.isoformat()

    def execute_complete(self, context: "Context", event: dict[str, Any], as_of: str) -> str:  # noqa: ARG002
        """The day, after the wait."""
        if not event["judged"]:
            self.log.warning(
                "Training as of %s goes on without the partition of the day before: it did not come", as_of
            )
        return as_of

    def _deadline(self, as_of: date) -> float:
        """Epoch seconds until which it is worth waiting: a partition of long ago is not merely late."""
        end_of_day = datetime.combine(as_of + timedelta(days=1), datetime.min.time(), tzinfo=UTC).timestamp()
        return min(time.time(), end_of_day) + self.wait_seconds

    def _day(self) -> date:
        from include.steps.place import day, ledger  # noqa: PLC0415 - SQL is not imported while Dags are parsed
        from include.training.newest import day_after_newest  # noqa: PLC0415

        return day(self.as_of) if self.as_of else day_after_newest(self.dataset, self.partition_format, ledger())

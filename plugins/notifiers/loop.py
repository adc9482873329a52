"""What every task of the loop does when it ends: it tells how it ended, and sends what its people have not heard.

A task's callbacks run in the worker, once its end is decided: nothing here can make it red. Those of a task that was
killed run in the Dag processor.
"""

import logging
from functools import partial
from typing import TYPE_CHECKING, Literal

from airflow.sdk import BaseNotifier

from include.defaults import TaskCalls
from include.spec import ContractSpec, ModelSpec

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.alerts.tasks import TaskEnd

log = logging.getLogger(__name__)


class LoopNotifier(BaseNotifier):
    """Puts a task's end on record where it is news, then has the channels told what they have not heard yet."""

    def __init__(self, spec: ModelSpec | ContractSpec, *, failed: bool) -> None:
        super().__init__()
        self.of: Literal["model", "dataset"] = "model" if isinstance(spec, ModelSpec) else "dataset"
        self.about = spec.name if isinstance(spec, ModelSpec) else spec.dataset
        self.channels = spec.alerts
        self.failed = failed

    def notify(self, context: "Context") -> None:
        """Tells and sends. What goes wrong here is in the task's log and, where it can be, in the ledger."""
        from airflow.configuration import conf  # noqa: PLC0415 - read by tasks as they end, not by every parse

        from include.alerts import deliver, tell  # noqa: PLC0415
        from include.alerts.quarantine import is_held  # noqa: PLC0415
        from include.alerts.tasks import of_task  # noqa: PLC0415
        from include.steps.place import ledger  # noqa: PLC0415
        from plugins.notifiers.sending import send  # noqa: PLC0415

        book, end = ledger(), _end(context, self.failed)
        told = end.failed and self.of == "dataset" and is_held(self.about, str(end.key), book)  # by the step itself
        if not told:
            tell(of_task(self.of, self.about, end), book)
        airflow = conf.get("api", "base_url", fallback="")
        for one in deliver(self.of, self.about, self.channels, book, partial(send, airflow=airflow)):
            log.info("Alert %s: %s (%s)", one.subject, one.outcome, one.reason)


def _end(context: "Context", failed: bool) -> "TaskEnd":
    from include.alerts.tasks import TaskEnd  # noqa: PLC0415

    ti = context["ti"]
    operator, mapped = context["task"], ti.map_index is not None and ti.map_index >= 0
    arguments = getattr(operator, "step_arguments", None) or getattr(operator, "arguments", {})
    return TaskEnd(
        dag=ti.dag_id,
        task=ti.task_id,
        key=arguments.get("key") or context.get("partition_key"),
        failed=failed,
        sentence=str(context.get("exception") or ""),
        mapped=mapped,
        log=str(getattr(ti, "log_url", "")),
        evidence=getattr(operator, "reported_evidence", None),
    )


def telling(spec: ModelSpec | ContractSpec) -> TaskCalls:
    """The callbacks of every task that works for a model or dataset."""
    failed, well = LoopNotifier(spec, failed=True), LoopNotifier(spec, failed=False)
    return {"on_failure_callback": [failed], "on_success_callback": [well], "on_skipped_callback": [well]}

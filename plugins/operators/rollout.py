"""One step of a rollout as a task: it brings the version there, and waits deferred until the step is decided."""

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from include.settings import FILES
from include.steps import STEPS
from plugins.links.step_links import EvidenceLink, MlflowRunLink
from plugins.operators.outcome import as_task_end, report
from plugins.triggers.rollout import RolloutStepTrigger

if TYPE_CHECKING:
    from airflow.sdk import Context


class RolloutStepOperator(BaseOperator):
    """Lets a version answer a part of the requests, and ends when the verdict is to go on.

    Its link `Evidence` opens the live numbers. A version that was stopped or aborted is skipped with its reason.
    """

    template_fields = ("version", "approved")
    operator_extra_links = (MlflowRunLink(), EvidenceLink())
    ui_color = "#e8f3ec"

    def __init__(
        self, *, target: str, version: str, stage: str, share: float, approved: dict[str, str], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.target = target
        self.version = version
        self.stage = stage
        self.share = str(share)
        self.approved = approved
        self.reported_links: dict[str, str] = {}
        self.reported_evidence: str | None = None

    def execute(self, context: "Context") -> object:
        """Brings the version to the step, then waits."""
        with as_task_end(self, context):
            entered = STEPS["enter-rollout"].run(self.target, {**self._step, **self.approved})
        self.log.info("%s", entered.sentence)
        return self._looked(context)

    def execute_complete(self, context: "Context", event: dict[str, Any]) -> object:  # noqa: ARG002
        """What was decided, by another look."""
        return self._looked(context)

    def _looked(self, context: "Context") -> object:
        with as_task_end(self, context):
            found = STEPS["look-at-rollout"].run(self.target, self._step)
        if found.facts["decision"] == "wait":
            self.reported_evidence = found.evidence
            context["ti"].xcom_push(key="live", value=f"{FILES}/{found.evidence}")
            trigger = RolloutStepTrigger(self.target, self.version, self.stage, self.share)
            self.defer(trigger=trigger, method_name="execute_complete")
        return report(self, context, found)

    @property
    def _step(self) -> dict[str, str | None]:
        return {"version": self.version, "stage": self.stage, "share": self.share}

"""Links from a task to the pages behind it: its MLflow run, its evidence and its model's time line."""

from typing import TYPE_CHECKING

from airflow.sdk import BaseOperatorLink

from include.settings import BOARD, FILES
from include.steps import STEPS

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey


class MlflowRunLink(BaseOperatorLink):
    """Opens the step's run in MLflow."""

    name = "MLflow run"

    def get_link(self, operator: "BaseOperator", *, ti_key: "TaskInstanceKey") -> str:  # noqa: ARG002
        """The address the step reported; empty where it has no run."""
        return str(getattr(operator, "reported_links", {}).get(self.name, ""))


class EvidenceLink(BaseOperatorLink):
    """Opens what the step stored in the lake: evidence, report or quarantine page."""

    name = "Evidence"

    def get_link(self, operator: "BaseOperator", *, ti_key: "TaskInstanceKey") -> str:  # noqa: ARG002
        """The address of the stored page; empty where the step stored none."""
        path = getattr(operator, "reported_evidence", None)
        return f"{FILES}/{path}" if path else ""


class TimelineLink(BaseOperatorLink):
    """Opens the time line of the step's model on the board."""

    name = "Time line"

    def get_link(self, operator: "BaseOperator", *, ti_key: "TaskInstanceKey") -> str:  # noqa: ARG002
        """The address of the model's page; empty for a step on a dataset."""
        step = STEPS[str(getattr(operator, "step", ""))]
        return f"{BOARD}/{getattr(operator, 'target', '')}#timeline" if step.target == "model" else ""

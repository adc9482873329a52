"""The person in the loop: nobody answers means no, and an answer holds for one version."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Param

from include.spec import ModelSpec
from include.steps import STEPS

if TYPE_CHECKING:
    from airflow.sdk import Context


class ApproveReleaseOperator(ApprovalOperator):
    """Waits for a person where the model's owner wants one, or a gate was overridden; gives who decided and why.

    `overridden` names the gates that were; what a person overrode, a person releases. No answer in time is a rejection.
    A rejection is recorded in the ledger and skips the promotion.
    """

    template_fields = (*ApprovalOperator.template_fields, "version", "overridden")

    def __init__(self, *, model: ModelSpec, version: str, overridden: str, **kwargs: Any) -> None:
        super().__init__(
            defaults=self.REJECT,
            response_timeout=timedelta(hours=model.release.approval_timeout_hours),
            params={
                "reason": Param(None, type=["null", "string"], title="Reason", description="Kept with the decision.")
            },
            **kwargs,
        )
        self.model_name = model.name
        self.required = model.release.approval
        self.version = version
        self.overridden = overridden

    def execute(self, context: "Context") -> dict[str, str] | None:
        """Who approves where no person is asked; otherwise parks the task until one answers."""
        if not self.required and not self.overridden:
            return {"actor": "release policy", "reason": "model.yaml asks for no approval", "approval": "policy"}
        super().execute(context)
        return None

    def execute_complete(self, context: "Context", event: dict[str, Any]) -> dict[str, str]:
        """Who decided and why. A rejection is recorded before it skips the promotion, which ends the task."""
        user = event["responded_by_user"]
        actor = str(user["name"]) if user else "nobody"
        rejected = event["chosen_options"] == [self.REJECT]
        given = str((event["params_input"] or {}).get("reason") or "")
        decided = f"{'rejected' if rejected else 'approved'} by {actor}" if user else "no answer in time"
        decision = {"actor": actor, "reason": given or decided}
        if rejected:
            STEPS["reject"].run(self.model_name, {"version": self.version, **decision})
        super().execute_complete(context, event)
        return {**decision, "approval": "person"}

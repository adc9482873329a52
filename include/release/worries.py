"""What people are told of a version that was taken from users, and when it is over."""

from include.alerts import tell
from include.alerts.notice import standing
from include.ledger import Ledger

STOPPED, ROLLED_BACK = "a-rollout-was-stopped", "a-model-was-rolled-back"  # headings of the runbook


def end(model: str, version: str, ledger: Ledger) -> None:
    """Another version is champion: what was stopped or rolled back before it worries nobody any more."""
    for one in standing("model", model, ledger):
        if one.runbook in (STOPPED, ROLLED_BACK):
            sentence = f"v{version} is champion now"
            tell(one.model_copy(update={"tier": "ok", "sentence": sentence, "pages": {}}), ledger)

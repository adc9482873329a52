"""A rollback that was cut off between the ledger and the registry is finished by the next try."""

import mlflow
import pytest

from include.incident.roll_back import roll_back
from include.ledger import Ledger
from include.registry import registry
from include.release.rollout import By
from tests.declared import spec


@pytest.fixture
def three_champions(ledger: Ledger, tracking: str) -> Ledger:
    """Versions 1, 2 and 3 were promoted; registry and ledger agree on 3."""
    client = mlflow.MlflowClient(tracking)
    client.create_registered_model("trip_late")
    for number in ("1", "2", "3"):
        client.create_model_version("trip_late", f"runs:/{number}/model", run_id=None, tags={"model_hash": number})
        ledger.record_deployment(
            "trip_late", number, number, expected=ledger.champion("trip_late"),
            action="promote", actor="ann", reason="test",
        )  # fmt: skip
    registry.point("trip_late", "champion", "3")
    return ledger


def test_two_rollbacks_go_back_two_versions_and_registry_and_ledger_agree(three_champions: Ledger) -> None:
    for version in ("2", "1"):
        assert roll_back(spec(), None, By("ann", "test"), three_champions).version == version
        assert registry.aliased("trip_late", "champion") == version
    told = three_champions.decisions("trip_late", kind="roll_back")
    assert [(one.subject, one.reason) for one in told] == [
        (version, "no replica of the service serves it") for version in ("2", "1")
    ]


def test_a_rollback_the_registry_did_not_follow_is_finished_and_not_taken_further(three_champions: Ledger) -> None:
    three_champions.record_deployment(
        "trip_late", "2", "2", expected=three_champions.champion("trip_late"),
        action="roll_back", actor="ann", reason="test",
    )  # fmt: skip
    assert registry.aliased("trip_late", "champion") == "3"
    assert roll_back(spec(), None, By("ann", "test"), three_champions).version == "2"
    assert registry.aliased("trip_late", "champion") == "2"
    assert [one.version for one in three_champions.deployments("trip_late")] == ["1", "2", "3", "2"]

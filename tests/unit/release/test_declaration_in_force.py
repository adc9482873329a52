"""What was declared when a version was promoted holds again when it is rolled back to, and not longer."""

import pytest

from include.lake import Store
from include.ledger import Ledger
from include.ledger.records import DeploymentAction
from include.registry import registry
from include.registry.registry import Version
from include.release.declared import in_force, keep
from tests.declared import spec

OLD = spec(monitoring={"alert": 0.15}, features={"numeric": ["bus"], "categorical": []}, owner="before")
TODAY = spec(monitoring={"alert": 0.25}, owner="after")


@pytest.fixture(autouse=True)
def versions(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(model: str, number: str) -> Version:
        return Version(model=model, version=number, run_id=f"run-{number}", model_hash="h")

    monkeypatch.setattr(registry, "version", version)


def deploy(ledger: Ledger, number: str, action: DeploymentAction) -> None:
    before = ledger.champion("trip_late")
    ledger.record_deployment("trip_late", number, "h", expected=before, action=action, actor="ann", reason="test")


def test_a_rollback_restores_thresholds_and_features_of_the_version_and_a_promotion_todays(
    ledger: Ledger, lake: Store
) -> None:
    keep(OLD, "run-1", lake)
    assert in_force(TODAY, lake, ledger) == TODAY
    deploy(ledger, "1", "promote")
    deploy(ledger, "2", "promote")
    assert in_force(TODAY, lake, ledger) == TODAY
    deploy(ledger, "1", "roll_back")
    back = in_force(TODAY, lake, ledger)
    assert (back.monitoring.alert, back.features) == (0.15, OLD.features)
    assert back.owner == "after"
    deploy(ledger, "3", "promote")
    assert in_force(TODAY, lake, ledger) == TODAY


def test_a_version_of_before_declarations_were_kept_has_todays(ledger: Ledger, lake: Store) -> None:
    deploy(ledger, "1", "promote")
    deploy(ledger, "1", "roll_back")
    assert in_force(TODAY, lake, ledger) == TODAY

"""Measured performance stays critical: the watch restores the former champion, with the real service behind it."""

from pathlib import Path

import pytest

from include.alerts.notice import standing
from include.cli import train
from include.incident.bundle import Incident
from include.incident.roll_back import last_followed
from include.lake import Store, layout
from include.ledger import Decision, Ledger
from include.registry import registry
from include.release import rolling
from include.release.rollout import By, Step
from include.spec import load_model
from include.steps import STEPS
from tests.declared import admit_days, declare
from tests.integration.conftest import MODEL
from tests.killing import steps
from tests.landing import TRIPS
from tests.service import promoted, registered, running, until
from tests.traffic import asking

NAME = "trip_late"
BY = By("ann", "test")
DECLARED = {**MODEL, "monitoring": {"min_rows": 20, "roll_back": True}, "release": {"rollout": {"shares": [0.5, 1.0]}}}


@pytest.fixture
def served(models: Path, lake: Store, ledger: Ledger, tracking: str) -> Ledger:
    """Version 2 is champion after version 1, has scored three days, and version 3 answers half of the entities."""
    declare(models, model=DECLARED, contract=TRIPS)
    keys = admit_days("2013-01-01", 40, lake, ledger)
    for as_of in ("2013-02-06", "2013-02-08"):
        train(NAME, as_of, "test")
        promoted(NAME, str(len(registry.known_versions(NAME))), ledger)
    for key in keys[-3:]:
        STEPS["score"].run(NAME, {"key": key})
    spec = load_model(NAME)
    rolling.stage(spec, registry.version(NAME, registered(NAME, "2013-02-10")), BY, ledger)
    for action in ("test", "load", "approve"):
        rolling.prepare(spec, "3", action, BY, ledger)
    for step in (Step("shadow"), Step("canary", 0.5)):
        rolling.enter(spec, "3", step, BY, ledger)
    return ledger


def measured(ledger: Ledger, day: str, tier: str, version: str = "2") -> None:
    ledger.record_decision(
        Decision(
            model=NAME, kind="performance", subject=day, outcome=tier, reason=f"auc: {tier}", actor="watch",
            detail=f'{{"version": "{version}"}}',
        )
    )  # fmt: skip


@pytest.mark.timeout(1200)
def test_the_watch_rolls_back_at_critical_however_often_it_dies_and_people_are_told(
    served: Ledger, lake: Store, tmp_path: Path
) -> None:
    for day in ("07", "08"):
        measured(served, f"2013-02-{day}", "critical")
    measured(served, "2013-02-09", "alert")  # one day too few
    assert "v3 is held" in STEPS["apply-policy"].run(NAME, {"key": "2013-02-09"}).sentence
    measured(served, "2013-02-09", "critical")
    with running(tmp_path, "--workers", "2") as service:
        until(lambda: len(served.replicas(NAME)) == 2, "both workers serve", service.log)
        deaths, ended = 0, None
        with steps(tmp_path) as doomed, asking(str(service.client.base_url)) as traffic:
            while ended is None or ended.how == "killed":
                ended = doomed.run("apply-policy", NAME, {"key": "2013-02-09"}, at=deaths)
                deaths += 1
            assert ended.how == "ok", ended
            assert deaths > 5
            traffic.forget()
            until(lambda: traffic.seen["1"] > 20, "v1 answers", service.log)
            assert set(traffic.seen) == {"1"}
        assert traffic.failed == []
    assert [(one.version, one.actor) for one in served.deployments(NAME)][-1] == ("1", "watch")
    assert len(served.deployments(NAME)) == 3
    assert registry.aliased(NAME, "champion") == "1"
    state, followed = served.rollout(NAME), last_followed(NAME, served)
    assert state is not None
    assert (state.version, state.stage, state.actor) == ("3", "rolled_back", "watch")
    assert followed is not None
    assert (len(followed.seconds), followed.missing) == (2, ())
    place = layout.incident(NAME, 3)
    [told] = [one for one in standing("model", NAME, served) if one.cause == "rollback of v2"]
    assert (told.tier, told.pages["Incident"]) == ("alert", f"/perennial/files/{place}/incident.html")
    assert "performance critical in 3 of the last 3 verdicts" in told.sentence
    incident = Incident.model_validate_json(lake.read_bytes(f"{place}/incident.json"))
    assert (incident.missing, incident.followed, incident.actor) == ((), followed, "watch")
    assert incident.comparison is not None

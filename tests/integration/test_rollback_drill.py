"""The drill: with the real service under load, a rollback reaches every replica well under ten seconds."""

import time
from pathlib import Path

import pytest

from include.errors import BadData
from include.incident import bundle
from include.incident.roll_back import last_followed, roll_back
from include.lake import layout
from include.ledger import Ledger
from include.registry import registry
from include.release import load, looking, rolling, trial
from include.release.rollout import By, Step
from include.serving.routed import routing
from include.spec import load_model
from include.steps import STEPS
from include.steps.place import lake
from tests.declared import admit_days, declare
from tests.integration.conftest import MODEL
from tests.landing import TRIPS
from tests.service import promoted, registered, running, until
from tests.traffic import asking

BY = By("ann", "drill")
GOAL_SECONDS = 10.0
RULES = {
    "shadow_requests": 30, "shares": [0.5, 1.0], "min_requests": 30, "min_minutes": 0, "load_requests": 40,
    "load_clients": 2, "worse_errors": 0.5, "miss": 0.4, "slo": {"p99_ms": 20_000, "error_rate": 0.5},
}  # fmt: skip


@pytest.fixture
def served(models: Path, lake: object, ledger: Ledger, tracking: str) -> Ledger:
    """Two versions with their evidence; the first one is champion."""
    declare(models, model={**MODEL, "release": {"rollout": RULES}}, contract=TRIPS)
    admit_days("2013-01-01", 40, lake, ledger)  # type: ignore[arg-type]
    for as_of in ("2013-02-08", "2013-02-10"):
        made = registry.version("trip_late", registered("trip_late", as_of))
        STEPS["evaluate"].run("trip_late", {"run": made.run_id})
    promoted("trip_late", "1", ledger)
    return ledger


@pytest.mark.timeout(1200)
def test_a_version_goes_to_all_users_and_is_rolled_back_while_no_request_fails(served: Ledger, tmp_path: Path) -> None:
    spec, store, home = load_model("trip_late"), lake(), tmp_path / "serving"
    with running(tmp_path, "--workers", "2") as service, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERENNIAL_SERVICE", str(service.client.base_url))
        until(service.ready, "the service is ready", service.log)
        with asking(str(service.client.base_url)) as traffic:
            rolling.stage(spec, registry.version("trip_late", "2"), BY, served)
            assert trial.check_service(spec, "2", store) > 100
            found = load.measure(spec, "2", rolling.rules(spec), store, home)
            assert (found.requests, found.failed) == (40, 0)
            assert found.memory_mb > 20
            for action in ("test", "load", "approve"):
                rolling.prepare(spec, "2", action, BY, served)
            for step in (Step("shadow"), Step("canary", 0.5), Step("canary", 1.0)):
                rolling.enter(spec, "2", step, BY, served)
                until(
                    lambda step=step: looking.look(spec, "2", step, store, served, home).decision == "go",
                    f"{step} is passed", service.log,
                )  # fmt: skip
            served.record_deployment(
                "trip_late", "2", registry.version("trip_late", "2").model_hash, expected=served.champion("trip_late"),
                action="promote", actor="ann", reason="drill", ends=rolling.promoted(spec, "2", BY, served),
            )  # fmt: skip
            STEPS["score"].run("trip_late", {"key": "2013-02-09"})
            until(lambda: {one.version for one in served.replicas("trip_late")} == {"2"}, "v2 serves", service.log)

            began = time.monotonic()
            champion = roll_back(spec, None, By("ann", "drill"), served)
            assert time.monotonic() - began < GOAL_SECONDS
            told = last_followed("trip_late", served)
            assert told is not None
            assert (len(told.seconds), told.missing) == (2, ())
            assert told.last is not None
            assert told.last < GOAL_SECONDS
            page = store.read_bytes(bundle.write(spec, store, served, home)).decode()
            assert "trip_late: v2 was rolled back to v1" in page
            assert "2 replicas follow after" in page
            assert "rollout roll back: v2 rolled_back" in page
            kept = f"{layout.incident('trip_late', 3)}"
            incident = bundle.Incident.model_validate_json(store.read_bytes(f"{kept}/incident.json"))
            assert incident.comparison is not None
            assert {one.feature for one in incident.comparison.weights} == {"bus", "line"}
            assert incident.predictions["2"] >= 30
            assert "v2 was rolled back to v1" in store.read_bytes(f"{kept}/post-mortem.md").decode()
            traffic.forget()
            until(lambda: traffic.seen["1"] > 20, "v1 answers again", service.log)
        assert champion.version == "1"
        assert traffic.failed == []
        assert set(traffic.seen) == {"1"}
        assert routing("trip_late", served).champion is not None
    state = served.rollout("trip_late")
    assert state is not None
    assert state.stage == "rolled_back"


@pytest.mark.timeout(1200)
def test_a_replica_that_was_killed_is_named_and_stops_no_rollback(served: Ledger, tmp_path: Path) -> None:
    spec = load_model("trip_late")
    promoted("trip_late", "2", served)
    with running(tmp_path) as service:
        until(service.ready, "the service is ready", service.log)
        until(lambda: served.replicas("trip_late"), "a replica says what it serves", service.log)
        victim = served.replicas("trip_late")[-1].replica
        for worker in service.workers():
            worker.kill()
        service.process.kill()
        service.process.wait()
    assert roll_back(spec, None, By("ann", "drill"), served).version == "1"
    told = last_followed("trip_late", served)
    assert told is not None
    assert told.missing == (victim,)


@pytest.mark.timeout(1200)
def test_a_version_that_does_not_load_is_never_shown(served: Ledger, tmp_path: Path) -> None:
    spec = load_model("trip_late")
    with running(tmp_path) as service, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERENNIAL_SERVICE", str(service.client.base_url))
        patch.setattr(trial, "LOAD_SECONDS", 5.0)
        until(service.ready, "the service is ready", service.log)
        wanted = registry.version("trip_late", "2").model_copy(update={"model_hash": "0" * 64})
        rolling.stage(spec, wanted, BY, served)
        with pytest.raises(BadData, match="has not loaded trip_late v2 within 5 s"):
            trial.check_service(spec, "2", lake())
        assert service.invoke("trip_late", [{"bus": 3, "line": "red"}]).json()["model_versions"] == ["1"]

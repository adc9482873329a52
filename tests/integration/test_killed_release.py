"""A release whose every step is killed at every change it makes, with the real service under witness."""

from pathlib import Path

import pytest

from include.cli import train
from include.lake import Store, layout
from include.ledger import Ledger
from include.registry import registry
from tests.declared import admit_days, declare
from tests.killing import steps
from tests.landing import TRIPS
from tests.releasing import BEGINNING, DECLARED, MOVED, NAME, Release, Witness, steps_to_champion
from tests.service import promoted, registered, rolled, running, until


@pytest.fixture
def judged(models: Path, lake: Store, ledger: Ledger, tracking: str) -> Ledger:
    """Version 1 is champion, version 2 passed its gates, and version 3 waits."""
    declare(models, model=DECLARED, contract=TRIPS)
    admit_days("2013-01-01", 40, lake, ledger)
    train(NAME, "2013-02-06", "test")
    promoted(NAME, "1", ledger)
    train(NAME, "2013-02-08", "test")
    registered(NAME, "2013-02-10")
    return ledger


@pytest.mark.timeout(3600)
def test_a_release_that_dies_at_every_change_of_every_step_ends_as_if_nothing_had_happened(
    judged: Ledger, lake: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No request fails, no wrong model answers, no acknowledged prediction is lost, and the next release can begin."""
    with running(tmp_path, "--workers", "2") as service:
        monkeypatch.setenv("PERENNIAL_SERVICE", str(service.client.base_url))
        until(service.ready, "the service is ready", service.log)
        with steps(tmp_path) as doomed, Witness(str(service.client.base_url)) as witness:
            release = Release(doomed, service, lambda: judged)

            def dies(step: str, **arguments: str) -> None:
                release.step(step, arguments, died=lambda ended: ended.how == "killed")

            for step, arguments in steps_to_champion():
                dies(step, **arguments)
            assert [one.version for one in judged.deployments(NAME)] == ["1", "2"]
            assert registry.aliased(NAME, "champion") == "2"
            dies("roll-back", reason="the drill", actor="ann", since=BEGINNING)
            dies("tell-incident")
            assert [one.version for one in judged.deployments(NAME)] == ["1", "2", "1"]
            assert registry.aliased(NAME, "champion") == "1"
            dies("stage", version="3")
            for how in ("hold", "resume", "abort"):
                dies("steer-rollout", how=how, reason="a person", actor="ben", since=BEGINNING)
            release.is_right()
        assert (witness.refused, witness.cut_off) == ([], 0)
    ended = [("2", "rolled_back", 0), *[("3", stage, 0) for stage in ("staged", "staged", "staged", "stopped")]]
    assert [(one.version, one.stage, one.share) for one in judged.rollouts(NAME)] == [*MOVED, *ended]
    assert lake.exists(f"{layout.incident(NAME, 3)}/incident.html")
    assert witness.acknowledged <= {one["prediction_id"] for one in rolled(Path(lake.uri), NAME)}
    assert min(release.deaths.values()) > 1
    assert len(release.deaths) == len(list(steps_to_champion())) - 1 + 5, release.deaths  # nothing is left to settle

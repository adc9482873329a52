"""The loop, step by step, on a real MLflow registry and a real ledger."""

from pathlib import Path

import mlflow
import pyarrow as pa
import pytest
import yaml

from include.cli import train
from include.errors import BadData, Conflict, NotFound, NothingToDo, Outage
from include.lake import Store
from include.ledger import Ledger
from include.registry import registry
from include.spec import load_model
from include.steps import STEPS, Result
from tests.declared import admit, admit_days, trips
from tests.integration.conftest import MODEL

NAME = "trip_late"


def step(name: str, **arguments: str | None) -> Result:
    return STEPS[name].run(NAME, arguments)


def released(as_of: str, version: str) -> None:
    train(NAME, as_of, "test")
    step("smoke-test", version=version)
    step("promote", version=version)


def spoil(folder: Path) -> None:
    """From now on the pipeline learns from the one column that says nothing."""
    pipeline = folder / "pipeline.py"
    pipeline.write_text(
        pipeline.read_text()
        .replace('"passthrough", ["bus"]', 'OneHotEncoder(handle_unknown="ignore"), ["line"]')
        .replace("from sklearn.pipeline", "from sklearn.preprocessing import OneHotEncoder\nfrom sklearn.pipeline")
    )


def test_the_first_challenger_becomes_champion(installation: Path, ledger: Ledger) -> None:
    released("2013-02-10", "1")
    champion = ledger.champion(NAME)
    assert champion is not None
    assert (champion.version, champion.replaces, champion.action) == ("1", None, "promote")
    assert registry.aliased(NAME, "champion") == "1"
    assert registry.aliased(NAME, "challenger") is None
    assert registry.version(NAME, "1").model_hash == champion.model_hash


def test_a_run_says_what_it_was_made_of(installation: Path, ledger: Ledger) -> None:
    fitted = step("fit", as_of="2013-02-10", reason="test")
    tags = mlflow.get_run(str(fitted.facts["run"])).data.tags
    assert tags["perennial.training_snapshot"] == fitted.facts["snapshot"]
    assert len(tags["perennial.model_hash"]) == len(tags["perennial.lock_hash"]) == 64
    assert tags["perennial.as_of"] == "2013-02-10"


def test_a_request_on_record_is_the_reason_of_the_run(installation: Path, ledger: Ledger) -> None:
    step("request-training", as_of="2013-02-10", reason="drift of bus", actor="watch")
    fitted = step("fit", as_of="2013-02-10", reason="by hand")
    assert mlflow.get_run(str(fitted.facts["run"])).data.tags["perennial.reason"] == "drift of bus"


def test_a_worse_challenger_is_refused_and_the_champion_stays(installation: Path, ledger: Ledger) -> None:
    released("2013-02-09", "1")
    spoil(installation)
    with pytest.raises(NothingToDo, match="champion_comparison: fail"):
        train(NAME, "2013-02-10", "test")
    refusal = ledger.decisions(NAME, kind="registration")[-1]
    assert refusal.outcome == "refused"
    assert "champion_comparison: fail" in refusal.reason
    assert registry.known_versions(NAME) == ["1"]
    assert registry.aliased(NAME, "champion") == "1"


def test_every_gate_leaves_its_evidence_and_missing_evidence_does_not_pass(
    installation: Path, ledger: Ledger, lake: Store
) -> None:
    run = str(step("fit", as_of="2013-02-10", reason="test").facts["run"])
    with pytest.raises(NotFound, match="Run its evaluate step first"):
        step("gate", run=run, gate="absolute_floor")
    step("evaluate", run=run)
    with pytest.raises(NothingToDo, match="absolute_floor: not decided"):
        step("register", run=run)
    for gate in load_model(NAME).gates.names:
        decided = step("gate", run=run, gate=gate)
        assert lake.exists(str(decided.evidence))
    assert step("register", run=run).announces == ("1",)


def test_registering_and_promoting_again_changes_nothing(installation: Path, ledger: Ledger) -> None:
    released("2013-02-10", "1")
    run = registry.version(NAME, "1").run_id
    assert step("register", run=run).announces == ("1",)
    step("promote", version="1")
    assert registry.known_versions(NAME) == ["1"]
    assert len(ledger.deployments(NAME)) == 1
    assert registry.aliased(NAME, "champion") == "1"


def test_a_challenger_judged_against_a_former_champion_is_not_promoted(installation: Path, ledger: Ledger) -> None:
    released("2013-02-08", "1")
    train(NAME, "2013-02-09", "test")
    released("2013-02-10", "3")
    with pytest.raises(Conflict, match="v2 was judged against v1, but the champion is v3"):
        step("promote", version="2")
    assert registry.aliased(NAME, "champion") == "3"


def test_a_changed_model_file_is_neither_loaded_nor_released(
    installation: Path, ledger: Ledger, tmp_path: Path
) -> None:
    train(NAME, "2013-02-10", "test")
    [file] = tmp_path.rglob("model.skops")
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(BadData, match="It was changed after registration and is not loaded"):
        step("smoke-test", version="1")
    assert ledger.champion(NAME) is None


def test_a_column_without_a_value_is_named_before_anything_is_fitted(
    installation: Path, ledger: Ledger, lake: Store
) -> None:
    empty = trips().set_column(1, "bus", pa.nulls(40, pa.int64()))
    for day in range(1, 32):
        admit(f"2014-01-{day:02d}", lake, ledger, empty.set_column(4, "full", pa.nulls(40, pa.bool_())))
    declared = installation / "model.yaml"
    declared.write_text(yaml.safe_dump({**MODEL, "training": {"history_days": 31, "held_out_days": 10}}))
    with pytest.raises(BadData, match="trip_late: bus has no value in any row"):
        step("fit", as_of="2014-02-01", reason="test")


def test_a_rollback_restores_the_champion_before_and_is_on_record(installation: Path, ledger: Ledger) -> None:
    released("2013-02-09", "1")
    released("2013-02-10", "2")
    with pytest.raises(NotFound, match=r"never was champion\. Former champions: v1"):
        step("roll-back", to="7", reason="test")
    step("roll-back", reason="late buses", actor="ann")
    newest = ledger.deployments(NAME)[-1]
    assert (newest.version, newest.replaces, newest.action) == ("1", "2", "roll_back")
    assert (newest.actor, newest.reason) == ("ann", "late buses")
    assert registry.aliased(NAME, "champion") == "1"
    with pytest.raises(NotFound, match="no earlier one"):
        step("roll-back", reason="again", actor="ann")


def test_after_a_rollback_neither_its_release_nor_the_same_training_brings_it_back(
    installation: Path, ledger: Ledger
) -> None:
    released("2013-02-09", "1")
    released("2013-02-10", "2")
    step("roll-back", reason="late buses", actor="ann")
    with pytest.raises(Conflict, match="trip_late v2 was rolled back, so no release brings it back"):
        step("promote", version="2")
    with pytest.raises(NothingToDo, match="it is what v2 was, which was rolled back: it learnt the same"):
        train(NAME, "2013-02-10", "test")
    assert (registry.aliased(NAME, "champion"), registry.known_versions(NAME)) == ("1", ["1", "2"])
    released("2013-02-11", "3")
    assert registry.aliased(NAME, "champion") == "3"


def test_what_a_person_restored_by_name_serves_and_may_be_promoted_again(installation: Path, ledger: Ledger) -> None:
    released("2013-02-09", "1")
    released("2013-02-10", "2")
    step("roll-back", reason="late buses", actor="ann")
    step("roll-back", to="2", reason="the buses were late, not the model", actor="ann")
    assert registry.aliased(NAME, "champion") == "2"
    step("promote", version="2")
    assert [one.version for one in ledger.deployments(NAME)] == ["1", "2", "1", "2"]


def test_a_partition_is_scored_once_per_version_and_content(installation: Path, ledger: Ledger, lake: Store) -> None:
    with pytest.raises(NothingToDo, match="no champion yet"):
        step("score", key="2013-02-09")
    released("2013-02-09", "1")
    first = step("score", key="2013-02-09")
    content = lake.read_bytes(str(first.facts["path"]))
    again = step("score", key="2013-02-09")
    assert again.facts == first.facts
    assert lake.read_bytes(str(again.facts["path"])) == content
    assert len(ledger.predictions(NAME)) == 1
    with pytest.raises(NotFound, match="Partition 2013-03-01 of trips is not admitted"):
        step("score", key="2013-03-01")


def test_the_watch_judges_reports_and_says_what_follows(installation: Path, ledger: Ledger, lake: Store) -> None:
    released("2013-02-03", "1")
    with pytest.raises(NothingToDo, match="no predictions for 2013-02-09"):
        step("assess", key="2013-02-09")
    for day in range(3, 10):
        step("score", key=f"2013-02-0{day}")
    verdict = step("assess", key="2013-02-09")
    assert verdict.facts["tier"] in {"ok", "warn"}  # the days are drawn from one distribution
    report = step("report", key="2013-02-09")
    assert b"<html" in lake.read_bytes(str(report.evidence))[:2000].lower()
    with pytest.raises(NothingToDo, match="nothing follows: the newest verdict is"):
        step("apply-policy", key="2013-02-09")
    assert ledger.decisions(NAME, kind="retrain_policy", subject="2013-02-09")[0].outcome == "nothing"


def test_drift_that_lasts_requests_a_training(installation: Path, ledger: Ledger, lake: Store) -> None:
    folder = installation / "model.yaml"
    folder.write_text(yaml.safe_dump({**MODEL, "monitoring": {"min_rows": 20, "violations": 1, "of_windows": 1}}))
    released("2013-02-03", "1")
    shifted = admit_days("2013-03-01", 7, lake, ledger, shift=200)
    for key in shifted:
        step("score", key=key)
    assert step("assess", key=shifted[-1]).facts["tier"] == "critical"
    asked = step("apply-policy", key=shifted[-1])
    assert asked.announces == ("2013-03-08",)
    assert ledger.decisions(NAME, kind="training_request")[-1].reason.startswith("drift: 1 of the last 1")


def test_without_data_the_message_says_what_there_is(installation: Path, ledger: Ledger) -> None:
    with pytest.raises(NotFound, match=r"no admitted partition from .* Admitted: 2013-01-01 to 2013-02-09"):
        step("fit", as_of="2012-06-01", reason="test")


def test_a_tracking_server_that_is_down_is_an_outage(
    installation: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(Outage, match="Check that the tracking server runs"):
        step("fit", as_of="2013-02-10", reason="test")
    assert [one.kind for one in ledger.decisions(NAME)] == ["training_request"]


def test_production_does_not_promote_what_cannot_be_traced(
    installation: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERENNIAL_COMMIT", "abc123-dirty")
    train(NAME, "2013-02-10", "test")
    monkeypatch.setenv("PERENNIAL_ENVIRONMENT", "production")
    with pytest.raises(BadData, match="uncommitted changes on commit abc123"):
        step("promote", version="1")
    assert ledger.champion(NAME) is None

"""Cards, overrides and promotion records, on a real MLflow registry and a real ledger."""

import hashlib
from pathlib import Path

import mlflow
import pytest
import yaml
from mlflow.entities.model_registry import ModelVersion

from include.cli import train
from include.errors import BadData, Conflict, NotFound, NothingToDo
from include.evaluation import evidence
from include.gates.result import Status
from include.lake import Store
from include.lake.snapshot import Snapshot
from include.ledger import Ledger, Promotion
from include.registry import registry
from include.registry.manifest import Snapshots
from include.release.approval_text import approval_text
from include.steps import STEPS, Result
from tests.declared import LATE, TRIPS, declare
from tests.evaluations import GOOD, POOR, TARGET, held_out
from tests.integration.test_steps import spoil
from tests.manifests import manifest
from tests.verdicts import decide, decide_all

NAME, GATE, REASON = "trip_late", "champion_comparison", "the fleet was renewed last week"


def step(name: str, **arguments: str | None) -> Result:
    return STEPS[name].run(NAME, arguments)


def version(number: str = "1") -> ModelVersion:
    return mlflow.MlflowClient().get_model_version(NAME, number)


def card(run: str, lake: Store, form: str = "html") -> str:
    return lake.read_bytes(f"evidence/{NAME}/{run}/card.{form}").decode()


def record(ledger: Ledger, number: str) -> Promotion:
    kept = ledger.decisions(NAME, kind="promotion", subject=number)
    return Promotion.model_validate_json(kept[-1].detail)


class Runs:
    """Runs as fit and evaluate leave them, without having learnt anything."""

    def __init__(self, lake: Store, ledger: Ledger) -> None:
        self.lake, self.ledger = lake, ledger
        self._client = mlflow.MlflowClient()
        self._experiment = self._client.create_experiment(NAME)

    def judged(self, champion: str | None = None, **statuses: Status) -> str:
        """A run with its evidence against a champion, and what each gate said; by default all passed."""
        run = str(self._client.create_run(self._experiment).info.run_id)
        model = self._client.create_logged_model(self._experiment, name="model", source_run_id=run)
        made = manifest(run_id=run, model_uri=model.model_uri, model_hash=run * 2)
        self._client.log_text(run, made.model_dump_json(), "manifest.json")
        nothing = Snapshot(dataset="trips", entries=())
        snapshots = Snapshots(training=nothing, held_out=nothing)
        self._client.log_text(run, snapshots.model_dump_json(), "snapshots.json")
        said = held_out(TARGET, GOOD, None if champion is None else POOR, champion_version=champion, run_id=run)
        evidence.save(said, self.lake)
        decide_all(self.ledger, run, **statuses)
        return run

    def champion(self) -> str:
        """Version 1, registered and promoted; gives its run."""
        run = self.judged()
        step("register", run=run)
        step("promote", version="1", actor="bob", reason="looks right")
        return run

    def overridden(self) -> str:
        """Version 2 against champion 1, one of its gates overridden; gives its run."""
        self.champion()
        run = self.judged("1", champion_comparison="fail")
        step("override", run=run, gate=GATE, reason=REASON, actor="ann")
        step("register", run=run)
        return run


@pytest.fixture
def runs(models: Path, lake: Store, ledger: Ledger, tracking: str) -> Runs:
    declare(models, model={**LATE, "release": {"approval": True}}, contract=TRIPS)
    return Runs(lake, ledger)


def ask_nobody(models: Path) -> None:
    models.joinpath(NAME, "model.yaml").write_text(yaml.safe_dump({**LATE, "release": {"approval": False}}))


def test_from_training_to_an_overridden_champion(installation: Path, ledger: Ledger, lake: Store) -> None:
    """All steps in earnest: what a person reads after a refusal, overrides, is asked about and finds on record."""
    train(NAME, "2013-02-09", "regular training")
    step("promote", version="1")
    first = registry.version(NAME, "1").run_id
    assert card(first, lake).count('<img src="data:image/svg+xml;base64,') >= 4
    assert "regular training" in card(first, lake)
    spoil(installation)
    with pytest.raises(NothingToDo, match=f"{GATE}: fail"):
        train(NAME, "2013-02-10", "test")
    refusal = ledger.decisions(NAME, kind="registration")[-1]
    run = refusal.subject
    assert refusal.evidence == f"evidence/{NAME}/{run}/card.html"
    assert "trip_late, challenger of 2013-02-10" in card(run, lake)
    gates = [one.subject.partition("/")[2] for one in ledger.decisions(NAME, kind="gate") if one.outcome != "pass"]
    for gate in gates:
        step("override", run=run, gate=gate, reason=REASON, actor="ann")
    assert step("register", run=run).announces == ("2",)
    asked = step("smoke-test", version="2")
    assert asked.facts["overridden"] == ", ".join(gates)
    assert f"OVERRIDDEN: {GATE}" in str(asked.facts["summary"])
    step("promote", version="2", actor="bob", reason="we accept it for a week")
    assert [one.gate for one in record(ledger, "2").overrides] == gates
    assert f"<b>Overridden: {GATE}</b> by ann" in card(run, lake)
    assert "by bob: we accept it for a week" in card(run, lake)


def test_a_registered_version_has_its_card_in_the_lake_and_in_mlflow(runs: Runs) -> None:
    run = runs.judged()
    step("register", run=run)
    found = {one.path for one in mlflow.MlflowClient().list_artifacts(run, "card")}
    assert found == {"card/card.html", "card/card.md", "card/card"}
    assert mlflow.artifacts.load_text(f"runs:/{run}/card/card.html") == card(run, runs.lake)
    assert {f"card/card/{name}.svg" for name in ("roc", "reliability", "days")} <= {
        one.path for one in mlflow.MlflowClient().list_artifacts(run, "card/card")
    }
    assert version().tags["card"] == f"evidence/{NAME}/{run}/card.html"
    assert "overridden" not in version().tags
    assert "| auc | 1.000" in version().description
    assert "**absolute_floor** pass" in version().description
    assert runs.ledger.decisions(NAME, kind="registration")[-1].evidence == version().tags["card"]


def test_a_refused_challenger_has_a_card_and_no_version(runs: Runs) -> None:
    run = runs.judged(absolute_floor="fail")
    with pytest.raises(NothingToDo, match=r"refused by 1 of .* gates: absolute_floor: fail") as refusal:
        step("register", run=run)
    assert refusal.value.evidence == f"evidence/{NAME}/{run}/card.html"
    assert "Refused by 1 of" in card(run, runs.lake, "md")
    assert "### absolute_floor: fail" in card(run, runs.lake, "md")
    assert "card/card.html" in {one.path for one in mlflow.MlflowClient().list_artifacts(run, "card")}
    assert registry.known_versions(NAME) == []


def test_an_overridden_gate_lets_the_run_on_and_everybody_can_see_it(runs: Runs) -> None:
    run = runs.overridden()
    assert version("2").tags["overridden"] == GATE
    assert f"**OVERRIDDEN: {GATE}** by ann: {REASON}" in version("2").description
    assert f"<b>Overridden: {GATE}</b> by ann" in card(run, runs.lake)
    registered = runs.ledger.decisions(NAME, kind="registration")[-1]
    assert f"overridden {GATE} (fail) by ann: {REASON}" in registered.reason


def test_a_gate_that_was_not_overridden_still_refuses(runs: Runs) -> None:
    run = runs.judged(champion_comparison="fail", absolute_floor="inconclusive")
    step("override", run=run, gate=GATE, reason=REASON, actor="ann")
    with pytest.raises(NothingToDo, match=r"refused by 1 of .*: absolute_floor: inconclusive"):
        step("register", run=run)
    assert f"**OVERRIDDEN: {GATE}** by ann" in card(run, runs.lake, "md")


def test_an_override_holds_for_that_run_alone(runs: Runs) -> None:
    runs.overridden()
    other = runs.judged("1", champion_comparison="fail")
    with pytest.raises(NothingToDo, match=f"{GATE}: fail"):
        step("register", run=other)


def test_what_a_person_overrode_a_person_releases_even_where_nobody_is_asked(runs: Runs, models: Path) -> None:
    ask_nobody(models)
    runs.overridden()
    with pytest.raises(BadData, match=f"v2 is not promoted: no person approved it, and one has to .*{GATE}"):
        step("promote", version="2", approval="policy")
    assert [one.version for one in runs.ledger.deployments(NAME)] == ["1"]
    step("promote", version="2", approval="person", actor="ann")
    assert [one.version for one in runs.ledger.deployments(NAME)] == ["1", "2"]


@pytest.mark.parametrize("asks", [True, False])
def test_policy_approves_only_where_the_owner_wants_nobody_asked(runs: Runs, models: Path, asks: bool) -> None:
    step("register", run=runs.judged())
    if asks:
        with pytest.raises(BadData, match=r"model\.yaml asks for approval"):
            step("promote", version="1", approval="policy")
        assert runs.ledger.champion(NAME) is None
    else:
        ask_nobody(models)
        step("promote", version="1", approval="policy")
        assert record(runs.ledger, "1").approval == "policy"


def test_an_approval_nobody_knows_is_refused(runs: Runs) -> None:
    with pytest.raises(NotFound, match=r"No approval 'yes'\. It is one of: person, policy"):
        step("promote", version="1", approval="yes")


def test_a_promotion_leaves_a_record_of_what_it_stood_on(runs: Runs) -> None:
    run = runs.overridden()
    step("promote", version="2", actor="bob", reason="we accept it for a week")
    first, made = record(runs.ledger, "1"), record(runs.ledger, "2")
    assert (first.replaces, made.replaces) == (None, "1")
    assert (made.actor, made.reason, made.approval) == ("bob", "we accept it for a week", "person")
    assert made.model_hash == registry.version(NAME, "2").model_hash == run * 2
    assert made.evidence == f"evidence/{NAME}/{run}/evidence.json"
    assert made.evidence_sha256 == hashlib.sha256(runs.lake.read_bytes(made.evidence)).hexdigest()
    assert {name for name, outcome in made.gates.items() if outcome != "pass"} == {GATE}
    assert [(one.gate, one.actor, one.reason) for one in made.overrides] == [(GATE, "ann", REASON)]
    assert first.overrides == ()
    champion = runs.ledger.champion(NAME)
    assert champion is not None
    assert made.recorded_at == champion.recorded_at


def test_after_the_promotion_the_card_says_so(runs: Runs) -> None:
    run = runs.judged()
    step("register", run=run)
    assert "Promoted" not in card(run, runs.lake)
    step("promote", version="1", actor="bob", reason="looks right")
    assert "by bob: looks right" in card(run, runs.lake)
    assert "by bob: looks right" in version().description
    assert record(runs.ledger, "1").evidence_sha256 in card(run, runs.lake, "md")


def test_promoting_again_keeps_the_first_record(runs: Runs) -> None:
    runs.champion()
    first = record(runs.ledger, "1")
    step("promote", version="1", actor="ann", reason="again")
    assert record(runs.ledger, "1") == first
    assert len(runs.ledger.decisions(NAME, kind="promotion")) == 1


def test_a_version_that_was_rolled_back_comes_back_by_name_alone_and_keeps_its_record(runs: Runs) -> None:
    runs.overridden()
    step("promote", version="2", reason="first time")
    first = record(runs.ledger, "2")
    step("roll-back", reason="drill", actor="ann")
    step("promote", version="1", reason="it serves already")
    assert [one.version for one in runs.ledger.deployments(NAME)] == ["1", "2", "1"]
    assert len(runs.ledger.decisions(NAME, kind="promotion", subject="1")) == 1
    with pytest.raises(Conflict, match="To have it serve again, roll back to it by name"):
        step("promote", version="2", reason="second time")
    step("roll-back", to="2", reason="the drill is over", actor="ann")
    assert [one.version for one in runs.ledger.deployments(NAME)] == ["1", "2", "1", "2"]
    assert record(runs.ledger, "2") == first


def test_a_version_whose_gates_were_decided_anew_and_refuse_is_not_promoted(runs: Runs) -> None:
    run = runs.judged()
    step("register", run=run)
    decide(runs.ledger, "absolute_floor", "fail", run=run)
    with pytest.raises(NotFound, match="its gates were decided anew since: absolute_floor: fail"):
        step("promote", version="1")
    assert runs.ledger.champion(NAME) is None


def test_the_approver_reads_the_core_and_finds_the_whole_card(runs: Runs) -> None:
    run = runs.overridden()
    text = approval_text(registry.version(NAME, "2"), runs.lake)
    assert f"[The whole card](/perennial/files/evidence/{NAME}/{run}/card.html)" in text
    assert text.index("OVERRIDDEN") < text.index("| auc |")
    assert text.startswith(version("2").description)


def test_nobody_approves_what_nobody_can_read(runs: Runs) -> None:
    run = runs.judged()
    step("register", run=run)
    runs.lake.delete(f"evidence/{NAME}/{run}/card-core.md")
    with pytest.raises(NotFound, match=f"has no card at .*python -m include register {NAME} --run {run}"):
        approval_text(registry.version(NAME, "1"), runs.lake)
    step("register", run=run)
    assert "| auc |" in approval_text(registry.version(NAME, "1"), runs.lake)

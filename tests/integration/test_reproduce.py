"""A registered version is made again by the code of its commit, and whatever changed meanwhile is named."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from mlflow import MlflowClient

from include.errors import BadData, NotFound
from include.lake import Store, layout
from include.ledger import Ledger
from include.rebuild import Reproduction, reproduce
from include.registry import registry, runs
from include.settings import REPOSITORY
from include.steps import STEPS
from tests.declared import PIPELINE, admit_days, declare
from tests.integration.conftest import MODEL
from tests.landing import TRIPS, parquet, published

NAME = "trip_late"
SEEDLESS = PIPELINE.replace(
    "return Pipeline(", "import random\n\n    params = {**params, 'C': random.random()}\n    return Pipeline("
)
Commit = Callable[[], str]


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=tests", "-c", "user.email=tests@localhost", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        ["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's code with one model, as a git repository without a commit; fits and steps find the model there."""
    folder = tmp_path / "repository"
    ignored = shutil.ignore_patterns("__pycache__", "models", "demo", "platform", "board")
    shutil.copytree(REPOSITORY / "include", folder / "include", ignore=ignored)
    shutil.copy(REPOSITORY / "requirements.txt", folder)
    folder.joinpath(".gitignore").write_text("__pycache__/\n")
    models = folder / "include" / "models"
    models.mkdir()
    declare(models, model=MODEL, contract=TRIPS)
    git(folder, "init", "--quiet")
    monkeypatch.setenv("PERENNIAL_MODELS", str(models))
    return folder


@pytest.fixture
def committed(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Commit:
    """Commits what is there; what is fitted from now on is made by that commit."""

    def commit() -> str:
        git(repository, "add", "--all")
        git(repository, "commit", "--quiet", "--message", "as it is now")
        sha = git(repository, "rev-parse", "HEAD")
        monkeypatch.setenv("PERENNIAL_COMMIT", sha)
        return sha

    return commit


@pytest.fixture
def admitted(lake: Store, ledger: Ledger, tracking: str) -> Ledger:
    admit_days("2013-01-01", 40, lake, ledger)
    return ledger


def registered() -> None:
    """Version 1, judged by nobody: what gates make of it is no matter here."""
    run = str(STEPS["fit"].run(NAME, {"as_of": "2013-02-10", "reason": "test"}).facts["run"])
    STEPS["evaluate"].run(NAME, {"run": run})
    made = runs.manifest(run)
    registry.register(NAME, run, made.model_uri, made.model_hash)


def result(repository: Path, lake: Store, ledger: Ledger) -> Reproduction:
    """What the ledger keeps of it, whether it is equal or not."""
    returned = None
    with suppress(BadData):
        returned = reproduce(NAME, "1", "ann", lake, ledger, repository)
    kept = ledger.decisions(NAME, kind="reproduction")[-1]
    found = Reproduction.model_validate_json(kept.detail)
    assert (kept.subject, kept.outcome, kept.reason, kept.actor) == ("1", found.outcome, found.sentence, "ann")
    assert returned == (found if found.outcome == "equal" else None)
    return found


def differing(found: Reproduction) -> dict[str, tuple[str, str]]:
    return {one.name: (one.recorded, one.found) for one in found.inputs if not one.equal}


def test_a_version_is_made_again_by_the_command_of_its_own_checkout(
    repository: Path, committed: Commit, admitted: Ledger
) -> None:
    sha = committed()
    registered()
    environment = {**os.environ, "PYTHONPATH": str(repository)}
    environment.pop("PERENNIAL_COMMIT")
    done = subprocess.run(
        [sys.executable, "-m", "include", "reproduce", NAME, "1"],
        cwd=repository, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    first, *facts = done.stdout.splitlines()
    rows = runs.manifest(registry.version(NAME, "1").run_id).held_out_rows
    assert first == (
        f"trip_late v1 was made again from commit {sha[:12]}: the model and its {rows} held-out predictions are equal, "
        "bit for bit."
    )
    assert f"  equal    commit: {sha}" in facts
    assert {line.split()[0] for line in facts} == {"equal"}
    assert len(git(repository, "worktree", "list").splitlines()) == 1
    assert admitted.decisions(NAME, kind="reproduction")[-1].actor == "command line"


def test_a_version_of_an_older_commit_is_made_by_the_code_of_that_commit(
    repository: Path, committed: Commit, admitted: Ledger, lake: Store
) -> None:
    """The models folder, the branch and the working tree have gone on; the lake has another version of a day."""
    old = committed()
    registered()
    pipeline = repository / "include" / "models" / NAME / "pipeline.py"
    pipeline.write_text("raise RuntimeError('the code of today')\n")
    assert committed() != old
    pipeline.write_text("not even committed")
    admit_days("2013-01-05", 1, lake, admitted, shift=3)
    found = result(repository, lake, admitted)
    assert (found.outcome, found.commit, differing(found)) == ("equal", old, {})
    assert [one.name for one in found.results] == ["held-out predictions", "stored evidence", "model"]


def test_a_partition_that_was_changed_and_one_that_is_gone_are_named(
    repository: Path, committed: Commit, admitted: Ledger, lake: Store
) -> None:
    committed()
    registered()
    changed, gone = (admitted.partitions("trips", key)[-1] for key in ("2013-01-05", "2013-02-02"))
    table = published(lake, str(changed.path))
    lake.write_bytes(str(changed.path), parquet(table.slice(1)))
    lake.delete(str(gone.path))
    found = result(repository, lake, admitted)
    assert (found.outcome, found.results) == ("inputs differ", ())
    others = differing(found)
    assert set(others) == {
        "training data, 30 partitions",
        "partition 2013-01-05 of the training data",
        "held-out data, 10 partitions",
        "partition 2013-02-02 of the held-out data",
    }
    assert others["partition 2013-01-05 of the training data"][0] == changed.content_hash
    assert others["partition 2013-02-02 of the held-out data"] == (gone.content_hash, "missing")


def test_a_manifest_that_was_changed_in_mlflow_is_told_by_the_ledger_s(
    repository: Path, committed: Commit, admitted: Ledger, lake: Store
) -> None:
    committed()
    registered()
    run = registry.version(NAME, "1").run_id
    stated = json.loads(runs.manifest_text(run))
    MlflowClient().log_text(run, json.dumps({**stated, "seed": 8, "parameters": {"C": 2}}), "manifest.json")
    found = result(repository, lake, admitted)
    assert found.outcome == "inputs differ"
    assert differing(found) == {"manifest.seed": ("7", "8"), "manifest.parameters": ("{}", "{'C': 2}")}


def test_code_declaration_and_lock_of_another_commit_are_named(
    repository: Path, committed: Commit, admitted: Ledger, lake: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fit claims a commit that it was not made with."""
    committed()
    folder = repository / "include" / "models" / NAME
    declared, pipeline, lock = folder / "model.yaml", folder / "pipeline.py", repository / "requirements.txt"
    kept = declared.read_text(), pipeline.read_text()
    declared.write_text(kept[0].replace("min_rows: 50", "min_rows: 50\n  seed: 8\n  parameters: {C: 3}"))
    pipeline.write_text(kept[1] + "\n")
    lock.write_text(lock.read_text().replace("\njoblib==", "\njoblib==0."))
    committed()
    declared.write_text(kept[0])
    pipeline.write_text(kept[1])
    registered()
    found = result(repository, lake, admitted)
    assert found.outcome == "inputs differ"
    others = differing(found)
    assert set(others) == {"library joblib", "library lock", "model.yaml", "pipeline", "seed", "parameters"}
    assert (others["seed"], others["parameters"]) == (("7", "8"), ("{}", '{"C": 3}'))
    assert others["library joblib"][0] == "0." + others["library joblib"][1]


def test_a_pipeline_that_does_not_repeat_itself_is_said_not_to(
    repository: Path, committed: Commit, admitted: Ledger, lake: Store
) -> None:
    repository.joinpath("include", "models", NAME, "pipeline.py").write_text(SEEDLESS)
    committed()
    registered()
    found = result(repository, lake, admitted)
    assert (found.outcome, differing(found)) == ("result differs", {})
    assert {one.name for one in found.results if not one.equal} == {"held-out predictions", "stored evidence", "model"}
    assert "all inputs are equal, so the pipeline does not repeat itself" in found.sentence
    assert re.search(rf"; {found.rows} of {found.rows} predictions differ by up to [\d.e-]+\)", found.sentence)


def test_an_image_without_git_makes_its_own_versions_again_and_no_others(
    repository: Path, committed: Commit, admitted: Ledger, lake: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = committed()
    registered()
    shutil.rmtree(repository / ".git")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(repository.parent))
    assert result(repository, lake, admitted).outcome == "equal"
    monkeypatch.setenv("PERENNIAL_COMMIT", "f" * 40)
    with pytest.raises(
        NotFound, match=rf"no git repository .* commit {sha} .* the running code is f{{40}}\. Run this in"
    ):
        reproduce(NAME, "1", "ann", lake, admitted, repository)


@pytest.mark.parametrize(
    ("commit", "said"),
    [
        ("abc123-dirty", "made with uncommitted changes on abc123, so no code"),
        ("unknown", "code whose commit is unknown"),
    ],
)
def test_what_no_commit_made_cannot_be_made_again(
    repository: Path, admitted: Ledger, lake: Store, monkeypatch: pytest.MonkeyPatch, commit: str, said: str
) -> None:
    monkeypatch.setenv("PERENNIAL_COMMIT", commit)
    registered()
    with pytest.raises(BadData, match=said):
        reproduce(NAME, "1", "ann", lake, admitted, repository)
    assert admitted.decisions(NAME, kind="reproduction") == []


def test_a_version_that_is_not_there_is_not_reproduced(repository: Path, admitted: Ledger, lake: Store) -> None:
    with pytest.raises(NotFound, match="has no version '4'"):
        reproduce(NAME, "4", "ann", lake, admitted, repository)
    assert lake.list(layout.evidence(NAME)) == []

"""Settings: what is set wins, what is not points into the local state folder."""

import subprocess
from pathlib import Path

import pytest

from include.settings import REPOSITORY, Commit, commit, settings

HOME = REPOSITORY / ".perennial"


def test_nothing_set_is_the_local_state_folder() -> None:
    found = settings({})
    assert found.lake == str(HOME / "lake")
    assert found.ledger_url == f"sqlite:///{HOME / 'ledger.db'}"
    assert found.tracking_uri == found.tracking_ui == "http://127.0.0.1:5000"
    assert found.models_dir == REPOSITORY / "include" / "models"
    assert (found.environment, found.runbook) == ("development", "docs/operating.md")


def test_a_home_moves_lake_and_ledger_only() -> None:
    found = settings({"PERENNIAL_HOME": "/srv/p"})
    assert (found.lake, found.ledger_url) == ("/srv/p/lake", "sqlite:////srv/p/ledger.db")
    assert found.models_dir == settings({}).models_dir


@pytest.mark.parametrize(
    ("name", "value", "attribute"),
    [
        ("PERENNIAL_LAKE", "s3://bucket/lake", "lake"),
        ("PERENNIAL_LEDGER_URL", "postgresql+psycopg2://u@h/d", "ledger_url"),
        ("MLFLOW_TRACKING_URI", "http://mlflow:5000", "tracking_uri"),
        ("PERENNIAL_MLFLOW_UI", "https://mlflow.example", "tracking_ui"),
        ("PERENNIAL_MODELS", "/srv/models", "models_dir"),
        ("PERENNIAL_ENVIRONMENT", "production", "environment"),
        ("PERENNIAL_RUNBOOK", "https://docs.example/operating", "runbook"),
    ],
)
def test_what_is_set_wins_over_the_home(name: str, value: str, attribute: str) -> None:
    home = {"PERENNIAL_HOME": "/srv/p"}
    assert str(getattr(settings({**home, name: value}), attribute)) == value
    assert str(getattr(settings(home), attribute)) != value


def test_the_tracking_server_is_its_own_page_unless_one_is_named() -> None:
    assert settings({"MLFLOW_TRACKING_URI": "http://mlflow:5000"}).tracking_ui == "http://mlflow:5000"


def test_the_environment_is_read_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERENNIAL_LAKE", "/one")
    assert settings().lake == "/one"
    monkeypatch.setenv("PERENNIAL_LAKE", "/two")
    assert settings().lake == "/two"


@pytest.mark.parametrize(
    ("baked", "found"),
    [
        ("0123abc", Commit("0123abc", dirty=False)),
        ("0123abc-dirty", Commit("0123abc", dirty=True)),
        ("unknown", Commit("unknown", dirty=False)),
    ],
)
def test_the_commit_of_an_image_is_baked_in(baked: str, found: Commit) -> None:
    assert commit({"PERENNIAL_COMMIT": baked}) == found


def test_the_commit_of_a_checkout_is_its_head_and_dirty_with_changes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def git(*arguments: str) -> str:
        who = ["-c", "user.name=ann", "-c", "user.email=ann@example.org"]
        done = subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    monkeypatch.setattr("include.settings.REPOSITORY", tmp_path)
    git("init", "-q")
    tmp_path.joinpath("file").write_text("one")
    git("add", "file")
    git("commit", "-q", "-m", "first")
    assert commit({}) == Commit(git("rev-parse", "HEAD"), dirty=False)
    tmp_path.joinpath("untracked").write_text("notes")
    tmp_path.joinpath("docs").mkdir()
    tmp_path.joinpath("docs", "include").write_text("notes")
    assert commit({}).dirty is False
    pipeline = tmp_path / "include" / "models" / "new" / "pipeline.py"
    pipeline.parent.mkdir(parents=True)
    pipeline.write_text("no commit has it")
    assert commit({}) == Commit(git("rev-parse", "HEAD"), dirty=True)
    pipeline.unlink()
    assert commit({}).dirty is False
    tmp_path.joinpath("file").write_text("two")
    assert commit({}) == Commit(git("rev-parse", "HEAD"), dirty=True)


def test_without_git_the_commit_is_unknown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commit({}) == Commit("unknown", dirty=False)

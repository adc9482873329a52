"""The code of a commit in a folder of its own, and the repository as it was before."""

import os
import subprocess
from pathlib import Path

import pytest

from include.errors import NotFound
from include.rebuild.checkout import checkout
from include.settings import Commit

ELSEWHERE = Commit(sha="f" * 40, dirty=False)


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=tests", "-c", "user.email=tests@localhost", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(folder: Path, content: str) -> str:
    folder.joinpath("code.py").write_text(content)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", content)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet")
    return folder


def test_it_has_the_code_of_that_commit_and_is_gone_afterwards(repository: Path) -> None:
    old, new = commit(repository, "old"), commit(repository, "new")
    repository.joinpath("code.py").write_text("not committed")
    with checkout(old, repository, ELSEWHERE) as place:
        assert place.joinpath("code.py").read_text() == "old"
        assert git(place, "rev-parse", "HEAD") == old
        assert git(place, "status", "--porcelain") == ""
        place.joinpath("left behind.txt").write_text("x")
    assert not place.parent.exists()
    assert git(repository, "worktree", "list", "--porcelain").count("worktree ") == 1
    assert repository.joinpath("code.py").read_text() == "not committed"
    assert git(repository, "rev-parse", "HEAD") == new


def test_it_is_gone_after_a_failure_too(repository: Path) -> None:
    sha = commit(repository, "old")
    with pytest.raises(ZeroDivisionError), checkout(sha, repository, ELSEWHERE) as place:
        raise ZeroDivisionError
    assert not place.exists()
    assert git(repository, "worktree", "list", "--porcelain").count("worktree ") == 1


def test_no_hook_of_the_repository_runs(repository: Path, tmp_path: Path) -> None:
    sha = commit(repository, "old")
    hook = repository / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/it-ran\n")
    hook.chmod(0o755)
    git(repository, "worktree", "add", "--detach", str(tmp_path / "by-hand"), sha)
    assert tmp_path.joinpath("it-ran").exists()
    tmp_path.joinpath("it-ran").unlink()
    with checkout(sha, repository, ELSEWHERE):
        pass
    assert not tmp_path.joinpath("it-ran").exists()


def test_a_commit_the_repository_does_not_have_is_to_be_fetched(repository: Path) -> None:
    commit(repository, "old")
    missing = "0" * 40
    with pytest.raises(NotFound, match=f"has no commit {missing}. Fetch it"), checkout(missing, repository, ELSEWHERE):
        pass


@pytest.mark.parametrize("git_is_installed", [True, False])
def test_without_a_repository_the_running_code_is_used_if_it_is_that_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, git_is_installed: bool
) -> None:
    image, sha = tmp_path / "image", "a" * 40
    image.mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    if not git_is_installed:
        monkeypatch.setenv("PATH", os.fspath(tmp_path))
    with checkout(sha, image, Commit(sha=sha, dirty=False)) as place:
        assert place == image
    assert image.exists()
    for other, shown in ((Commit(sha, dirty=True), f"{sha}-dirty"), (ELSEWHERE, ELSEWHERE.sha)):
        with (
            pytest.raises(NotFound, match=f"the running code is {shown}. Run this in an image"),
            checkout(sha, image, other),
        ):
            pass

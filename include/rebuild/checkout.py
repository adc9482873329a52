"""The code of a commit: a clean checkout in a temporary folder, or the running code where it is that commit."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from include.errors import NotFound
from include.settings import Commit

TIMEOUT_SECONDS = 600  # a large repository on a slow disk


@contextmanager
def checkout(sha: str, repository: Path, running: Commit) -> Iterator[Path]:
    """A folder with the code of the commit, removed afterwards.

    Without git (in an image) it is the repository's own folder, if the `running` code is that commit. NotFound where
    it is not, or where the repository does not have the commit.
    """
    if not _git(repository, "rev-parse", "--git-dir"):
        yield _running(sha, repository, running)
        return
    if not _git(repository, "cat-file", "-e", f"{sha}^{{commit}}"):
        raise NotFound(
            f"The repository {repository} has no commit {sha}. Fetch it (git fetch origin {sha}, or git fetch "
            "--unshallow in a shallow clone), then run this again."
        )
    with tempfile.TemporaryDirectory(prefix="perennial-rebuild-") as folder:
        place = Path(folder, "code")
        # no hook of the repository runs in a rebuild
        added = _run(repository, "-c", "core.hooksPath=/dev/null", "worktree", "add", "--detach", str(place), sha)
        if added.returncode:
            raise NotFound(f"Commit {sha} cannot be checked out from {repository}: {added.stderr.strip()}")
        try:
            yield place
        finally:
            _run(repository, "worktree", "remove", "--force", str(place))


def _running(sha: str, repository: Path, running: Commit) -> Path:
    if running != Commit(sha=sha, dirty=False):
        state = "-dirty" if running.dirty else ""
        raise NotFound(
            f"There is no git repository in {repository} to check commit {sha} out from, and the running code is "
            f"{running.sha}{state}. Run this in an image of that commit, or in a clone of the repository."
        )
    return repository


def _git(repository: Path, *arguments: str) -> bool:
    return _run(repository, *arguments).returncode == 0


def _run(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "-C", str(repository), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS)
    except FileNotFoundError as problem:
        return subprocess.CompletedProcess(command, returncode=127, stdout="", stderr=str(problem))

"""A rebuild in a process of its own, by the code in another folder."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from include.errors import BadData, NotFound, Outage, PerennialError, SpecError
from include.lake.store import Store
from include.rebuild.again import MANIFEST, REBUILT, SNAPSHOTS
from include.rebuild.comparison import Rebuilt
from include.settings import settings

PROBLEMS: dict[int, type[PerennialError]] = {kind.exit_code: kind for kind in (SpecError, BadData, NotFound, Outage)}


@dataclass(frozen=True)
class Order:
    """What the other process is asked for: manifest and snapshots as they are stored, and whether to fit.

    It may use as many threads as the fit had.
    """

    manifest: str
    snapshots: str
    threads: int
    fit: bool


def rebuild_elsewhere(order: Order, code: Path, repository: Path, folder: Path, store: Store) -> Rebuilt:
    """What the code in `code` finds; `folder` is where the two processes leave each other files.

    Its problem is raised here as what it is, as BadData where it is none of ours.
    """
    folder.joinpath(MANIFEST).write_text(order.manifest, encoding="utf-8")
    folder.joinpath(SNAPSHOTS).write_text(order.snapshots, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "include.rebuild", str(folder), *(["--fit"] if order.fit else [])],
        cwd=code,
        env=_environment(code, repository, order.threads, store),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip()[-2000:] or f"it ended with {done.returncode}"
        raise PROBLEMS.get(done.returncode, BadData)(f"The code of the version's own commit cannot rebuild it: {said}")
    return Rebuilt.model_validate_json(folder.joinpath(REBUILT).read_bytes())


def _environment(code: Path, repository: Path, threads: int, store: Store) -> dict[str, str]:
    """That of this process, with the checkout's code and models and the lake of here."""
    models = settings().models_dir.resolve()
    inside = models.is_relative_to(repository.resolve())
    changed = {
        "PYTHONPATH": str(code),
        "PERENNIAL_MODELS": str(code / models.relative_to(repository.resolve()) if inside else models),
        "PERENNIAL_LAKE": store.uri,
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(threads)),
    }
    # in a checkout, git says which commit it is; where the code is the running code, the image says so
    hidden = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"} | ({"PERENNIAL_COMMIT"} if code != repository else set())
    return {**{name: value for name, value in os.environ.items() if name not in hidden}, **changed}

"""Where this installation keeps things, read from the environment: the one home of every address."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
CODE = ("include", "plugins", "requirements.txt")  # what a model is made with, by its place in the repository
BOARD = "/perennial/board"  # the page of all models, and below it one of each
FILES = "/perennial/files"  # where Airflow's server shows pages of the lake to people who are logged in


@dataclass(frozen=True)
class Settings:
    """Addresses of one installation (`tracking_ui` is MLflow as a browser reaches it, `service` what answers requests,
    `runbook` docs/operating.md).

    Secrets stay in the environment or in Airflow connections, never here.
    """

    lake: str
    ledger_url: str
    online_store: str
    tracking_uri: str
    tracking_ui: str
    models_dir: Path
    serving_home: Path
    service: str
    environment: str
    runbook: str


def settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process; what is not set points into the local state folder `.perennial/`."""
    home = Path(environ.get("PERENNIAL_HOME", REPOSITORY / ".perennial"))
    tracking_uri = environ.get("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    return Settings(
        lake=environ.get("PERENNIAL_LAKE", str(home / "lake")),
        ledger_url=environ.get("PERENNIAL_LEDGER_URL", f"sqlite:///{home / 'ledger.db'}"),
        online_store=environ.get("PERENNIAL_ONLINE_STORE", f"sqlite:///{home / 'online.db'}"),
        tracking_uri=tracking_uri,
        tracking_ui=environ.get("PERENNIAL_MLFLOW_UI", tracking_uri),
        models_dir=Path(environ.get("PERENNIAL_MODELS", REPOSITORY / "include" / "models")),
        serving_home=Path(environ.get("PERENNIAL_SERVING_HOME", home / "serving")),
        service=environ.get("PERENNIAL_SERVICE", "http://127.0.0.1:8800"),
        environment=environ.get("PERENNIAL_ENVIRONMENT", "development"),
        runbook=environ.get("PERENNIAL_RUNBOOK", "docs/operating.md"),
    )


@dataclass(frozen=True)
class Commit:
    """The code a model was made with. `sha` is `unknown` outside a checkout and an image that names none."""

    sha: str
    dirty: bool


def commit(environ: Mapping[str, str] = os.environ) -> Commit:
    """The commit of this code: `PERENNIAL_COMMIT` (baked into the image) or the checkout's HEAD.

    A checkout is dirty with any change of a tracked file, and with a new file where code is: no commit has it.
    """
    if baked := environ.get("PERENNIAL_COMMIT"):
        return Commit(sha=baked.removesuffix("-dirty"), dirty=baked.endswith("-dirty"))
    sha = _git("rev-parse", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no") or _git("status", "--porcelain", "--", *CODE)
    return Commit(sha=sha or "unknown", dirty=bool(changed))


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""

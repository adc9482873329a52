"""The state folder of one platform: where every file is, and what the last start chose."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from include.errors import Conflict
from include.settings import REPOSITORY

AIRFLOW_PORT = 8080
MLFLOW_PORT = 5000
SERVICE_PORT = 8800


class Choices(BaseModel):
    """What a start decided, kept in `platform.json` so that `status`, `down` and every command find the servers."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    airflow_port: int = AIRFLOW_PORT
    mlflow_port: int = MLFLOW_PORT
    service_port: int = SERVICE_PORT
    dags_folder: Path = REPOSITORY / "dags"
    schemas: dict[str, str] = {}  # database -> the library version that last migrated it


@dataclass(frozen=True)
class Home:
    """Paths inside one state folder. Nothing of the platform is kept anywhere else."""

    root: Path

    @classmethod
    def at(cls, root: Path | str | None = None) -> Self:
        """The folder named, or PERENNIAL_HOME, or `.perennial/` in the repository."""
        chosen = root or os.environ.get("PERENNIAL_HOME") or REPOSITORY / ".perennial"
        return cls(Path(chosen).expanduser().resolve())

    @property
    def airflow(self) -> Path:
        return self.root / "airflow"

    @property
    def airflow_db(self) -> Path:
        return self.airflow / "airflow.db"

    @property
    def mlflow_db(self) -> Path:
        return self.root / "mlflow.db"

    @property
    def artifacts(self) -> Path:
        return self.root / "mlartifacts"

    @property
    def ledger_db(self) -> Path:
        return self.root / "ledger.db"

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    @property
    def serving(self) -> Path:
        return self.root / "serving"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def pids(self) -> Path:
        return self.root / "pids"

    @property
    def secrets_file(self) -> Path:
        return self.root / "secrets.json"

    @property
    def passwords_file(self) -> Path:
        return self.root / "passwords.json"

    @property
    def choices_file(self) -> Path:
        return self.root / "platform.json"

    @property
    def lock_file(self) -> Path:
        return self.root / "lock"

    def log_of(self, server: str) -> Path:
        return self.logs / f"{server}.log"

    def make(self) -> None:
        """Create the folders; the root is readable by its owner alone, because secrets and logs live in it."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.airflow, self.artifacts, self.lake, self.logs, self.pids):
            folder.mkdir(exist_ok=True)

    def choices(self) -> Choices | None:
        """What the last start chose; None if there was none or its file cannot be read."""
        try:
            return Choices.model_validate_json(self.choices_file.read_text())
        except (FileNotFoundError, ValidationError):
            return None

    def choose(self, choices: Choices) -> None:
        write_atomically(self.choices_file, choices.model_dump_json(indent=2))

    def entries(self) -> tuple[Path, ...]:
        """Everything the platform ever writes into the folder, and so everything `clean` may delete."""
        databases = (self.airflow_db, self.mlflow_db, self.ledger_db)
        beside = tuple(path.with_name(path.name + end) for path in databases for end in ("-wal", "-shm", "-journal"))
        folders = (self.airflow, self.artifacts, self.lake, self.serving, self.logs, self.pids)
        files = (self.secrets_file, self.passwords_file, self.choices_file, self.lock_file)
        return databases + beside + folders + files

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder against a second `up` or `down` at the same moment."""
        self.make()
        with self.lock_file.open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Conflict(
                    f"Another `make up`, `down` or `clean` is at work on {self.root}. "
                    "Wait for it to end, then try again."
                ) from None
            yield


def write_atomically(path: Path, text: str, mode: int = 0o644) -> None:
    """Replace a file so that a reader sees the old or the new text, and a secret is never readable by others."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        file.write(text)
    temporary.replace(path)


def read_json(path: Path) -> dict[str, str] | None:
    """A JSON object of strings, or None if the file is absent or damaged."""
    try:
        content = json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return {str(key): str(value) for key, value in content.items()} if isinstance(content, dict) else None

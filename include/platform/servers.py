"""The six servers of the platform and the three databases that must be migrated before they start."""

import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from include.platform.environment import API_WAIT_SECONDS, DATABASE, HOST, airflow_database
from include.platform.home import Choices, Home
from include.platform.processes import Server
from include.settings import REPOSITORY

WORKERS = ("scheduler", "dag-processor", "triggerer")  # stopped first, so that a running task can still report
API_SERVER = "api-server"
MLFLOW = "mlflow"
SERVICE = "service"
SERVERS = (API_SERVER, MLFLOW, SERVICE)
NAMES = SERVERS + WORKERS


@dataclass(frozen=True)
class Schema:
    """A database to bring to the schema of the installed library; skipped while `version` stays the same."""

    name: str
    version: str
    database: Path
    command: tuple[str, ...]
    made_by_server: bool  # whether the server makes a database that is not there, before its workers open it


def schemas(home: Home) -> tuple[Schema, Schema, Schema]:
    """The databases of Airflow, of MLflow and of Perennial."""
    airflow_migrate = _python("-m", "airflow", "db", "migrate")
    mlflow_upgrade = _python("-m", "mlflow", "db", "upgrade", f"sqlite:///{home.mlflow_db}")
    ledger_migrate = _python("-m", "include", "migrate")
    return (
        Schema("airflow", version("apache-airflow"), home.airflow_db, airflow_migrate, made_by_server=False),
        Schema("mlflow", version("mlflow"), home.mlflow_db, mlflow_upgrade, made_by_server=True),
        Schema("ledger", _newest_revision(), home.ledger_db, ledger_migrate, made_by_server=False),
    )


def _newest_revision() -> str:
    return max(path.stem for path in (REPOSITORY / "include" / "ledger" / "migrations" / "versions").glob("*.py"))


def airflow_servers(home: Home, choices: Choices) -> tuple[Server, ...]:
    """Airflow's four processes. Their log servers stay off: they would listen on every network interface."""
    api = ("api-server", "--host", HOST, "--port", str(choices.airflow_port))
    return (
        Server(API_SERVER, _python("-m", "airflow", *api), {DATABASE: airflow_database(home, API_WAIT_SECONDS)}),
        Server("scheduler", _python("-m", "airflow", "scheduler", "--skip-serve-logs")),
        Server("dag-processor", _python("-m", "airflow", "dag-processor")),
        Server("triggerer", _python("-m", "airflow", "triggerer", "--skip-serve-logs")),
    )


def mlflow_server(home: Home, choices: Choices) -> Server:
    """Tracking server and registry in one; artifacts go through it, so that clients need no path on its disk."""
    store = f"sqlite:///{home.mlflow_db}"
    return Server(
        MLFLOW,
        _python(
            *("-m", "mlflow", "server", "--host", HOST, "--port", str(choices.mlflow_port), "--workers", "1"),
            *("--backend-store-uri", store, "--registry-store-uri", store),
            *("--serve-artifacts", "--artifacts-destination", home.artifacts.as_uri()),
        ),
    )


def service(choices: Choices) -> Server:
    """Answers requests with the champions of the ledger; one process answers, which is plenty on one machine."""
    return Server(SERVICE, _python("-m", "include", "serve", "--host", HOST, "--port", str(choices.service_port)))


def _python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, *arguments)

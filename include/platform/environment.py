"""The environment of every process of the platform: servers, workers, and the commands that talk to them."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from include.platform.credentials import ROLES, passwords, platform_secrets
from include.platform.home import Choices, Home
from include.settings import REPOSITORY

HOST = "127.0.0.1"

# Nobody asked for these libraries to report home. MLflow understands the literal `true` alone.
SILENCE = {
    "DO_NOT_TRACK": "true",
    "GX_ANALYTICS_ENABLED": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "NML_DISABLE_USAGE_LOGGING": "1",
    "SCARF_NO_ANALYTICS": "true",
}


SQLITE_WAIT_SECONDS = 60  # for another process to finish writing; five by default, which a busy machine exceeds
# The API server waits shortly. It logs each action before it answers, in its event loop: where a request of its own
# holds the lock and needs that loop to go on, nothing in it moves until the wait is over.
API_WAIT_SECONDS = 5
DATABASE = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def airflow_url(choices: Choices) -> str:
    return f"http://{HOST}:{choices.airflow_port}"


def mlflow_url(choices: Choices) -> str:
    return f"http://{HOST}:{choices.mlflow_port}"


def service_url(choices: Choices) -> str:
    return f"http://{HOST}:{choices.service_port}"


def airflow_database(home: Home, wait_seconds: int) -> str:
    """Where Airflow's state is, for a process that waits so long for others to finish writing."""
    return f"sqlite:///{home.airflow_db}?timeout={wait_seconds}"


def environment(home: Home, choices: Choices, ambient: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables to lay over `os.environ`, for a server, a task or a command of this platform.

    Airflow's and MLflow's addresses and secrets are the platform's own, whatever the shell says: a forgotten
    AIRFLOW_HOME or MLFLOW_TRACKING_URI must not let a local run write into somebody's production. Tuning can be
    overridden, and so can lake and ledger: a local platform may work on S3 and Postgres.
    """
    tuning = {name: ambient.get(name, value) for name, value in _tuning(home).items()}
    return tuning | SILENCE | _airflow(home, choices) | _perennial(home, choices) | _paths(ambient)


def _tuning(home: Home) -> dict[str, str]:
    """Defaults that a person may override by setting the same variable."""
    return {
        "AIRFLOW__CORE__EXECUTOR": "plugins.executors.warm.WarmLocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": str(min(4 + cores(), 16)),
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "10",  # a new Dag file appears in ten seconds, not five minutes
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",  # a ten-task chain in 3.8 s instead of 10.4 s
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",  # a slot stays taken that long after its task has ended
        "AIRFLOW__METRICS__LEGACY_NAMES_ON": "False",  # legacy names hold Dag and task ids: no end of series
        "OMP_NUM_THREADS": str(cores()),
        "OMP_WAIT_POLICY": "PASSIVE",  # two fits at once take 21 s, not 50 s, when waiting threads sleep
        "PERENNIAL_LAKE": str(home.lake),
        "PERENNIAL_LEDGER_URL": f"sqlite:///{home.ledger_db}",
    }


def _airflow(home: Home, choices: Choices) -> dict[str, str]:
    secrets = platform_secrets(home)
    passwords(home)  # made before Airflow looks: it would write them itself, readable by everybody
    url = airflow_url(choices)
    return {
        "AIRFLOW_HOME": str(home.airflow),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(choices.airflow_port),
        "AIRFLOW__API__INSTANCE_NAME": "Perennial",
        "AIRFLOW__API__SECRET_KEY": secrets.api_secret_key,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.jwt_secret,
        "AIRFLOW__CORE__DAGS_FOLDER": str(choices.dags_folder),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__FERNET_KEY": secrets.fernet_key,
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(REPOSITORY / "plugins"),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{user}:{role}" for user, role in ROLES.items()),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home.passwords_file),
        DATABASE: airflow_database(home, SQLITE_WAIT_SECONDS),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home.logs / "tasks"),
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(home.logs / "dag_files"),
    }


def _perennial(home: Home, choices: Choices) -> dict[str, str]:
    return {
        "PERENNIAL_HOME": str(home.root),
        "PERENNIAL_SERVICE": service_url(choices),
        "PERENNIAL_SERVING_HOME": str(home.serving),
        "MLFLOW_TRACKING_URI": mlflow_url(choices),
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # eight processes and 1.3 GB for features not used here
    }


def _paths(ambient: Mapping[str, str]) -> dict[str, str]:
    """Where programs and modules are found, and which hosts no proxy may come between."""
    no_proxy = _joined(",", f"{HOST},localhost", ambient.get("no_proxy") or ambient.get("NO_PROXY"))
    return {
        "PATH": _joined(os.pathsep, str(Path(sys.executable).parent), ambient.get("PATH")),
        "PYTHONPATH": _joined(os.pathsep, str(REPOSITORY), ambient.get("PYTHONPATH")),
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
    }


def _joined(separator: str, first: str, rest: str | None) -> str:
    parts = first.split(separator)
    return separator.join(parts + [part for part in (rest or "").split(separator) if part and part not in parts])

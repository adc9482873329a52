"""Start a platform, or repair one that is half dead, and wait until it works."""

import os
import threading
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from include.platform.ending import Say, end, members
from include.platform.home import Choices, Home
from include.platform.migration import is_current, migrate
from include.platform.ports import require_free
from include.platform.processes import Server, find, spawn
from include.platform.readiness import not_ready, wait_until_ready
from include.platform.running import Platform
from include.platform.servers import (
    API_SERVER,
    MLFLOW,
    NAMES,
    SERVICE,
    Schema,
    airflow_servers,
    mlflow_server,
    schemas,
    service,
)

START_SECONDS = 600.0  # a server that ended is not waited for; a quiet machine takes 20 of them


def start(
    home: Path | str | None = None,
    *,
    airflow_port: int | None = None,
    mlflow_port: int | None = None,
    service_port: int | None = None,
    dags_folder: Path | None = None,
    say: Say = print,
    seconds: float = START_SECONDS,
) -> Platform:
    """Return once every server works. Servers that run already stay; a changed port or folder restarts them all.

    What is not given stays as the last start chose it.
    """
    place = Home.at(home)
    given = {
        "airflow_port": airflow_port, "mlflow_port": mlflow_port, "service_port": service_port,
        "dags_folder": dags_folder,
    }  # fmt: skip
    with place.locked():
        known = place.choices() or Choices()
        wanted = known.model_copy(update={name: value for name, value in given.items() if value is not None})
        platform, clock = Platform(place, wanted), _clock(say)
        if wanted != known and members(place):
            clock("ports or Dag folder changed: stopping what runs")
            end(place, NAMES, clock)
        _bring_up(platform, clock, seconds)
        return Platform(place, place.choices() or wanted)


def _bring_up(platform: Platform, say: Say, seconds: float) -> None:
    missing = tuple(name for name in NAMES if find(platform.home, name) is None)
    if not missing and not not_ready(platform.home, platform.choices):
        say("already up")
        return
    _clear(platform, missing, say)
    platform.home.choose(platform.choices)
    try:
        _launch(platform, missing, say)
        wait_until_ready(platform.home, platform.choices, say, seconds)
    except Exception:
        end(platform.home, missing, say)
        raise


def _clear(platform: Platform, missing: tuple[str, ...], say: Say) -> None:
    """Make room for the servers to start: no orphans of their predecessors, no strangers on their ports."""
    if orphans := members(platform.home, missing):
        say(f"ending {len(orphans)} processes that an earlier run left of {', '.join(missing)}")
        end(platform.home, missing, say)
    if API_SERVER in missing:
        require_free(platform.choices.airflow_port, "Airflow", "AIRFLOW_PORT")
    if MLFLOW in missing:
        require_free(platform.choices.mlflow_port, "MLflow", "MLFLOW_PORT")
    if SERVICE in missing:
        require_free(platform.choices.service_port, "The service", "SERVICE_PORT")


def _launch(platform: Platform, missing: tuple[str, ...], say: Say) -> None:
    """Everything at once; only before its own servers, each database."""
    environ = os.environ | platform.environment()
    airflow, mlflow, ledger = schemas(platform.home)
    work: dict[Schema, tuple[Server, ...]] = {
        airflow: airflow_servers(platform.home, platform.choices),
        mlflow: (mlflow_server(platform.home, platform.choices),),
        ledger: (service(platform.choices),),
    }
    with ThreadPoolExecutor(len(work)) as pool:
        launched = [
            pool.submit(
                _prepare_and_spawn, platform, schema, [one for one in servers if one.name in missing], environ, say
            )
            for schema, servers in work.items()
        ]
    for one in launched:
        one.result()
    current = {schema.name: schema.version for schema in work}
    platform.home.choose(platform.choices.model_copy(update={"schemas": current}))


def _prepare_and_spawn(
    platform: Platform, schema: Schema, servers: Iterable[Server], environ: Mapping[str, str], say: Say
) -> None:
    if not is_current(schema, platform.choices.schemas):
        migrate(platform.home, schema, environ, say)
    for server in servers:
        say(f"{server.name}: starting")
        spawn(platform.home, server, environ)


def _clock(say: Say) -> Say:
    """Progress lines with the seconds since now, one at a time."""
    begin, turn = time.monotonic(), threading.Lock()

    def tell(line: str) -> None:
        with turn:
            say(f"{time.monotonic() - begin:6.1f} s  {line}")

    return tell

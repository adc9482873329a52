"""MLflow, addressed once: telemetry off, the server's address from the settings, failures in our words."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.utils import plugins
from requests.exceptions import RequestException

from include.errors import NotFound, Outage
from include.settings import settings

logging.getLogger("mlflow").setLevel(logging.WARNING)


def _load_headers() -> None:
    """Loads what gives MLflow's requests their headers, without Feast: it would be imported whole, 4 s of a processor.

    What Feast would add is a token of its own server, which does not run here.
    """
    everybody = plugins.get_entry_points
    plugins.get_entry_points = lambda group: [one for one in everybody(group) if one.module.split(".")[0] != "feast"]
    try:
        import_module("mlflow.tracking.request_header.registry")
    finally:
        plugins.get_entry_points = everybody


_load_headers()


@contextmanager
def tracking() -> Iterator[MlflowClient]:
    """A client of the tracking server. What does not exist is NotFound, a server that does not answer an Outage."""
    uri = settings().tracking_uri
    mlflow.set_tracking_uri(uri)
    try:
        yield MlflowClient(uri)
    except MlflowException as problem:
        if problem.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
            raise NotFound(f"MLflow at {uri}: {problem.message}") from problem
        raise _outage(uri, problem) from problem
    except (RequestException, ConnectionError) as problem:
        raise _outage(uri, problem) from problem


def pages(search: Callable[[str | None], Any]) -> Iterator[Any]:
    """Everything a search of MLflow finds, given the token of a page, from all its pages."""
    token: str | None = None
    while True:
        found = search(token)
        yield from found
        token = found.token
        if not token:
            return


def _outage(uri: str, problem: Exception) -> Outage:
    return Outage(
        f"MLflow at {uri} did not do what was asked: {problem}. "
        "Check that the tracking server runs (`make status`), then run this step again: nothing half-done is kept."
    )

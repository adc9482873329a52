"""Whether the servers of a platform do their work, asked of the servers themselves."""

import time
from collections.abc import Mapping
from typing import Self

import httpx

from include.errors import Outage, PerennialError
from include.platform.client import AirflowClient
from include.platform.credentials import ADMIN, passwords
from include.platform.ending import Say
from include.platform.environment import airflow_url, mlflow_url, service_url
from include.platform.home import Choices, Home
from include.platform.processes import find
from include.platform.records import Pulse
from include.platform.servers import API_SERVER, MLFLOW, NAMES, SERVICE, WORKERS
from include.platform.tail import tail

_TIMEOUT = 10.0
_POLL_SECONDS = 0.25
_REMIND_SECONDS = 10.0


def wait_until_ready(home: Home, choices: Choices, say: Say, seconds: float) -> None:
    """Return when every server is ready; raise, with the culprit's log, when one dies or time is up."""
    begin = reminded = time.monotonic()
    waiting = dict.fromkeys(NAMES, "")
    with Readiness(home, choices) as readiness:
        while waiting:
            _require_alive(home)
            now = readiness.missing()
            for name in (name for name in NAMES if name in waiting and name not in now):
                say(f"{name}: ready")
            waiting = now
            if waiting and time.monotonic() - begin > seconds:
                raise _too_late(home, waiting, seconds)
            if waiting and time.monotonic() - reminded > _REMIND_SECONDS:
                reminded = time.monotonic()
                say(f"waiting: {_summary(waiting)}")
            time.sleep(_POLL_SECONDS if waiting else 0)


def not_ready(home: Home, choices: Choices) -> dict[str, str]:
    """The servers that are not ready at this moment, each with what is missing."""
    with Readiness(home, choices) as readiness:
        return readiness.missing()


class Readiness:
    """A look at the servers that can be repeated cheaply."""

    def __init__(self, home: Home, choices: Choices) -> None:
        self._home = home
        self._choices = choices
        self._http = httpx.Client(timeout=_TIMEOUT, trust_env=False)
        self._airflow = AirflowClient(airflow_url(choices), ADMIN, passwords(home)[ADMIN], _TIMEOUT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._airflow.close()
        self._http.close()

    def missing(self) -> dict[str, str]:
        """The servers that are not ready, each with what is missing."""
        missing = {} if self._answers(f"{mlflow_url(self._choices)}/health") else {MLFLOW: "does not answer"}
        if not self._answers(f"{service_url(self._choices)}/v2/health/live"):
            missing |= {SERVICE: "does not answer"}
        # This request also makes the api-server build what the first task would otherwise wait for.
        if not self._answers(f"{airflow_url(self._choices)}/execution/health"):
            return missing | {API_SERVER: "does not answer"} | dict.fromkeys(WORKERS, "waits for the api-server")
        try:
            return missing | self._without_pulse()
        except PerennialError as problem:
            return missing | {API_SERVER: str(problem)}

    def _without_pulse(self) -> dict[str, str]:
        health = self._airflow.health()
        pulses = {"scheduler": health.scheduler, "dag-processor": health.dag_processor, "triggerer": health.triggerer}
        missing = {name: f"is {pulse.status}" for name, pulse in pulses.items() if not self._beats(name, pulse)}
        if "scheduler" not in missing and not self._scheduler_works():
            missing["scheduler"] = "is importing libraries for its workers"
        return missing

    def _beats(self, server: str, pulse: Pulse) -> bool:
        """A heartbeat from before the start is that of a process long gone, and says nothing."""
        process = find(self._home, server)
        return bool(process and pulse.healthy and pulse.heartbeat and pulse.heartbeat >= process.started_at)

    def _scheduler_works(self) -> bool:
        """A scheduler counts as healthy while its executor still starts: it works from the second heartbeat on."""
        newest = next(iter(self._airflow.jobs("SchedulerJob")), None)
        return bool(
            newest and newest.latest_heartbeat and newest.start_date and newest.latest_heartbeat > newest.start_date
        )

    def _answers(self, url: str) -> bool:
        try:
            return self._http.get(url).is_success
        except httpx.TransportError:
            return False


def _require_alive(home: Home) -> None:
    for name in NAMES:
        if find(home, name) is None:
            raise Outage(f"The {name} ended while the platform started. {tail(home.log_of(name))}")


def _summary(waiting: Mapping[str, str]) -> str:
    known = [name for name in NAMES if name in waiting and not (API_SERVER in waiting and name in WORKERS)]
    return "; ".join(f"{name} {waiting[name]}" for name in known)


def _too_late(home: Home, waiting: Mapping[str, str], seconds: float) -> Outage:
    # What does not answer holds up the others: show its log rather than theirs.
    culprit = next(name for name in NAMES if name in waiting)
    return Outage(
        f"After {seconds:.0f} s the platform is not ready: {culprit} {waiting[culprit]}. {tail(home.log_of(culprit))}"
    )

"""Ends with 0 if a process of the stack does its work; `docker compose ps` shows the answer.

health.py URL               the address answers with success
health.py URL COMPONENT     the API server at URL has seen a recent heartbeat of this Airflow component
health.py worker            this container's Celery worker answers a ping through the broker
"""

import json
import os
import socket
import sys
from urllib.request import urlopen


def answers(url: str) -> bool:
    """True if the address answers; urlopen raises on anything but success."""
    with urlopen(url, timeout=5) as response:  # noqa: S310 - the address is docker-compose.yaml's own
        return bool(response.status)


def beats(url: str, component: str) -> bool:
    """True if Airflow's own health page says that the component is healthy."""
    with urlopen(url, timeout=5) as response:  # noqa: S310
        return bool(json.load(response)[component]["status"] == "healthy")


def pongs() -> bool:
    """True if the worker of this container answers; a plain Celery app asks, which costs a tenth of Airflow's."""
    from celery import Celery  # noqa: PLC0415 - the other probes start without it

    app = Celery(broker=os.environ["AIRFLOW__CELERY__BROKER_URL"])
    return bool(app.control.ping(destination=[f"celery@{socket.gethostname()}"], timeout=5))


def healthy(arguments: list[str]) -> bool:
    """Answer for one command line."""
    if arguments == ["worker"]:
        return pongs()
    return beats(*arguments) if len(arguments) > 1 else answers(*arguments)


if __name__ == "__main__":
    sys.exit(0 if healthy(sys.argv[1:]) else 1)

"""A real platform on this machine: Airflow and MLflow as ordinary processes, with all their state in one folder."""

from include.platform.client import AirflowClient
from include.platform.running import Platform, platform
from include.platform.starting import start
from include.platform.stopping import clean, stop
from include.platform.watching import ServerStatus, status

__all__ = ["AirflowClient", "Platform", "ServerStatus", "clean", "platform", "start", "status", "stop"]

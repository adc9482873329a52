"""Alerts: what is news, who is told of it, and in which words. Sending is Airflow's: see `plugins/notifiers`."""

from include.alerts.notice import Notice, tell
from include.alerts.outbox import deliver

__all__ = ["Notice", "deliver", "tell"]

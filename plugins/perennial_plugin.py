"""Perennial in Airflow's web UI: the board of models, and the evidence that tasks link to."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from airflow.plugins_manager import AirflowPlugin

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class LazyApp:
    """An ASGI application that is imported with its first request: every task process loads this file."""

    def __init__(self) -> None:
        self._app: Callable[[Scope, Receive, Send], Awaitable[None]] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if self._app is None:
            from plugins.web.app import app  # noqa: PLC0415

            self._app = app
        await self._app(scope, receive, send)


class PerennialPlugin(AirflowPlugin):
    """Adds the page *Models* to Airflow's navigation and serves it under `/perennial`."""

    name = "perennial"
    fastapi_apps = [{"app": LazyApp(), "url_prefix": "/perennial", "name": "Perennial"}]
    external_views = [
        {
            "name": "Models",
            "href": "/perennial/board",
            "destination": "nav",
            "url_route": "models",
        }
    ]

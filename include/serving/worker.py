"""`python -m include.serving.worker`: one process of the service, on a socket it was handed."""

import argparse
import asyncio
import gc
import json
import logging
import os
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from include.errors import PerennialError
from include.serving.app import rest
from include.serving.connection import Connection
from include.serving.context import Worker
from include.serving.front import App, Front
from include.serving.keys import Keys
from include.serving.trace_settings import traces
from include.settings import settings
from include.spec import load_models

if TYPE_CHECKING:
    from include.serving.tracing import Tracing

GRACE_SECONDS = 10
MOST_CONNECTIONS = 2048
_KEPT = ("status", "request", "model", "error", "seconds")


class JsonLines(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "pid": record.process,
            "message": record.getMessage(),
            **{name: getattr(record, name) for name in _KEPT if hasattr(record, name)},
        }
        if record.exc_info:
            said["trace"] = self.formatException(record.exc_info)
        return json.dumps(said, default=str)


class Server(uvicorn.Server):
    """Uvicorn with a worker beside it: it starts before the first request, and stops after the last one."""

    def __init__(self, config: uvicorn.Config, worker: Worker, tracing: "Tracing | None") -> None:
        super().__init__(config)
        self._worker, self._tracing = worker, tracing

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Follows the ledger, then listens."""
        self._worker.start()
        gc.collect()
        gc.freeze()  # what is there now stays: looking through it again would hold up requests
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Lets requests end, then the worker."""
        self._worker.stopping = True
        await super().shutdown(sockets)
        await self._worker.stop()
        if self._tracing is not None:
            await asyncio.to_thread(self._tracing.end)


def traced(app: App, worker: Worker) -> "tuple[App, Tracing | None]":
    """The app, traced where the environment asks for it; the SDK is imported then alone."""
    if not traces(os.environ):
        return app, None
    from include.serving.tracing import OTLPSpanExporter, Tracing  # noqa: PLC0415

    tracing = Tracing(OTLPSpanExporter())
    return tracing.of(app, worker.desks.values()), tracing


def logged() -> None:
    """Structured logs on standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=os.environ.get("PERENNIAL_LOG_LEVEL", "INFO"), handlers=[handler], force=True)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def main() -> int:
    """Serves until it is asked to stop."""
    parser = argparse.ArgumentParser(prog="python -m include.serving.worker", description=__doc__)
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--keys", type=Path)
    parser.add_argument("--roll-seconds", type=float, required=True)
    given = parser.parse_args()
    logged()
    try:
        models, keys = load_models().models, Keys.read(given.keys)
        worker = Worker(models, settings().serving_home, keys, given.roll_seconds)
        app, tracing = traced(Front(worker.desks, keys, rest(worker), worker.replica), worker)
    except PerennialError as problem:
        logging.getLogger(__name__).error("%s", problem)
        return problem.exit_code
    config = uvicorn.Config(
        app, loop="uvloop", http=Connection, ws="none", lifespan="off", access_log=False, log_config=None,
        server_header=False, date_header=False, limit_concurrency=MOST_CONNECTIONS, timeout_keep_alive=75,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )  # fmt: skip
    listening = socket.socket(fileno=given.socket)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(Server(config, worker, tracing).serve(sockets=[listening]))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What is not hot: health, metadata, metrics, feedback, and the OpenAPI document of everything."""

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from include.serving.context import Worker
from include.serving.openapi import documented
from include.serving.routers import health, labels, metadata, metrics, nowhere
from include.serving.trouble import Trouble

ROUTERS = (health.router, metadata.router, labels.router, metrics.router, nowhere.router)


def rest(worker: Worker) -> FastAPI:
    """The app for everything but predictions."""
    app = FastAPI(title="Perennial", version="2", description=__doc__, docs_url="/docs", redoc_url=None)
    app.state.worker = worker
    for router in ROUTERS:
        app.include_router(router)
    for kind in (HTTPException, Trouble):
        app.add_exception_handler(kind, _troubled)
    app.openapi = lambda: documented(app, worker.desks)  # type: ignore[method-assign]
    return app


async def _troubled(_: Request, problem: Exception) -> Response:
    """Ours as they are; those of the router, as a path or a method that is not there, in the same form."""
    if isinstance(problem, HTTPException):
        told = Trouble(problem.status_code, str(problem.detail)).told()
        return Response(told, problem.status_code, problem.headers, "application/json")
    assert isinstance(problem, Trouble)  # noqa: S101 - the handler is for these two
    return Response(problem.told(), problem.status, media_type="application/json")

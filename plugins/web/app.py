"""The pages under `/perennial`, for logged-in users of Airflow only."""

from collections.abc import Callable
from typing import Annotated

from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import HTMLResponse, Response

from include.board import files, page
from include.errors import NotFound, PerennialError
from include.ledger import Ledger
from include.openmetrics import CONTENT_TYPE, collect, render
from include.spec import load_models
from include.steps.place import lake, ledger

app = FastAPI(title="Perennial", dependencies=[Depends(get_user)], openapi_url=None)
# A stored page may run its own scripts, but in an origin of its own: it cannot act as the person who reads it.
SANDBOX = {"Content-Security-Policy": "sandbox allow-scripts allow-popups", "X-Content-Type-Options": "nosniff"}


@app.get("/board")
def board() -> HTMLResponse:
    """Every model with its champion and newest verdict, every dataset with its partitions."""
    return HTMLResponse(_or_error(page.board))


@app.get("/board/{model}")
def model(model: str) -> HTMLResponse:
    """One model: champions, trainings with each gate, verdicts day by day, decisions."""
    return HTMLResponse(_or_error(lambda book: page.model(model, book)))


@app.get("/metrics")
def metrics() -> Response:
    """What the ledger says as numbers, in OpenMetrics."""
    return Response(_or_error(_metrics), media_type=CONTENT_TYPE)


def _metrics(book: Ledger) -> str:
    return render(collect(load_models(), book, lake()))


@app.get("/files/{path:path}")
def file(path: Annotated[str, "a path in the lake"]) -> Response:
    """A stored page or record behind a decision. Data itself is not served."""
    try:
        content, media_type = files.read(path, lake())
    except NotFound as problem:
        raise HTTPException(404, str(problem)) from problem
    return Response(content, media_type=media_type, headers=SANDBOX)


def _or_error(render: Callable[[Ledger], str]) -> str:
    try:
        return render(ledger())
    except NotFound as problem:
        raise HTTPException(404, str(problem)) from problem
    except PerennialError as problem:
        raise HTTPException(503, str(problem)) from problem

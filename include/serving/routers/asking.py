"""What every path needs: the worker, the desk of the model that is asked, and whether this one may ask it."""

from typing import Annotated, Any

from fastapi import Depends, Request

from include.serving.context import Worker
from include.serving.desk import Desk
from include.serving.keys import ALL
from include.serving.openapi import refusals
from include.serving.trouble import Trouble

NOT_ALLOWED = refusals(401, 403)
NOT_FOUND = refusals(401, 403, 404, 422)
Json = dict[str, Any]


def worker(request: Request) -> Worker:
    """The worker of this process."""
    found: Worker = request.app.state.worker
    return found


Serving = Annotated[Worker, Depends(worker)]


def allowed(request: Request, serving: Serving) -> None:
    """Whether all models may be asked. Trouble where not."""
    _require(serving, request, ALL)


def desk(request: Request, serving: Serving, model: str) -> Desk:
    """The desk of the model. Trouble where there is none, or this one may not ask it."""
    if model not in serving.desks:
        raise Trouble(404, f"no model '{model}'; there are: {', '.join(serving.desks) or 'none'}")
    _require(serving, request, model)
    return serving.desks[model]


Asked = Annotated[Desk, Depends(desk)]


def _require(serving: Worker, request: Request, model: str) -> None:
    refusal = serving.keys.refusal(dict(request.headers.raw), model)
    if refusal is not None:
        raise Trouble(*refusal)

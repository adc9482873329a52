"""Paths that look like a question and are none."""

from fastapi import APIRouter

from include.serving.routers.asking import Asked, Serving
from include.serving.trouble import Trouble

router = APIRouter(include_in_schema=False)


@router.post("/v2/models/{model}/{form}")
async def unknown(desk: Asked, form: str) -> None:
    raise Trouble(404, f"no such thing as '{form}' of {desk.spec.name}: ask /infer or /invocations")


@router.post("/invocations")
async def several(serving: Serving) -> None:
    raise Trouble(404, f"not one model alone is served: ask /v2/models/<one of {', '.join(serving.desks)}>/invocations")

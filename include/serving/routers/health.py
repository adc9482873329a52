"""Whether the process lives, and what is warm in it."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from include.serving.openapi import described
from include.serving.routers.asking import NOT_FOUND, Asked, Serving

router = APIRouter(tags=["health"])


@router.get("/v2/health/live", summary="The process answers")
async def live() -> dict[str, bool]:
    return {"live": True}


@router.get("/v2/health/ready", summary="Every model with a champion is warm here", responses=described(503))
async def ready(serving: Serving) -> JSONResponse:
    served = serving.served()
    good = bool(served) and all(one.ready for one in served.values()) and not serving.stopping
    missing = {name: one.problem or "is being loaded" for name, one in served.items() if not one.ready}
    return _spoken({"ready": good, "missing": missing if served else {"models": "none has a champion"}}, good=good)


@router.get("/v2/models/{model}/ready", summary="The model answers here", responses={**NOT_FOUND, **described(503)})
async def model_ready(desk: Asked) -> JSONResponse:
    state = desk.state_or_none
    good = state is not None and state.ready
    return _spoken({"name": desk.spec.name, "ready": good}, good=good)


@router.get(
    "/v2/models/{model}/versions/{version}/ready",
    summary="The version is warm here",
    responses={**NOT_FOUND, **described(503)},
)
async def version_ready(desk: Asked, version: str) -> JSONResponse:
    state = desk.state_or_none
    good = state is not None and state.version(version) is not None
    return _spoken({"name": desk.spec.name, "version": version, "ready": good}, good=good)


def _spoken(said: dict[str, object], *, good: bool) -> JSONResponse:
    return JSONResponse(said, 200 if good else 503)

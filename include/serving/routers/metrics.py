"""Every worker's numbers."""

from fastapi import APIRouter, Depends, Response

from include.serving.exposition import exposition
from include.serving.replicas import heard
from include.serving.routers.asking import NOT_ALLOWED, Serving, allowed

OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
router = APIRouter(tags=["metrics"])


@router.get(
    "/metrics",
    summary="Every worker's numbers in OpenMetrics",
    dependencies=[Depends(allowed)],
    response_class=Response,
    responses={200: {"content": {OPENMETRICS: {"schema": {"type": "string"}}}}, **NOT_ALLOWED},
)
async def metrics(serving: Serving) -> Response:
    serving.say()
    return Response(exposition(heard(serving.home)), media_type=OPENMETRICS)

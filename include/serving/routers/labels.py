"""What came true, by prediction id."""

from fastapi import APIRouter, Request, Response

from include.serving.bodies import whole
from include.serving.feedback import Labels, Taken, read
from include.serving.openapi import answered, body, refusals
from include.serving.prediction_log import LogFull
from include.serving.routers.asking import NOT_FOUND, Asked, Serving
from include.serving.trouble import Trouble

router = APIRouter(tags=["feedback"])


@router.post(
    "/v2/models/{model}/feedback",
    summary="What came true, by prediction id",
    openapi_extra=body(Labels),
    responses={**answered(Taken), **NOT_FOUND, **refusals(400, 408, 413, 503)},
)
async def feedback(request: Request, desk: Asked, serving: Serving) -> Response:
    labels = read(await whole(request.receive, dict(request.headers.raw)))
    try:
        taken = await serving.feedback[desk.spec.name].take(labels)
    except LogFull as problem:
        raise Trouble(503, str(problem)) from problem
    return Response(taken.told(), media_type="application/json")

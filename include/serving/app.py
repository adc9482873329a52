"""What is not hot: health, metadata, metrics, feedback, and the OpenAPI document of everything."""

from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from include.serving.context import Worker
from include.serving.desk import Desk
from include.serving.exposition import exposition
from include.serving.feedback import Labels, Taken
from include.serving.keys import ALL
from include.serving.openapi import documented
from include.serving.prediction_log import LogFull
from include.serving.replicas import heard

OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
Bearer = Annotated[str | None, Header()]


def rest(worker: Worker) -> FastAPI:
    """The app for everything but predictions."""
    app = FastAPI(title="Perennial", version="2", description=__doc__, docs_url="/docs", redoc_url=None)
    desks = worker.desks

    def allowed(request: Request, model: str) -> None:
        presented = request.headers.get("x-api-key") or request.headers.get("authorization", "").removeprefix("Bearer ")
        permission = worker.keys.allow(presented.encode(), model)
        if permission is None:
            raise HTTPException(401, "no such API key: send it as 'Authorization: Bearer <key>'")
        if not permission:
            raise HTTPException(403, f"this API key may not ask {model}")

    def desk_of(request: Request, model: str) -> Desk:
        if model not in desks:
            raise HTTPException(404, f"no model '{model}'; there are: {', '.join(desks) or 'none'}")
        allowed(request, model)
        return desks[model]

    @app.exception_handler(HTTPException)
    async def failed(_: Request, problem: HTTPException) -> JSONResponse:
        return JSONResponse({"error": problem.detail}, problem.status_code)

    @app.get("/v2/health/live", tags=["health"], summary="The process answers")
    async def live() -> dict[str, bool]:
        return {"live": True}

    @app.get("/v2/health/ready", tags=["health"], summary="Every model with a champion is warm here, 503 otherwise")
    async def ready() -> JSONResponse:
        served = worker.served()
        good = bool(served) and all(one.ready for one in served.values()) and not worker.stopping
        missing = {name: one.problem or "is being loaded" for name, one in served.items() if not one.ready}
        return JSONResponse(
            {"ready": good, "missing": missing if served else {"models": "none has a champion"}}, 200 if good else 503
        )

    @app.get("/v2", tags=["metadata"], summary="The server")
    async def server() -> dict[str, Any]:
        return {"name": "perennial", "version": "2", "extensions": ["feedback", "metrics"]}

    @app.get("/v2/models/{model}", tags=["metadata"], summary="The model's features and what it answers")
    async def model(request: Request, model: str) -> dict[str, Any]:
        return _metadata(desk_of(request, model), None)

    @app.get("/v2/models/{model}/versions/{version}", tags=["metadata"], summary="The same of a version")
    async def version(request: Request, model: str, version: str) -> dict[str, Any]:
        return _metadata(desk_of(request, model), version)

    @app.get("/v2/models/{model}/ready", tags=["health"], summary="The model answers here, 503 otherwise")
    async def model_ready(request: Request, model: str) -> JSONResponse:
        desk_of(request, model)
        state = worker.follower.states.get(model)
        good = state is not None and state.ready
        return JSONResponse({"name": model, "ready": good}, 200 if good else 503)

    @app.get("/v2/models/{model}/versions/{version}/ready", tags=["health"], summary="The version is warm here")
    async def version_ready(request: Request, model: str, version: str) -> JSONResponse:
        desk_of(request, model)
        state = worker.follower.states.get(model)
        good = state is not None and state.version(version) is not None
        return JSONResponse({"name": model, "version": version, "ready": good}, 200 if good else 503)

    @app.post("/v2/models/{model}/feedback", tags=["feedback"], summary="What came true, by prediction id")
    async def feedback(request: Request, model: str, labels: Labels) -> Taken:
        desk = desk_of(request, model)
        try:
            return await worker.feedback[desk.spec.name].take(labels)
        except LogFull as problem:
            raise HTTPException(503, str(problem)) from problem

    @app.get("/metrics", tags=["metrics"], summary="Every worker's numbers in OpenMetrics")
    async def metrics(request: Request) -> Response:
        allowed(request, ALL)
        worker.say()
        return Response(exposition(heard(worker.home)), media_type=OPENMETRICS)

    @app.post("/v2/models/{model}/{form}", include_in_schema=False)
    async def unknown(request: Request, model: str, form: str) -> None:
        desk_of(request, model)
        raise HTTPException(404, f"no such thing as '{form}': ask /infer or /invocations")

    @app.post("/invocations", include_in_schema=False)
    async def several() -> None:
        raise HTTPException(
            404, f"not one model alone is served: ask /v2/models/<one of {', '.join(desks)}>/invocations"
        )

    app.openapi = lambda: documented(app, desks)  # type: ignore[method-assign]
    return app


def _metadata(desk: Desk, number: str | None) -> dict[str, Any]:
    """As the protocol v2 has it; 404 where the version is not loaded, 503 where none is."""
    state = desk.state_or_none
    if state is None or state.champion is None:
        raise HTTPException(503, f"{desk.spec.name} has no champion that is loaded here")
    version = state.champion if number is None else state.version(number)
    if version is None:
        raise HTTPException(404, f"{desk.spec.name} v{number} is not loaded here")
    plan = version.plan
    loaded = {one.plan.version for one in (state.champion, state.challenger, state.fallback) if one is not None}
    kinds = {name: "BYTES" if name in plan.words else "FP64" for name in plan.features}
    outputs = {"prediction": "BYTES" if plan.classes else "FP64"}
    outputs |= {f"probability_{name}": "FP64" for name in plan.classes}
    outputs |= {"prediction_id": "BYTES", "model_version": "BYTES"}
    return {
        "name": desk.spec.name,
        "versions": sorted(loaded, key=lambda one: (len(one), one)),
        "platform": "perennial_compiled" if version.answer else "sklearn_pipeline",
        "inputs": [{"name": name, "datatype": kind, "shape": [-1]} for name, kind in kinds.items()],
        "outputs": [{"name": name, "datatype": kind, "shape": [-1]} for name, kind in outputs.items()],
        "model_version": plan.version,
        "model_hash": plan.model_hash,
        "routing": state.routing.model_dump(mode="json", exclude={"salt"}),
    }

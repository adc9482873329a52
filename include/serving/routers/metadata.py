"""The server and its models, as the Open Inference Protocol describes them."""

from fastapi import APIRouter

from include.serving.desk import Desk
from include.serving.openapi import refusals
from include.serving.plan import Plan
from include.serving.routers.asking import NOT_FOUND, Asked, Json
from include.serving.state import State
from include.serving.trouble import Trouble

router = APIRouter(tags=["metadata"])
MISSING = {**NOT_FOUND, **refusals(503)}


@router.get("/v2", summary="The server")
async def server() -> Json:
    return {"name": "perennial", "version": "2", "extensions": ["feedback", "metrics"]}


@router.get("/v2/models/{model}", summary="The model's features and what it answers", responses=MISSING)
async def model(desk: Asked) -> Json:
    return _metadata(desk, None)


@router.get("/v2/models/{model}/versions/{version}", summary="The same of a version", responses=MISSING)
async def version(desk: Asked, version: str) -> Json:
    return _metadata(desk, version)


def _metadata(desk: Desk, number: str | None) -> Json:
    """As the protocol v2 has it; 404 where the version is not loaded, 503 where none is."""
    state = desk.state_or_none
    if state is None or state.champion is None:
        raise Trouble(503, f"{desk.spec.name} has no champion that is loaded here")
    version = state.champion if number is None else state.version(number)
    if version is None:
        raise Trouble(404, f"{desk.spec.name} v{number} is not loaded here")
    plan = version.plan
    return {
        "name": desk.spec.name,
        "versions": _loaded(state),
        "platform": "perennial_compiled" if version.answer else "sklearn_pipeline",
        "inputs": _tensors({name: "BYTES" if name in plan.words else "FP64" for name in plan.features}),
        "outputs": _tensors(_outputs(plan)),
        "model_version": plan.version,
        "model_hash": plan.model_hash,
        "routing": state.routing.model_dump(mode="json", exclude={"salt"}),
    }


def _loaded(state: State) -> list[str]:
    numbers = {one.plan.version for one in (state.champion, state.challenger, state.fallback) if one is not None}
    return sorted(numbers, key=lambda one: (len(one), one))


def _outputs(plan: Plan) -> dict[str, str]:
    return {
        "prediction": "BYTES" if plan.classes else "FP64",
        **{f"probability_{name}": "FP64" for name in plan.classes},
        "prediction_id": "BYTES",
        "model_version": "BYTES",
    }


def _tensors(kinds: dict[str, str]) -> list[Json]:
    return [{"name": name, "datatype": kind, "shape": [-1]} for name, kind in kinds.items()]

"""The OpenAPI document: FastAPI's own, and the hot paths, whose bodies are described by what decodes them."""

from collections.abc import Iterable
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from include.serving.answers import InferenceResponse, InvocationResponse
from include.serving.feedback import Labels, Taken
from include.serving.trouble import Refusal
from include.serving.wire import InferenceRequest, Invocation

PLACE = "#/components/schemas/{name}"
ERRORS = {
    400: "no JSON, or not of this form", 401: "no such API key", 403: "the key may not ask this model",
    404: "the version is not loaded", 405: "not a POST", 408: "the body did not come", 413: "too many bytes or rows",
    422: "a row is refused: row, column, value and rule are named, and no row is answered", 500: "the model failed",
    503: "no warm model, or the prediction log cannot be written", 504: "the model took too long",
}  # fmt: skip


BODIES = (InferenceRequest, InferenceResponse, Invocation, InvocationResponse, Refusal, Labels, Taken)
Responses = dict[int | str, dict[str, Any]]


def refusals(*statuses: int) -> Responses:
    """What a path that is not hot may answer instead, for FastAPI."""
    return {one: {"description": ERRORS[one], "content": _json({"$ref": PLACE.format(name="Refusal")})}
            for one in statuses}  # fmt: skip


def answered(kind: type) -> Responses:
    """What a path answers, one of BODIES."""
    return {200: {"description": str(kind.__doc__), "content": _json({"$ref": PLACE.format(name=kind.__name__)})}}


def described(status: int) -> Responses:
    """The same path's answer in another status."""
    return {status: {"description": ERRORS[status], "content": _json({"type": "object"})}}


def body(kind: type) -> dict[str, Any]:
    """The body of a path that reads it itself, one of BODIES."""
    return {"requestBody": {"required": True, "content": _json({"$ref": PLACE.format(name=kind.__name__)})}}


def documented(app: FastAPI, models: Iterable[str]) -> dict[str, Any]:
    """The whole document."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        refs, schemas = msgspec.json.schema_components(BODIES, ref_template=PLACE)
        made.setdefault("components", {}).setdefault("schemas", {}).update(schemas)
        named = ", ".join(models)
        for name, asked, answered, words in (
            ("infer", refs[0], refs[1], "Predictions, in the Open Inference Protocol v2"),
            ("invocations", refs[2], refs[3], "Predictions, as MLflow's scoring server gives them; CSV too"),
        ):
            operation = _operation(words, asked, answered, refs[4])
            made["paths"][f"/v2/models/{{model}}/{name}"] = _path(operation, named)
            made["paths"][f"/v2/models/{{model}}/versions/{{version}}/{name}"] = _path(operation, named, version=True)
        made["paths"]["/invocations"] = {
            "post": _operation("The same where one model is served", refs[2], refs[3], refs[4])
        }
        app.openapi_schema = made
    return app.openapi_schema


def _operation(words: str, asked: Any, answered: Any, refusal: Any) -> dict[str, Any]:
    failures = {str(code): {"description": text, "content": _json(refusal)} for code, text in ERRORS.items()}
    return {
        "tags": ["predictions"],
        "summary": words,
        "requestBody": {"required": True, "content": _json(asked)},
        "responses": {"200": {"description": words, "content": _json(answered)}, **failures},
    }


def _path(operation: dict[str, Any], models: str, *, version: bool = False) -> dict[str, Any]:
    names = {"model": f"one of: {models}", **({"version": "a version that is loaded"} if version else {})}
    return {
        "post": operation,
        "parameters": [
            {"name": name, "in": "path", "required": True, "description": words, "schema": {"type": "string"}}
            for name, words in names.items()
        ],
    }


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}

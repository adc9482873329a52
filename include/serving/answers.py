"""The two forms of asking, each with how it is read and how its answer is written."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from include.serving.desk import Answer
from include.serving.wire import Question, read_mlflow, read_v2
from include.spec import ModelSpec

_encode = msgspec.json.Encoder().encode


class OutputTensor(msgspec.Struct):
    """A column of the answer."""

    name: str
    shape: list[int]
    datatype: str
    data: list[Any]


class InferenceResponse(msgspec.Struct, omit_defaults=True):
    """An answer of the protocol v2. `model_version` is there where one version answered all rows."""

    model_name: str
    outputs: list[OutputTensor]
    id: str | None = None
    model_version: str | None = None


class InvocationResponse(msgspec.Struct, omit_defaults=True):
    """An answer as MLflow gives it, with ids for feedback, and the version that answered each row beside it."""

    predictions: list[Any]
    prediction_ids: list[str]
    model_versions: list[str]
    probabilities: list[dict[str, float]] = []


def write_v2(spec: ModelSpec, answer: Answer, asked_id: str | None) -> bytes:
    """The answer as tensors: prediction, id and version, and of several classes each one's probability."""
    shape, versions = [len(answer.ids)], answer.versions
    outputs = [_prediction(spec, answer, shape)]
    outputs += [
        OutputTensor(f"probability_{name}", shape, "FP64", [said[place] for said in answer.said])
        for place, name in enumerate(spec.target.classes)
    ]
    outputs.append(OutputTensor("prediction_id", shape, "BYTES", answer.ids))
    outputs.append(OutputTensor("model_version", shape, "BYTES", versions))
    one = versions[0] if versions[0] and versions.count(versions[0]) == len(versions) else None
    return _encode(InferenceResponse(spec.name, outputs, asked_id, one))


def write_mlflow(spec: ModelSpec, answer: Answer, _: str | None) -> bytes:
    """The answer as MLflow's scoring server writes it."""
    classes = spec.target.classes
    probabilities = [dict(zip(classes, said, strict=True)) for said in answer.said] if classes else []
    return _encode(InvocationResponse(_values(spec, answer), answer.ids, answer.versions, probabilities))


def _prediction(spec: ModelSpec, answer: Answer, shape: list[int]) -> OutputTensor:
    return OutputTensor("prediction", shape, "BYTES" if spec.target.classes else "FP64", _values(spec, answer))


def _values(spec: ModelSpec, answer: Answer) -> list[Any]:
    """One value per row: a number, or the likeliest class, of equals the first declared."""
    if not spec.target.classes:
        return [said[0] for said in answer.said]
    return [spec.target.classes[said.index(max(said))] for said in answer.said]


class Form(NamedTuple):
    """How a question is read and its answer written."""

    read: Callable[[bytes | bytearray, bytes], Question]
    write: Callable[[ModelSpec, Answer, str | None], bytes]


FORMS = {"infer": Form(read_v2, write_v2), "invocations": Form(read_mlflow, write_mlflow)}

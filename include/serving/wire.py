"""The forms of a request: the Open Inference Protocol v2, and what MLflow's scoring server takes.

https://kserve.github.io/website/latest/modelserving/data_plane/v2_protocol/ and
https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/
"""

import csv
import io
import math
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from include.serving.admission import Columns
from include.serving.cells import Cells

Datatype = Literal[
    "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BYTES"
]


class Malformed(Exception):
    """The request is no JSON, or not of a form that is understood; the message says where."""


class Tensor(msgspec.Struct, gc=False):
    """A column: one value per row, shape [rows] or [rows, 1], null where it is not known."""

    name: str
    shape: list[int]
    datatype: Datatype
    data: list[Any]
    parameters: dict[str, Any] = {}


class InferenceRequest(msgspec.Struct, gc=False):
    """A request of the protocol v2: one tensor per feature."""

    inputs: list[Tensor]
    id: str | None = None
    parameters: dict[str, Any] = {}
    outputs: list[Any] = []


class Split(msgspec.Struct):
    """A table as pandas writes it with `orient="split"`."""

    columns: list[str]
    data: list[list[Any]]
    index: list[Any] = []


class Invocation(msgspec.Struct):
    """A request as MLflow takes it: one of these forms of rows."""

    dataframe_split: Split | None = None
    dataframe_records: list[dict[str, Any]] | None = None
    instances: list[dict[str, Any]] | None = None
    inputs: dict[str, list[Any]] | list[dict[str, Any]] | None = None
    params: dict[str, Any] = {}


class Question(msgspec.Struct):
    """What is asked, whatever form it came in."""

    columns: Columns
    rows: int
    id: str | None = None


_v2 = msgspec.json.Decoder(InferenceRequest)
_mlflow = msgspec.json.Decoder(Invocation)


def read_v2(body: bytes | bytearray, _: bytes) -> Question:
    """The rows of a v2 request. Malformed where it is none."""
    asked = _decoded(_v2, body)
    shape = asked.inputs[0].shape[:1] if asked.inputs else [0]
    rows = shape[0] if shape else 0
    columns: dict[str, Cells] = {}
    for tensor in asked.inputs:
        plain = tensor.shape == shape and len(tensor.data) == rows
        columns[tensor.name] = tensor.data if plain else _column(tensor, rows)
    if len(columns) < len(asked.inputs):
        raise Malformed("inputs: a tensor is there twice")
    return Question(columns, rows, asked.id)


def _column(tensor: Tensor, rows: int) -> Cells:
    """The values of a tensor of shape [rows, 1], flat or nested. Malformed where it has another shape."""
    if tensor.shape != [rows, 1] or len(tensor.data) != rows:
        raise Malformed(
            f"inputs: tensor '{tensor.name}' has shape {tensor.shape} and {len(tensor.data)} values; required: shape "
            f"[{rows}] or [{rows}, 1] as the first tensor's, and as many values"
        )
    return [one[0] if one.__class__ is list and len(one) == 1 else one for one in tensor.data]


def read_mlflow(body: bytes | bytearray, content_type: bytes) -> Question:
    """The rows of an invocation, JSON or CSV with a header line. Malformed where it is none."""
    if content_type.lower().startswith(b"text/csv"):
        return _from_csv(body)
    asked = _decoded(_mlflow, body)
    given = [one for one in (asked.dataframe_split, asked.dataframe_records, asked.instances, asked.inputs)
             if one is not None]  # fmt: skip
    if len(given) != 1:
        raise Malformed("say one of dataframe_split, dataframe_records, instances and inputs")
    if isinstance(given[0], Split):
        return _from_rows(given[0].columns, given[0].data)
    if isinstance(given[0], list):
        return _from_records(given[0])
    sizes = {len(cells) for cells in given[0].values()}
    if len(sizes) > 1:
        raise Malformed("inputs: columns are of different lengths")
    return Question(given[0], next(iter(sizes), 0))


def _decoded(decoder: Any, body: bytes | bytearray) -> Any:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as problem:
        raise Malformed(str(problem)) from problem


def _from_rows(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Question:
    wrong = next((place for place, row in enumerate(rows) if len(row) != len(names)), None)
    if wrong is not None:
        raise Malformed(f"row {wrong} does not have {len(names)} cells, one per column")
    if len(set(names)) < len(names):
        raise Malformed("a column is there twice")
    return Question({name: [row[place] for row in rows] for place, name in enumerate(names)}, len(rows))


def _from_records(records: Sequence[dict[str, Any]]) -> Question:
    names = list(records[0]) if records else []
    for place, record in enumerate(records):
        if record.keys() != records[0].keys():
            raise Malformed(f"row {place} has other columns than row 0")
    return Question({name: [record[name] for record in records] for name in names}, len(records))


def _from_csv(body: bytes | bytearray) -> Question:
    """Cells are numbers where they read as such, flags, null where they are empty, and words otherwise."""
    try:
        lines = list(csv.reader(io.StringIO(body.decode("utf-8"))))
    except (UnicodeDecodeError, csv.Error) as problem:
        raise Malformed(str(problem)) from problem
    if not lines:
        raise Malformed("no header line")
    return _from_rows(lines[0], [[_cell(cell) for cell in line] for line in lines[1:]])


def _cell(text: str) -> str | float | bool | None:
    if text == "":
        return None
    try:
        number = int(text) if text.lstrip("+-").isdecimal() else float(text)
    except ValueError:
        return {"true": True, "false": False}.get(text.lower(), text)
    return number if math.isfinite(number) else text

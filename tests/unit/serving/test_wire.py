"""Every form of a request is read as the protocols have it, and what is none of them says where."""

import json
from typing import Any

import pytest

from include.serving.wire import Malformed, Question, read_mlflow, read_v2

ROWS = {"bus": [1, 2], "line": ["red", None]}


def tensor(name: str, data: list[Any], shape: list[int] | None = None, **more: Any) -> dict[str, Any]:
    return {"name": name, "shape": shape or [len(data)], "datatype": "FP64", "data": data, **more}


def invocation(body: Any, kind: bytes = b"application/json; charset=utf-8") -> Question:
    return read_mlflow(json.dumps(body).encode(), kind)


@pytest.mark.parametrize(
    "body",
    [
        {"dataframe_split": {"columns": ["bus", "line"], "data": [[1, "red"], [2, None]], "index": [7, 8]}},
        {"dataframe_records": [{"bus": 1, "line": "red"}, {"line": None, "bus": 2}], "params": {"any": 1}},
        {"instances": [{"bus": 1, "line": "red"}, {"bus": 2, "line": None}]},
        {"inputs": ROWS}, {"inputs": [{"bus": 1, "line": "red"}, {"bus": 2, "line": None}], "extra": 1},
    ],
)  # fmt: skip
def test_mlflows_forms_say_the_same(body: dict[str, Any]) -> None:
    found = invocation(body)
    assert (found.columns, found.rows) == (ROWS, 2)


@pytest.mark.parametrize("kind", [b"text/csv", b"Text/CSV; charset=utf-8"])
def test_a_table_with_a_header_is_read(kind: bytes) -> None:
    found = read_mlflow(b'bus,line,full\r\n1,"red, or so",true\n2.5,,FALSE\n', kind)
    assert found.columns == {"bus": [1, 2.5], "line": ["red, or so", None], "full": [True, False]}


@pytest.mark.parametrize(
    ("data", "shape"), [([1, 2], [2]), ([1, 2], [2, 1]), ([[1], [2]], [2, 1])]
)  # fmt: skip
def test_a_tensor_has_a_value_per_row(data: list[Any], shape: list[int]) -> None:
    found = read_v2(json.dumps({"id": "a", "inputs": [tensor("bus", data, shape, parameters={})]}).encode(), b"")
    assert (found.columns, found.rows, found.id) == ({"bus": [1, 2]}, 2, "a")


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ([tensor("bus", [1, 2], [3])], "has shape"), ([tensor("bus", [1, 2], [1, 2])], "has shape"),
        ([tensor("bus", [1, 2]), tensor("line", [1])], "tensor 'line'"),
        ([tensor("bus", [1]), tensor("bus", [1])], "twice"),
        ([{**tensor("bus", [1]), "datatype": "FP80"}], "FP80"), ([{"name": "bus"}], "shape"),
    ],
)  # fmt: skip
def test_a_tensor_that_is_none_says_why(inputs: list[Any], words: str) -> None:
    with pytest.raises(Malformed, match=words):
        read_v2(json.dumps({"inputs": inputs}).encode(), b"")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "say one of"), ({"instances": [], "inputs": {}}, "say one of"), ([], "object"),
        ({"inputs": {"bus": [1], "line": []}}, "different lengths"),
        ({"dataframe_records": [{"bus": 1}, {"line": 1}]}, "row 1 has other columns"),
        ({"dataframe_split": {"columns": ["bus", "bus"], "data": [[1, 2]]}}, "twice"),
        ({"dataframe_split": {"columns": ["bus"], "data": [[1], [1, 2]]}}, "row 1 does not have 1 cells"),
    ],
)  # fmt: skip
def test_an_invocation_that_is_none_says_why(body: Any, words: str) -> None:
    with pytest.raises(Malformed, match=words):
        invocation(body)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"inputs": ' + b"[" * 100_000])
def test_what_is_no_json_is_said_to_be_none(body: bytes) -> None:
    for read in (read_v2, read_mlflow):
        with pytest.raises(Malformed):
            read(body, b"")


def test_a_table_without_a_line_is_none() -> None:
    with pytest.raises(Malformed, match="no header line"):
        read_mlflow(b"", b"text/csv")

"""Whatever is sent to a path that takes bodies, the answer is one that the document knows, and the worker lives on."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.serving.openapi import ERRORS
from tests.declared import spec
from tests.served import NAME, App, app, state, version

PATHS = [
    "/invocations",
    *(f"/v2/models/{NAME}{named}/{form}" for named in ("", "/versions/1", "/versions/9")
      for form in ("infer", "invocations")),
    f"/v2/models/{NAME}/feedback",
    f"/v2/models/{NAME}/nothing",
    "/v2/models/nobody/infer",
]  # fmt: skip
GOOD = {"dataframe_records": [{"bus": 7, "line": "red"}]}
NEVER = {500, 503, 504}  # of a service with a warm model and room for its log

cells = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.just(10**400)
anything = st.recursive(
    cells, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
columns = st.dictionaries(st.sampled_from(["bus", "line", "full", "driver", "\ud800"]), st.lists(anything, max_size=2))
tensors = st.fixed_dictionaries(
    {"name": st.sampled_from(["bus", "line"]) | st.text(max_size=3), "shape": st.lists(st.integers(-1, 3), max_size=3),
     "datatype": st.sampled_from(["FP64", "BYTES", "INT64", "NONE"]), "data": st.lists(anything, max_size=3)},
)  # fmt: skip
labels = st.fixed_dictionaries({"prediction_id": st.text(max_size=5) | anything, "label": anything})
bodies = st.one_of(
    st.fixed_dictionaries({"dataframe_records": st.lists(columns | st.dictionaries(st.text(), anything), max_size=3)}),
    st.fixed_dictionaries({"inputs": columns | st.lists(tensors, max_size=3) | anything}),
    st.fixed_dictionaries({"dataframe_split": anything}),
    st.fixed_dictionaries({"labels": st.lists(labels, max_size=3)}),
    anything,
)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    logging.getLogger("include.serving.front").setLevel(logging.ERROR)  # a line for each that is not answered
    with app(
        tmp_path_factory.mktemp("any"), state(challenger=version("2")), spec(serving={"entity": ["line"]})
    ) as made:
        yield made
    logging.getLogger("include.serving.front").setLevel(logging.NOTSET)


def answered(asked: App, path: str, content: bytes, kind: str) -> None:
    answer = asked.post(path, content, **{"content-type": kind})
    assert answer.status_code in {200, *ERRORS} - NEVER, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert "error" in answer.json() or answer.status_code == 200
    assert asked.post("/invocations", json.dumps(GOOD).encode()).json()["predictions"] == [0.1]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(PATHS), content=st.binary(), kind=st.sampled_from(["application/json", "text/csv", ""]))
def test_bytes_of_any_kind_are_answered(asked: App, path: str, content: bytes, kind: str) -> None:
    answered(asked, path, content, kind)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(PATHS), body=bodies)
def test_json_of_any_kind_is_answered(asked: App, path: str, body: Any) -> None:
    answered(asked, path, json.dumps(body).encode(), "application/json")


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.lists(st.text(max_size=6) | st.sampled_from(["7", "red", "nan", "1e999", ""]), max_size=3)))
def test_tables_of_any_kind_are_answered(asked: App, lines: list[list[str]]) -> None:
    text = "\n".join(["bus,line", *(",".join(line) for line in lines)])
    answered(asked, "/invocations", text.encode(errors="surrogatepass"), "text/csv")


@pytest.mark.parametrize("word", [r"\ud800", r"\udfff\ud800", r"\u0000"])
def test_a_word_that_is_no_text_is_answered(tmp_path_factory: pytest.TempPathFactory, word: str) -> None:
    from tests.landing import contract  # noqa: PLC0415

    free = spec(contract=contract(columns={"line": {"type": "string"}}), serving={"entity": ["line"]})
    with app(tmp_path_factory.mktemp("word"), state(champion=version(contract=free.contract)), free) as made:
        body = b'{"dataframe_records": [{"bus": 7, "line": "%s"}]}' % word.encode()
        assert made.post("/invocations", body).status_code in {200, 400, 422}

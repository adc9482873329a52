"""Traces are made where the environment asks for them, joined to the caller's, and cost nothing otherwise."""

import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from include.errors import SpecError
from include.serving.service import serve
from include.serving.trace_settings import traces
from include.serving.tracing import OTLPSpanExporter, Tracing, route_of
from tests.served import NAME, App, answering, app, state

GOOD = {"bus": 7, "line": "red"}
CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
INVOKE = "/v2/models/{model}/invocations"


class Traced:
    """An app, and the spans of its requests."""

    def __init__(self, made: App) -> None:
        self._exporter = InMemorySpanExporter()
        self._tracing, self.app = Tracing(self._exporter), made
        made.asgi = self._tracing.of(made.asgi, made.worker.desks.values())

    def spans(self) -> dict[str, ReadableSpan]:
        self._tracing.end()
        return {one.name: one for one in self._exporter.get_finished_spans()}


@pytest.fixture
def traced(tmp_path: Path) -> Iterator[Traced]:
    with app(tmp_path) as made:
        yield Traced(made)


def facts(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def test_a_request_is_a_span_and_its_stages_lie_inside(traced: Traced) -> None:
    answer = traced.app.invoke(GOOD)
    spans = traced.spans()
    request = spans.pop(f"POST {INVOKE}")
    assert (request.kind, request.parent, request.status.status_code) == (SpanKind.SERVER, None, StatusCode.UNSET)
    assert facts(request) == {
        "http.request.method": "POST", "url.path": f"/v2/models/{NAME}/invocations", "http.route": INVOKE,
        "http.response.status_code": 200, "perennial.request_id": answer.headers["x-request-id"],
    }  # fmt: skip
    assert list(spans) == ["parse", "features", "validate", "model", "log"]
    assert all(one.parent and one.parent.span_id == request.context.span_id for one in spans.values())
    ends = [one.end_time for one in spans.values()]
    assert ends == sorted(ends)
    assert [one.start_time for one in spans.values()][1:] == ends[:-1]


def test_the_callers_trace_goes_on(traced: Traced) -> None:
    traced.app.post("/v2/models/nobody/infer", b"{}", traceparent=CALLER)
    [request] = traced.spans().values()
    assert f"{request.context.trace_id:032x}" == CALLER[3:35]
    assert request.parent is not None
    assert f"{request.parent.span_id:016x}" == CALLER[36:52]
    assert facts(request)["http.response.status_code"] == 404


def test_a_caller_who_does_not_sample_gets_no_span(traced: Traced) -> None:
    traced.app.post("/v2/models/nobody/infer", b"{}", traceparent=f"{CALLER[:-1]}0")
    assert traced.spans() == {}


def test_a_failure_of_the_service_is_an_error_of_the_span(tmp_path: Path) -> None:
    def raising(_: object) -> list[float]:
        raise ArithmeticError

    with app(tmp_path, state(champion=answering("1", raising))) as made:
        traced = Traced(made)
        made.invoke(GOOD)
        [request] = traced.spans().values()
    assert (request.status.status_code, facts(request)["http.response.status_code"]) == (StatusCode.ERROR, 500)


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/v2/models/a/infer", "/v2/models/{model}/infer"), ("/v2/models/a", "/v2/models/{model}"),
        ("/v2/models/a/versions/7/infer", "/v2/models/{model}/versions/{version}/infer"),
        ("/v2/health/ready", "/v2/health/ready"), ("/wp-admin.php", "elsewhere"),
        ("/v2/models/a/b/c/d/e/f", "elsewhere"),
    ],
)  # fmt: skip
def test_a_route_names_no_model(path: str, route: str) -> None:
    assert route_of(path) == route


@pytest.mark.parametrize(
    ("environ", "asked"),
    [
        ({}, False), ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://here:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://here:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://here:4318", "OTEL_SDK_DISABLED": "True"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://here:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
    ],
)  # fmt: skip
def test_the_environment_asks_for_traces(environ: dict[str, str], asked: bool) -> None:
    assert traces(environ) is asked


def test_a_protocol_that_is_not_spoken_is_named_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    assert not traces({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"})
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://here:4317")
    with pytest.raises(SpecError, match="'grpc' is not spoken; required: http/protobuf"):
        serve("127.0.0.1", 0, 1, None, 1.0)


def test_a_worker_that_is_not_asked_imports_nothing_of_it() -> None:
    code = "import sys, include.serving.worker; sys.exit(any(one.startswith('opentelemetry') for one in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """A collector that speaks OTLP over HTTP, and what it got."""
    got: list[tuple[str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing is said."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()
    thread.join()
    server.server_close()


def test_spans_reach_a_collector(
    tmp_path: Path, collector: tuple[str, list[tuple[str, bytes]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, got = collector
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
    with app(tmp_path) as made:
        tracing = Tracing(OTLPSpanExporter())
        made.asgi = tracing.of(made.asgi, made.worker.desks.values())
        made.invoke(GOOD)
        tracing.end()
    [(path, body)] = got
    [resource] = ExportTraceServiceRequest.FromString(body).resource_spans
    assert path == "/v1/traces"
    assert {one.key: one.value.string_value for one in resource.resource.attributes}["service.name"] == "perennial"
    assert len(resource.scope_spans[0].spans) == 6

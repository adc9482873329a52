"""OpenTelemetry traces, where the environment asks for them: a span for each request, and one for each of its stages.

The environment speaks OpenTelemetry's own words. Sampling, resources, headers and limits are read by the SDK, which a
worker imports only with this module.
"""

import time
from collections.abc import Callable, Iterable, Mapping

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, use_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from include.serving.bodies import Receive
from include.serving.desk import Desk
from include.serving.front import App, Scope, Send
from include.serving.meters import STAGES

__all__ = ["OTLPSpanExporter", "Tracing", "route_of"]
MODEL, VERSION, FORM = 3, 5, 7  # where a path names them: /v2/models/<model>/versions/<version>/infer
_SERVER_ERROR = 500
_PLAIN = ("/invocations", "/metrics", "/v2", "/v2/health/live", "/v2/health/ready", "/openapi.json", "/docs")
Took = Callable[..., None]


class Tracing:
    """Makes spans of the requests of one process, and sends them in a thread."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._provider = TracerProvider(resource=_resource())
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("perennial.serving")
        self._propagator = TraceContextTextMapPropagator()

    def of(self, app: App, desks: Iterable[Desk]) -> App:
        """The app with a span around each request, and inside it the stages that its desk tells."""
        for desk in desks:
            desk.took = self._with_stages(desk.took)

        async def traced(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            with use_span(self._begun(scope), end_on_exit=True) as span:
                await app(scope, receive, _seen(send, span))

        return traced

    def end(self) -> None:
        """Sends what waits."""
        self._provider.shutdown()

    def _begun(self, scope: Scope) -> Span:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        method, route = scope["method"], route_of(scope["path"])
        facts = {"http.request.method": method, "url.path": scope["path"], "http.route": route}
        parent = self._propagator.extract(headers, Context())
        return self._tracer.start_span(f"{method} {route}", parent, SpanKind.SERVER, facts)

    def _with_stages(self, took: Took) -> Took:
        def told(*moments: float) -> None:
            took(*moments)
            passed = time.time() - time.perf_counter()
            at = [int((passed + moment) * 1e9) for moment in moments]
            for stage, begin, end in zip(STAGES, at, at[1:], strict=False):
                self._tracer.start_span(stage, start_time=begin).end(end)

        return told


def route_of(path: str) -> str:
    """The path without the names of models and versions, so that there are few of them."""
    if path in _PLAIN:
        return path
    parts = path.split("/")
    if parts[:MODEL] != ["", "v2", "models"] or len(parts) > FORM:
        return "elsewhere"
    names = (
        {MODEL: "{model}", VERSION: "{version}"} if parts[MODEL + 1 : VERSION] == ["versions"] else {MODEL: "{model}"}
    )
    return "/".join(names.get(place, part) for place, part in enumerate(parts))


def _seen(send: Send, span: Span) -> Send:
    """Tells the span how it ended."""

    async def sent(message: Mapping[str, object]) -> None:
        if message["type"] == "http.response.start":
            status = int(str(message["status"]))
            span.set_attribute("http.response.status_code", status)
            span.set_attribute("perennial.request_id", _request_id(message["headers"]))
            if status >= _SERVER_ERROR:
                span.set_status(Status(StatusCode.ERROR))
        await send(dict(message))

    return sent


def _request_id(headers: object) -> str:
    """What finds the request in the prediction log and in the service's own."""
    assert isinstance(headers, list)  # noqa: S101 - as ASGI has them
    return str(dict(headers).get(b"x-request-id", b"").decode("latin-1"))


def _resource() -> Resource:
    found = Resource.create()
    if str(found.attributes[SERVICE_NAME]).startswith("unknown_service"):
        return found.merge(Resource({SERVICE_NAME: "perennial"}))
    return found

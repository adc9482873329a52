"""The hot paths as plain ASGI: a prediction passes no router and no middleware. Everything else goes to FastAPI."""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, NamedTuple

import msgspec

from include.serving.admission import Problem, Refused
from include.serving.answers import FORMS, Form
from include.serving.desk import Desk, Failed, NotReady
from include.serving.groups import NotServed
from include.serving.keys import Keys
from include.serving.prediction_log import LogFull
from include.serving.wire import Malformed

log = logging.getLogger(__name__)
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
_encode = msgspec.json.Encoder(enc_hook=str).encode
_clock = time.perf_counter

MOST_BYTES = 8 << 20
BODY_SECONDS = 10.0
JSON = (b"content-type", b"application/json")


class Trouble(Exception):
    """A request that is not answered: status, what to say, and the refusals found."""

    def __init__(self, status: int, error: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(error)
        self.status, self.error, self.problems = status, error, problems


class Asked(NamedTuple):
    """A hot path: which model, in which form, and the version if one is named."""

    model: str
    form: Form
    version: str | None


class Heads(NamedTuple):
    """What the headers say, as far as it is of use."""

    request: str
    content_type: str
    length: int
    key: bytes


class Front:
    """Answers questions to models, and leaves the rest to another app."""

    def __init__(self, desks: Mapping[str, Desk], keys: Keys, rest: App, prefix: str) -> None:
        self._desks, self._keys, self._rest = desks, keys, rest
        self._prefix, self._count = f"{prefix}-", 0
        self._paths = {path: Asked(model, form, None) for model in desks for path, form in _paths(model)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._rest(scope, receive, send)
            return
        asked = self._paths.get(scope["path"]) or self._named(scope["path"])
        if asked is None:
            await self._rest(scope, receive, send)
            return
        begun = _clock()
        heads = self._heads(scope["headers"])
        desk = self._desks[asked.model]
        try:
            self._admit(scope["method"], heads, asked.model)
            body = await _body(receive, heads.length)
            begun = _clock() if body.__class__ is bytearray else begun
            status, content = 200, await _answered(desk, asked, heads, body, begun)
        except Trouble as trouble:
            status, content = trouble.status, _encode({"error": trouble.error, "problems": trouble.problems})
            _tell(status, heads.request, asked, trouble.error, _clock() - begun)
        desk.meters.count(status)
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [
                    JSON, (b"content-length", b"%d" % len(content)), (b"x-request-id", heads.request.encode("latin-1")),
                ],
            }
        )  # fmt: skip
        await send({"type": "http.response.body", "body": content})

    def _named(self, path: str) -> Asked | None:
        """A path that names a version, or invocations where one model alone is served."""
        if path == "/invocations":
            served = [model for model, desk in self._desks.items() if desk.state_or_none is not None]
            return Asked(served[0], FORMS["invocations"], None) if len(served) == 1 else None
        parts = path.split("/")
        if len(parts) == 7 and parts[1:3] == ["v2", "models"] and parts[4] == "versions" and parts[3] in self._desks:  # noqa: PLR2004
            form = FORMS.get(parts[6])
            return Asked(parts[3], form, parts[5]) if form else None
        return None

    def _heads(self, headers: list[tuple[bytes, bytes]]) -> Heads:
        request, content_type, length, key = "", "", 0, b""
        for name, value in headers:
            if name == b"content-type":
                content_type = value.decode("latin-1")
            elif name == b"content-length":
                length = int(value)
            elif name == b"x-request-id":
                request = _plain(value)
            elif name == b"authorization" and value[:7].lower() == b"bearer ":
                key = value[7:]
            elif name == b"x-api-key":
                key = value
        if not request:
            self._count += 1
            request = f"{self._prefix}{self._count:x}"
        return Heads(request, content_type, length, key)

    def _admit(self, method: str, heads: Heads, model: str) -> None:
        if method != "POST":
            raise Trouble(405, "ask with POST")
        if heads.length > MOST_BYTES:
            raise Trouble(413, f"the body has {heads.length} bytes; at most {MOST_BYTES}")
        if self._keys.asked_for:
            allowed = self._keys.allow(heads.key, model)
            if allowed is None:
                raise Trouble(401, "no such API key: send it as 'Authorization: Bearer <key>'")
            if not allowed:
                raise Trouble(403, f"this API key may not ask {model}")


def _paths(model: str) -> list[tuple[str, Form]]:
    return [(f"/v2/models/{model}/{name}", form) for name, form in FORMS.items()]


def _plain(value: bytes) -> str:
    """A request id as it may stand in logs and headers: short, printable."""
    text = value[:128].decode("latin-1")
    return text if text.isascii() and text.isprintable() else secrets.token_hex(8)


async def _body(receive: Receive, length: int) -> bytes | bytearray:
    """The whole body. Trouble where it is too long, or does not come."""
    message = await asyncio.wait_for(receive(), BODY_SECONDS) if length > 1 << 16 else await receive()
    if not message.get("more_body"):
        return message.get("body", b"")  # type: ignore[no-any-return]
    body = bytearray(message["body"])
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while message.get("more_body"):
                message = await receive()
                body += message.get("body", b"")
                if len(body) > MOST_BYTES:
                    raise Trouble(413, f"the body is longer than {MOST_BYTES} bytes")
    except TimeoutError:
        raise Trouble(408, f"the body did not come within {BODY_SECONDS:g} s") from None
    return body


async def _answered(desk: Desk, asked: Asked, heads: Heads, body: bytes | bytearray, begun: float) -> bytes:
    try:
        question = asked.form.read(body, heads.content_type)
        parsed = _clock()
        if not 0 < question.rows <= desk.spec.serving.most_rows:
            raise Trouble(413 if question.rows else 422, f"{question.rows} rows; 1 to {desk.spec.serving.most_rows} go")
        answer = await desk.answer(question, heads.request, asked.version, begun, parsed)
        return asked.form.write(desk.spec, answer, question.id)
    except Malformed as problem:
        raise Trouble(400, str(problem)) from problem
    except Refused as problem:
        raise Trouble(422, "refused: no row of the request is answered", tuple(problem.problems)) from problem
    except NotReady as problem:
        raise Trouble(503, str(problem)) from problem
    except NotServed as problem:
        raise Trouble(404, f"{asked.model} v{asked.version} is not loaded here") from problem
    except LogFull as problem:
        raise Trouble(503, f"{problem} What cannot be logged is not answered.") from problem
    except TimeoutError as problem:
        raise Trouble(504, f"no answer within {desk.spec.serving.most_seconds:g} s") from problem
    except Failed as problem:
        raise Trouble(500, f"the model failed: {problem}") from problem
    except Trouble:
        raise
    except Exception as problem:
        log.exception("request %s", heads.request)
        raise Trouble(500, "an error of the service; its log has the request's id") from problem


def _tell(status: int, request: str, asked: Asked, error: str, seconds: float) -> None:
    """What was not answered goes into the service's log; what was is in the prediction log."""
    log.warning(
        "not answered",
        extra={
            "status": status,
            "request": request,
            "model": asked.model,
            "error": error,
            "seconds": round(seconds, 6),
        },
    )

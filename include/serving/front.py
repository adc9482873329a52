"""The hot paths as plain ASGI: a prediction passes no router and no middleware. Everything else goes to FastAPI."""

import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, NamedTuple

from include.serving.admission import Refused
from include.serving.answering import Failed
from include.serving.answers import FORMS, Form
from include.serving.bodies import Receive, whole
from include.serving.desk import Desk, NotReady
from include.serving.groups import NotServed
from include.serving.keys import Keys
from include.serving.prediction_log import LogFull
from include.serving.trouble import Trouble
from include.serving.wire import Malformed

log = logging.getLogger(__name__)
Scope = MutableMapping[str, Any]
Headers = Mapping[bytes, bytes]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
_clock = time.perf_counter

JSON = (b"content-type", b"application/json")
ALLOW = (b"allow", b"POST")
NOT_A_POST = 405


class Asked(NamedTuple):
    """A hot path: which model, in which form, and the version if one is named."""

    model: str
    form: Form
    version: str | None


class Front:
    """Answers questions to models, and leaves the rest to another app."""

    def __init__(self, desks: Mapping[str, Desk], keys: Keys, rest: App, prefix: str) -> None:
        self._desks, self._keys, self._rest = desks, keys, rest
        self._prefix, self._count = f"{prefix}-", 0
        self._paths = {path: Asked(model, form, None) for model in desks for path, form in _paths(model)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        asked = self._paths.get(scope["path"]) or self._named(scope["path"]) if scope["type"] == "http" else None
        if asked is None:
            await self._rest(scope, receive, send)
            return
        begun, headers, desk = _clock(), dict(scope["headers"]), self._desks[asked.model]
        request = self._request(headers)
        try:
            self._admit(scope["method"], headers, asked.model)
            body = await whole(receive, headers)
            begun = _clock() if body.__class__ is bytearray else begun
            status, content = 200, await _answered(desk, asked, request, headers, body, begun)
        except Trouble as trouble:
            status, content = trouble.status, trouble.told()
            _tell(trouble, request, asked.model, _clock() - begun)
        desk.meters.count(status)
        described = [JSON, (b"content-length", b"%d" % len(content)), (b"x-request-id", request.encode("latin-1"))]
        if status == NOT_A_POST:
            described.append(ALLOW)
        await send({"type": "http.response.start", "status": status, "headers": described})
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

    def _request(self, headers: Headers) -> str:
        """The id that the request brought, otherwise a new one."""
        given = headers.get(b"x-request-id")
        if given:
            return _plain(given)
        self._count += 1
        return f"{self._prefix}{self._count:x}"

    def _admit(self, method: str, headers: Headers, model: str) -> None:
        if method != "POST":
            raise Trouble(NOT_A_POST, "ask with POST")
        refusal = self._keys.refusal(headers, model)
        if refusal is not None:
            raise Trouble(*refusal)


def _paths(model: str) -> list[tuple[str, Form]]:
    return [(f"/v2/models/{model}/{name}", form) for name, form in FORMS.items()]


def _plain(value: bytes) -> str:
    """A request id as it may stand in logs and headers: short, printable."""
    text = value[:128].decode("latin-1")
    return text if text.isascii() and text.isprintable() else secrets.token_hex(8)


async def _answered(
    desk: Desk, asked: Asked, request: str, headers: Headers, body: bytes | bytearray, begun: float
) -> bytes:
    try:
        question = asked.form.read(body, headers.get(b"content-type", b""))
        parsed = _clock()
        if not 0 < question.rows <= desk.spec.serving.most_rows:
            raise Trouble(413 if question.rows else 422, f"{question.rows} rows; 1 to {desk.spec.serving.most_rows} go")
        answer = await desk.answer(question, request, asked.version, begun, parsed)
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
        log.exception("request %s", request)
        raise Trouble(500, "an error of the service; its log has the request's id") from problem


def _tell(trouble: Trouble, request: str, model: str, seconds: float) -> None:
    """What is not answered goes into the service's log; what was is in the prediction log."""
    facts = {"status": trouble.status, "request": request, "model": model, "error": trouble.refusal.error}
    log.warning("not answered", extra={**facts, "seconds": round(seconds, 6)})

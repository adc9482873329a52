"""A client's connection: uvicorn's, with an end to what comes before an answer. llhttp itself reads forever."""

import asyncio
from typing import Literal

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

MOST_HEAD_BYTES = 64 << 10
HEAD_SECONDS = 10.0
BODY_SECONDS = 10.0
CLOSE = b"content-type: application/json\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s"


class Connection(HttpToolsProtocol):
    """Ends where a request is too long before its body, or does not come. One that comes at once costs a look."""

    _awaited: Literal["", "head", "body"] = ""
    _deadline: asyncio.TimerHandle | None = None
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first head is waited for from now on."""
        super().connection_made(transport)
        self._await("head")

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._await("")
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Takes what came; `path` is in the scope once the head is whole, and a cycle knows whether its body is."""
        super().data_received(data)
        if self.scope is None or "path" not in self.scope:
            self._await("head")
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self._end(431, f"more than {MOST_HEAD_BYTES} bytes before the body")
        else:
            self._await("body" if self.cycle.more_body else "")

    def _await(self, awaited: Literal["", "head", "body"]) -> None:
        """Something else is waited for from now on, or nothing."""
        if awaited == self._awaited:
            return
        self._awaited, self._head_bytes = awaited, 0
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if awaited:
            self._deadline = self.loop.call_later(HEAD_SECONDS if awaited == "head" else BODY_SECONDS, self._late)

    def _late(self) -> None:
        if self._awaited == "body" and not (self.cycle.response_started or self.pipeline):
            self._end(408, f"the body did not come within {BODY_SECONDS:g} s")
        self.timeout_keep_alive_handler()

    def _end(self, status: int, why: str) -> None:
        if not self.transport.is_closing():
            body = b'{"error": "%s"}' % why.encode()
            self.transport.write(STATUS_LINE[status] + CLOSE % (len(body), body))
            self.transport.close()

"""Bodies of requests: whole, in time, and not too long."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from include.serving.trouble import Trouble

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
MOST_BYTES = 8 << 20
BODY_SECONDS = 10.0


async def whole(receive: Receive, headers: Mapping[bytes, bytes]) -> bytes | bytearray:
    """The body: bytes if it was there at once, a bytearray if it came in pieces. Trouble where it is not taken."""
    said = int(headers.get(b"content-length", 0))
    if said > MOST_BYTES:
        raise Trouble(413, f"the body has {said} bytes; at most {MOST_BYTES}")
    try:
        async with asyncio.timeout(BODY_SECONDS):
            message = await _piece(receive)
            return await _rest(receive, message) if message.get("more_body") else message.get("body", b"")
    except TimeoutError:
        raise Trouble(408, f"the body did not come within {BODY_SECONDS:g} s") from None


async def _rest(receive: Receive, message: MutableMapping[str, Any]) -> bytearray:
    body = bytearray(message.get("body", b""))
    while message.get("more_body"):
        message = await _piece(receive)
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            raise Trouble(413, f"the body is longer than {MOST_BYTES} bytes")
    return body


async def _piece(receive: Receive) -> MutableMapping[str, Any]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Trouble(400, "the connection ended before the body")
    return message

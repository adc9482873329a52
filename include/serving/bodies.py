"""Bodies of requests: whole, and not too long. That they come in time is the connection's matter."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from include.serving.trouble import Trouble

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
MOST_BYTES = 8 << 20


async def whole(receive: Receive, headers: Mapping[bytes, bytes]) -> bytes | bytearray:
    """The body: bytes if it was there at once, a bytearray if it came in pieces. Trouble where it is not taken."""
    said = int(headers.get(b"content-length", 0))
    if said > MOST_BYTES:
        raise Trouble(413, f"the body has {said} bytes; at most {MOST_BYTES}")
    message = await _piece(receive)
    if not message.get("more_body"):
        return message.get("body", b"")  # type: ignore[no-any-return]
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
        raise Trouble(408, "the connection ended before the body came")
    return message

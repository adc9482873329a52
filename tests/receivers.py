"""A mail server and a webhook receiver, real ones, in threads of the test."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


@dataclass
class Mails:
    """What the server took: envelope recipients and the message. `refuse` has it turn everybody away."""

    port: int = 0
    refuse: bool = False
    to: list[list[str]] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)


class _Smtp(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a client needs to hand over a mail."""

    def handle(self) -> None:
        kept: Mails = self.server.kept  # type: ignore[attr-defined]
        recipients: list[str] = []
        self._say("220 tests ESMTP")
        for line in self.rfile:
            words = line.decode().strip()
            command = words.upper()
            if command.startswith("EHLO"):
                self._say("250 tests")
            elif command.startswith("RCPT"):
                recipients.append(words.partition("<")[2].rstrip(">"))
                self._say("550 nobody lives here" if kept.refuse else "250 ok")
            elif command == "DATA":
                self._say("354 go on")
                content = b"".join(iter(self.rfile.readline, b".\r\n"))
                kept.to.append(recipients)
                kept.messages.append(message_from_bytes(content, policy=default))
                self._say("250 taken")
            elif command == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[Mails]:
    """A mail server on a free port."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Smtp) as server:
        kept = Mails(port=server.server_address[1])
        server.kept = kept  # type: ignore[attr-defined]
        with _running(server):
            yield kept


@dataclass
class Posts:
    """What the receiver got: path, headers and JSON of each request. `status` is what it answers."""

    port: int = 0
    status: int = 200
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)


class _Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        kept: Posts = self.server.kept  # type: ignore[attr-defined]
        kept.paths.append(self.path)
        kept.headers.append(dict(self.headers))
        kept.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(kept.status)
        self.end_headers()
        self.wfile.write(b"no_team" if kept.status != 200 else b"ok")

    def log_message(self, *_: Any) -> None:
        """Nothing is printed among the tests."""


@contextmanager
def webhook_receiver() -> Iterator[Posts]:
    """A receiver of webhooks on a free port."""
    with HTTPServer(("127.0.0.1", 0), _Receiver) as server:
        kept = Posts(port=server.server_address[1])
        server.kept = kept  # type: ignore[attr-defined]
        with _running(server):
            yield kept


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()

"""Connections that bring too much, too slowly or nothing at all end, and nobody else notices."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn

from include.serving.connection import MOST_HEAD_BYTES, Connection
from tests.served import NAME, app

BODY = b'{"dataframe_records": [{"bus": 7, "line": "red"}]}'
HEAD = f"POST /v2/models/{NAME}/invocations HTTP/1.1\r\nhost: here\r\n".encode()
PATIENCE = 30.0


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits ten seconds here."""
    monkeypatch.setattr("include.serving.connection.HEAD_SECONDS", 0.3)
    monkeypatch.setattr("include.serving.connection.BODY_SECONDS", 0.3)


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Where the app listens."""
    with app(tmp_path) as served:
        config = uvicorn.Config(served.asgi, http=Connection, ws="none", lifespan="off", log_config=None, port=0)
        server = uvicorn.Server(config)
        listening = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])))
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()
            listening.close()


@contextmanager
def client(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as made:
        yield made


def heard(made: socket.socket) -> bytes:
    """All that comes until the connection ends."""
    found = b""
    while piece := _piece(made):
        found += piece
    return found


def _piece(made: socket.socket) -> bytes:
    try:
        return made.recv(1 << 16)
    except ConnectionResetError:
        return b""


def asked(port: int) -> bytes:
    """The status line of a good request on a connection of its own."""
    with client(port) as made:
        made.sendall(HEAD + b"connection: close\r\ncontent-length: %d\r\n\r\n" % len(BODY) + BODY)
        return heard(made).partition(b"\r\n")[0]


def test_a_head_that_is_too_long_is_refused(port: int) -> None:
    with client(port) as made:
        made.sendall(HEAD)
        with pytest.raises(OSError):  # noqa: PT011, PT012 - which piece is one too many is the kernel's matter
            for _ in range(1000):
                made.sendall(b"x-more: " + b"a" * MOST_HEAD_BYTES + b"\r\n")
                time.sleep(0.01)
    with client(port) as made:
        made.sendall(HEAD + b"x-more: " + b"a" * MOST_HEAD_BYTES)
        assert heard(made).startswith(b"HTTP/1.1 431")
    assert asked(port) == b"HTTP/1.1 200 OK"


def test_a_head_in_pieces_is_taken(port: int) -> None:
    with client(port) as made:
        for place in range(0, len(HEAD), 20):
            made.sendall(HEAD[place : place + 20])
        made.sendall(b"connection: close\r\ncontent-length: %d\r\n\r\n" % len(BODY) + BODY)
        assert heard(made).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("sent", [b"", HEAD[:10], HEAD])
def test_a_head_that_does_not_come_ends_the_connection(port: int, sent: bytes) -> None:
    with client(port) as made:
        made.sendall(sent)
        assert heard(made) == b""
    assert asked(port) == b"HTTP/1.1 200 OK"


def test_a_head_that_drips_has_no_longer_than_one_that_does_not_come(port: int) -> None:
    with client(port) as made, pytest.raises(OSError):  # noqa: PT011, PT012 - which drop is the last is a matter of time
        for place in range(1000):
            made.sendall(HEAD[place % len(HEAD) :][:1])
            time.sleep(0.05)


@pytest.mark.parametrize("sent", [b"", b"{"])
@pytest.mark.parametrize("size", [50, 1 << 20])
def test_a_body_that_does_not_come_is_told_so(port: int, sent: bytes, size: int) -> None:
    with client(port) as made:
        made.sendall(HEAD + b"connection: close\r\ncontent-length: %d\r\n\r\n" % size + sent)
        assert heard(made).startswith(b"HTTP/1.1 408")
    assert asked(port) == b"HTTP/1.1 200 OK"


def test_labels_are_bounded_as_questions_are(port: int) -> None:
    path = f"POST /v2/models/{NAME}/feedback HTTP/1.1\r\nhost: here\r\nconnection: close\r\n".encode()
    with client(port) as made:
        made.sendall(path + b"content-length: 999999999\r\n\r\n")
        assert heard(made).startswith(b"HTTP/1.1 413")
    with client(port) as made:
        made.sendall(path + b"content-length: 50\r\n\r\n{")
        assert heard(made).startswith(b"HTTP/1.1 408")


def test_requests_on_one_connection_are_answered_one_after_the_other(port: int) -> None:
    one = HEAD + b"content-length: %d\r\n\r\n" % len(BODY) + BODY
    with client(port) as made:
        made.sendall(one * 20 + HEAD + b"connection: close\r\ncontent-length: %d\r\n\r\n" % len(BODY) + BODY)
        assert heard(made).count(b"HTTP/1.1 200") == 21

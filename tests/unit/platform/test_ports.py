"""A taken port is found before a server starts, and explained."""

import os
import socket
from collections.abc import Iterator

import pytest

from include.errors import Conflict
from include.platform.ports import free_port, holder, is_free, require_free


@pytest.fixture(params=["127.0.0.1", "0.0.0.0"])
def taken(request: pytest.FixtureRequest) -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((request.param, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_nobody_listens_on_is_free() -> None:
    assert is_free(free_port())


def test_a_port_somebody_listens_on_is_taken(taken: int) -> None:
    assert not is_free(taken)


def test_the_holder_of_a_port_is_named(taken: int) -> None:
    assert f"process {os.getpid()} (" in holder(taken)


def test_a_taken_port_is_refused_with_its_holder_and_a_free_one(taken: int) -> None:
    with pytest.raises(
        Conflict, match=rf"Port {taken}, wanted for MLflow, is taken by process {os.getpid()}"
    ) as refusal:
        require_free(taken, "MLflow", "MLFLOW_PORT")
    offered = int(str(refusal.value).rpartition("make up MLFLOW_PORT=")[2])
    assert offered > taken
    assert is_free(offered)


def test_a_port_that_lingers_after_its_server_stopped_is_free() -> None:
    """A server that closed the connection leaves the port in TIME_WAIT for a minute: `make down up` must work."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as every server does
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as caller:
            answered, _ = listener.accept()
            answered.close()
            assert caller.recv(1) == b""
    assert is_free(port)


def test_a_port_reserved_for_root_is_explained() -> None:
    if os.geteuid() == 0:
        assert is_free(free_port())  # root may open every port: there is nothing to explain
        return
    with pytest.raises(Conflict, match="above 1023"):
        is_free(1)

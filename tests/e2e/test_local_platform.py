"""The local platform survives what happens to processes."""

import os
import signal
import time

import psutil

from include.platform import Platform, start, status
from include.platform.ending import members
from include.platform.processes import find


def test_a_running_platform_is_left_alone(platform: Platform) -> None:
    """A second `make up` says so, and touches no process."""
    before = [server.process for server in status(platform.home.root)]
    said: list[str] = []
    assert start(platform.home.root, say=said.append) == platform
    assert [line.split("s  ")[1] for line in said] == ["already up"]
    assert [server.process for server in status(platform.home.root)] == before


def test_a_half_dead_platform_is_repaired(platform: Platform) -> None:
    """A server that was killed is started again; the others go on undisturbed."""
    before = {server.name: server.process for server in status(platform.home.root)}
    killed = before["triggerer"]
    assert killed is not None
    os.kill(killed.pid, signal.SIGKILL)
    while find(platform.home, "triggerer"):
        time.sleep(0.05)
    assert "triggerer" in {server.name for server in status(platform.home.root) if not server.ready}
    start(platform.home.root, say=lambda _: None)
    after = {server.name: server for server in status(platform.home.root)}
    assert all(server.ready for server in after.values())
    assert {name for name, server in after.items() if server.process != before[name]} == {"triggerer"}


def test_the_platform_has_no_dag_it_cannot_read(platform: Platform) -> None:
    with platform.client() as airflow:
        assert airflow.import_errors() == []


def test_nothing_listens_beyond_this_machine(platform: Platform) -> None:
    """Neither the servers nor the log servers that Airflow starts on every interface unless told not to."""
    listening = [
        connection.laddr.ip
        for process in members(platform.home)
        for connection in process.net_connections(kind="tcp")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert set(listening) == {"127.0.0.1"}

"""Servers are detached, recognised again, and stopped with all they started; nobody else's process ever is."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from include.errors import Conflict
from include.platform.ending import end, members
from include.platform.home import Home
from include.platform.processes import PidFile, Server, birth, find, spawn
from include.platform.starting import start
from include.platform.stopping import stop

SLEEP = "import time; print('ready', flush=True); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"
# A leader with a child in a session of its own, as a task that starts a shell has.
FAMILY = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}], start_new_session=True); {SLEEP}"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    place = Home(tmp_path / "home")
    place.make()
    yield place
    for process in members(place):
        process.kill()


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", SLEEP], stdout=subprocess.DEVNULL) as process:
        yield process
        process.kill()


def server(code: str, name: str = "scheduler") -> Server:
    return Server(name, (sys.executable, "-c", code))


def launch(home: Home, code: str, name: str = "scheduler", lines: int = 1) -> PidFile:
    """Start a server and wait until it, and each of its children, has said that it is ready."""
    record = spawn(home, server(code, name), os.environ)
    wait(lambda: home.log_of(name).read_text().count("ready") >= lines)
    return record


def wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def quiet(_: str) -> None:
    pass


def point_pid_file(home: Home, name: str, pid: int, born: str) -> None:
    record = PidFile(pid=pid, birth=born, started_at=datetime.now(UTC))
    (home.pids / f"{name}.json").write_text(record.model_dump_json())


def test_a_server_runs_in_a_session_of_its_own(home: Home) -> None:
    record = launch(home, SLEEP)
    assert os.getsid(record.pid) == record.pid
    assert find(home, "scheduler") == record


def test_a_dead_server_is_not_found(home: Home) -> None:
    record = launch(home, SLEEP)
    os.kill(record.pid, signal.SIGKILL)
    wait(lambda: find(home, "scheduler") is None)
    assert birth(record.pid) is None


def test_a_server_that_never_ran_or_left_a_damaged_pid_file_is_not_found(home: Home) -> None:
    assert find(home, "scheduler") is None
    (home.pids / "scheduler.json").write_text("{")
    assert find(home, "scheduler") is None


def test_a_pid_that_now_belongs_to_another_program_is_neither_found_nor_killed(
    home: Home, stranger: subprocess.Popen[bytes]
) -> None:
    point_pid_file(home, "scheduler", stranger.pid, born="another boot:1")
    assert find(home, "scheduler") is None
    assert end(home, ("scheduler",), quiet) == 0
    assert stranger.poll() is None


def test_a_platform_sees_the_processes_of_its_own_folder_alone(home: Home, tmp_path: Path) -> None:
    record = launch(home, SLEEP)
    assert [process.pid for process in members(home)] == [record.pid]
    assert members(home, ["mlflow"]) == []
    assert members(Home(tmp_path / "other")) == []


def test_a_server_ends_with_its_children_whatever_session_they_are_in(home: Home) -> None:
    launch(home, FAMILY, lines=2)
    family = members(home)
    assert len(family) == 2
    end(home, ("scheduler",), quiet, grace=5)
    assert members(home) == []
    assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in family)
    assert find(home, "scheduler") is None


def test_orphans_of_a_killed_server_are_ended(home: Home) -> None:
    record = launch(home, FAMILY, lines=2)
    os.kill(record.pid, signal.SIGKILL)
    wait(lambda: find(home, "scheduler") is None)
    assert len(members(home, ["scheduler"])) == 1
    assert end(home, ("scheduler",), quiet) == 1
    assert members(home) == []


def test_a_server_that_ignores_the_request_is_killed_after_the_grace_period_and_that_is_said(home: Home) -> None:
    launch(home, STUBBORN)
    said: list[str] = []
    assert end(home, ("scheduler",), said.append, grace=0.5) == 1
    assert members(home) == []
    assert said == ["scheduler did not stop within 0 s: killing what is left"]


def test_a_restart_keeps_the_log_of_the_run_before(home: Home) -> None:
    launch(home, "print('ready for the first time')")
    launch(home, "print('ready for the second time')")
    assert home.log_of("scheduler").read_text() == "ready for the second time\n"
    assert home.log_of("scheduler").with_suffix(".log.1").read_text() == "ready for the first time\n"


def test_stop_ends_every_server_and_keeps_the_state(home: Home) -> None:
    for name in ("scheduler", "mlflow"):
        launch(home, SLEEP, name)
    home.mlflow_db.write_text("kept")
    said: list[str] = []
    stop(home.root, said.append)
    assert said == ["stopped 2 processes"]
    assert home.mlflow_db.read_text() == "kept"
    stop(home.root, said.append)
    assert said[1:] == ["not running"]


def test_nothing_is_started_while_a_port_is_taken(home: Home) -> None:
    """The port is looked at before anything runs: a refused start leaves no process and no database behind."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with pytest.raises(Conflict, match="wanted for Airflow"):
            start(home.root, airflow_port=listener.getsockname()[1], say=quiet)
    assert members(home) == []
    assert not home.airflow_db.exists()

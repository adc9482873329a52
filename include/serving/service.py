"""The service: a parent that keeps workers and the roller alive, and answers nothing itself."""

import ipaddress
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from include.errors import Outage, SpecError
from include.serving.keys import Keys
from include.serving.trace_settings import traces

log = logging.getLogger(__name__)
POLL_SECONDS = 0.2
END_SECONDS = 20.0
AGAIN_SECONDS = 2.0  # between the deaths of one process


class Process:
    """One child that is started again whenever it dies."""

    def __init__(self, name: str, command: Sequence[str], sockets: Sequence[int] = ()) -> None:
        self._name, self._command, self._sockets = name, command, sockets
        self._child: subprocess.Popen[bytes] | None = None
        self._begun = 0.0

    def keep(self) -> None:
        """Starts it, if it does not run and did not die just now."""
        if self._child is not None and self._child.poll() is None:
            return
        if time.monotonic() - self._begun < AGAIN_SECONDS:
            return
        if self._child is not None:
            log.error("%s ended with %s: started again", self._name, self._child.returncode)
        self._begun = time.monotonic()
        self._child = subprocess.Popen(
            [sys.executable, *self._command], pass_fds=self._sockets, env={**os.environ, "OMP_NUM_THREADS": "1"}
        )

    def end(self) -> None:
        """Asks it to end."""
        if self._child is not None and self._child.poll() is None:
            self._child.send_signal(signal.SIGTERM)

    def wait(self, seconds: float) -> None:
        """Waits so long, then kills."""
        if self._child is None:
            return
        try:
            self._child.wait(max(seconds, 0.1))
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


def serve(host: str, port: int, workers: int, keys: Path | None, roll_seconds: float) -> None:
    """Serves until SIGTERM or SIGINT; requests under way are answered. Outage where the port is taken.

    SpecError where it would listen to strangers and ask nobody for a key, or cannot trace as it is asked to.
    """
    Keys.read(keys)
    traces(os.environ)
    if keys is None and not _is_loopback(host):
        raise SpecError(
            f"The service would listen on {host} and ask nobody for a key. Name the file of keys "
            "(PERENNIAL_SERVING_KEYS; `python -m include serving-key <name>` makes one), or listen on 127.0.0.1."
        )
    listening = _listen(host, port)
    stopped: list[int] = []
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda number, _: stopped.append(number))
    handed = listening.fileno()
    worker = ["-m", "include.serving.worker", "--socket", str(handed), "--roll-seconds", str(roll_seconds)]
    worker += ["--keys", str(keys)] if keys is not None else []
    roller = Process("roller", ["-m", "include.serving.rolling", "--seconds", str(roll_seconds)])
    processes = [Process(f"worker {place}", worker, [handed]) for place in range(workers)]
    while not stopped:
        for process in (*processes, roller):
            process.keep()
        time.sleep(POLL_SECONDS)
    _end(processes)
    _end([roller])  # after the workers: it takes what they closed


def _end(processes: Sequence[Process]) -> None:
    deadline = time.monotonic() + END_SECONDS
    for process in processes:
        process.end()
    for process in processes:
        process.wait(deadline - time.monotonic())


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listen(host: str, port: int) -> socket.socket:
    try:
        found = socket.create_server((host, port), backlog=2048)
    except OSError as problem:
        raise Outage(
            f"The service cannot listen on {host}:{port}: {problem}. Stop what does, or name --port."
        ) from problem
    found.set_inheritable(True)
    return found

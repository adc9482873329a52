"""Ports: found taken before a server is started, and explained."""

import errno
import socket

import psutil  # type: ignore[import-untyped]

from include.errors import Conflict
from include.platform.environment import HOST


def is_free(port: int) -> bool:
    """Whether a server could listen on the port; a connection that lingers after a stop does not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as problem:
            if problem.errno == errno.EACCES:
                raise Conflict(f"Port {port} may not be opened by this user. Choose one above 1023.") from problem
            return False
    return not _answers(port)  # where a wildcard listener does not stop a narrower bind


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def require_free(port: int, server: str, variable: str) -> None:
    """Raise, with the holder and the way out, if the port of a server is taken."""
    if is_free(port):
        return
    elsewhere = next(candidate for candidate in range(port + 1, 65536) if is_free(candidate))
    raise Conflict(
        f"Port {port}, wanted for {server}, is taken by {holder(port)}. "
        f"Stop that program, or choose another port: make up {variable}={elsewhere}"
    )


def holder(port: int) -> str:
    """The program that listens on a port, as far as the system tells this user."""
    try:
        pid = next(
            found.pid
            for found in psutil.net_connections(kind="tcp")
            if found.status == psutil.CONN_LISTEN and found.laddr and found.laddr.port == port and found.pid
        )
        process = psutil.Process(pid)
        return f"process {pid} ({' '.join(process.cmdline()).strip()[:120] or process.name()})"
    except (StopIteration, psutil.Error, PermissionError):
        return "a program that this user may not see"


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, port)) == 0

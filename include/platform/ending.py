"""The end of a server and of everything it started: asked first, then made to, and never somebody else's process."""

import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

import psutil  # type: ignore[import-untyped]

from include.platform.home import Home
from include.platform.processes import HOME_MARK, SERVER_MARK, find, forget

Say = Callable[[str], None]

GRACE_SECONDS = 15.0
_POLL_SECONDS = 0.1


def members(home: Home, servers: Iterable[str] | None = None) -> list[psutil.Process]:
    """The live processes of the platform, or of some of its servers: leaders, workers, tasks and orphans."""
    wanted = None if servers is None else set(servers)
    return [process for process in psutil.process_iter() if _belongs(process, home, wanted)]


def _belongs(process: psutil.Process, home: Home, servers: set[str] | None) -> bool:
    try:
        environ = process.environ()
        alive = process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError):  # gone meanwhile, or of another user: not ours
        return False
    ours = environ.get(HOME_MARK) == str(home.root)
    return alive and ours and (servers is None or environ.get(SERVER_MARK) in servers)


def end(home: Home, servers: tuple[str, ...], say: Say, grace: float = GRACE_SECONDS) -> int:
    """Stop servers and their children; returns how many processes had to be killed.

    Only the leaders are asked at first: a scheduler then lets running tasks finish. What is left after the grace
    period is killed.
    """
    before = members(home, servers)
    for server in servers:
        if leader := find(home, server):
            with suppress(ProcessLookupError, psutil.NoSuchProcess):
                psutil.Process(leader.pid).send_signal(signal.SIGTERM)
    if any(find(home, server) for server in servers):
        _wait(lambda: not any(find(home, server) for server in servers), grace)
    left = _all_left(before, home, servers)
    if alive := [server for server in servers if find(home, server)]:
        say(f"{', '.join(alive)} did not stop within {grace:.0f} s: killing what is left")
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    _wait(lambda: not any(process.is_running() and _runs(process) for process in left), grace)
    for server in servers:
        forget(home, server)
    return len(left)


def _all_left(before: list[psutil.Process], home: Home, servers: tuple[str, ...]) -> list[psutil.Process]:
    """What survived the request, found by its mark or because it was there before."""
    return list({*members(home, servers), *(process for process in before if process.is_running() and _runs(process))})


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _wait(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)

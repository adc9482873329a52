"""Detached processes of one state folder: started, and recognised again.

A pid alone proves nothing, for numbers are used again. A process is ours if it was born at the instant its pid file
says, or if it carries the state folder in its environment, which its children inherit whatever group they are in.
"""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil  # type: ignore[import-untyped]
from pydantic import BaseModel, ConfigDict, ValidationError

from include.platform.home import Home, write_atomically

HOME_MARK = "PERENNIAL_PLATFORM"
SERVER_MARK = "PERENNIAL_SERVER"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_children: list[subprocess.Popen[bytes]] = []  # polled, so that a dead child of this very process is no zombie


class PidFile(BaseModel):
    """A process as it was when started."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pid: int
    birth: str
    started_at: datetime


@dataclass(frozen=True)
class Server:
    """A process to keep running: its name, which names its log and pid file, its command line, its own variables."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def spawn(home: Home, server: Server, environ: Mapping[str, str]) -> PidFile:
    """Start a server in a session of its own, so that neither Ctrl-C nor the end of Make reaches it."""
    log = home.log_of(server.name)
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as output:
        child = subprocess.Popen(
            server.command,
            env=marked(home, server.name, {**environ, **server.environment}),
            cwd=home.root,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _children.append(child)
    record = PidFile(pid=child.pid, birth=birth(child.pid) or "gone", started_at=datetime.now(UTC))
    write_atomically(home.pids / f"{server.name}.json", record.model_dump_json())
    return record


def marked(home: Home, server: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment by which a process and its children are recognised as part of this platform."""
    # Process titles would overwrite the environment that /proc shows; SPT_NOENV keeps the marks readable.
    return {**environ, HOME_MARK: str(home.root), SERVER_MARK: server, "SPT_NOENV": "1"}


def find(home: Home, server: str) -> PidFile | None:
    """The live process of a server; None if it never ran, died, or its pid now belongs to another program."""
    _children[:] = [child for child in _children if child.poll() is None]
    try:
        record = PidFile.model_validate_json((home.pids / f"{server}.json").read_text())
    except (FileNotFoundError, ValidationError):
        return None
    return record if birth(record.pid) == record.birth else None


def forget(home: Home, server: str) -> None:
    (home.pids / f"{server}.json").unlink(missing_ok=True)


def birth(pid: int) -> str | None:
    """An identity no other process ever has, or None if the process is gone (or only waits to be reaped)."""
    if sys.platform == "linux":
        return _birth_linux(pid)
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else str(process.create_time())
    except psutil.Error:
        return None


def _birth_linux(pid: int) -> str | None:
    """Ticks since this boot: unlike a time of day they do not move when the clock is set."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, ticks = fields[0], fields[19]
    return None if state in {"Z", "X"} else f"{_BOOT_ID.read_text().strip()}:{ticks}"

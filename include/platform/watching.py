"""How a platform is, server by server."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from include.platform.ending import members
from include.platform.home import Choices, Home
from include.platform.processes import PidFile, find
from include.platform.readiness import not_ready
from include.platform.servers import NAMES


@dataclass(frozen=True)
class ServerStatus:
    """One server: its process if it lives, what it lacks if anything, and what it costs."""

    name: str
    process: PidFile | None
    problem: str | None
    processes: int
    memory_mb: float
    log: Path

    @property
    def ready(self) -> bool:
        return self.problem is None

    @property
    def uptime_seconds(self) -> float:
        return (datetime.now(UTC) - self.process.started_at).total_seconds() if self.process else 0.0


def status(home: Path | str | None = None) -> tuple[ServerStatus, ...]:
    """Every server of the platform as it is now; none of them has a process if the platform is down."""
    place = Home.at(home)
    alive = {name: find(place, name) for name in NAMES}
    choices = place.choices() or Choices()
    problems = not_ready(place, choices) if any(alive.values()) else {}
    return tuple(_status(place, name, alive[name], problems.get(name)) for name in NAMES)


def _status(place: Home, name: str, process: PidFile | None, problem: str | None) -> ServerStatus:
    family = members(place, [name])
    return ServerStatus(
        name=name,
        process=process,
        problem=problem if process else "is not running",
        processes=len(family),
        memory_mb=sum(_memory(member) for member in family) / 2**20,
        log=place.log_of(name),
    )


def _memory(process: psutil.Process) -> float:
    """Bytes, with pages that forked processes share counted once among them, where the system tells."""
    try:
        return float(getattr(process.memory_full_info(), "pss", 0) or process.memory_info().rss)
    except psutil.Error:
        return 0.0

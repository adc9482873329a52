"""A worker: one process that answers, with all it holds."""

import asyncio
import logging
import os
import secrets
import signal
import socket
import time
from collections.abc import Mapping
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from include.ledger import Ledger
from include.serving import replicas
from include.serving.desk import Desk
from include.serving.feedback import Feedback
from include.serving.follower import Follower
from include.serving.keys import Keys
from include.serving.meters import Meters, ReplicaStatus, ServedVersions
from include.serving.prediction_log import PredictionLog
from include.serving.state import State
from include.spec import ModelSpec

log = logging.getLogger(__name__)
TICK_SECONDS = 1.0


class Worker:
    """The desks of all models, the follower they look to, and the tasks beside the requests."""

    def __init__(self, specs: Mapping[str, ModelSpec], home: Path, keys: Keys, roll_seconds: float) -> None:
        self.home, self.keys = home, keys
        self.replica = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self.stopping = False
        self.follower = Follower(dict(specs), Ledger.open, home, self.replica, lambda model: self.desks[model].warm())
        self.desks: dict[str, Desk] = {}
        self.feedback: dict[str, Feedback] = {}
        for name, spec in specs.items():
            meters, most = Meters(), spec.serving.log_megabytes << 20
            book = PredictionLog(
                home / "log" / name, self.replica, spec.serving.log, most_bytes=most, seconds=roll_seconds
            )
            labels = PredictionLog(
                home / "labels" / name, self.replica, "written", most_bytes=most, seconds=roll_seconds
            )
            self.desks[name] = Desk(spec, self.follower, book, meters, self.replica)
            self.feedback[name] = Feedback(labels)
        self._parent, self._process = os.getppid(), psutil.Process()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begins to follow, to work off shadows, and to tick."""
        self._tasks = [asyncio.create_task(one) for one in (self.follower.run(), self._ticks())]
        self._tasks += [asyncio.create_task(desk.shadows.run()) for desk in self.desks.values()]

    async def stop(self) -> None:
        """After the last request: what waits is written, and the ledger is told."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for name, desk in self.desks.items():
            await desk.shadows.drain()
            await desk.book.close()
            await self.feedback[name].book.close()
        replicas.leave(self.home, self.replica)
        try:
            await self.follower.leave()
        except Exception as problem:
            log.warning("The ledger was not told that this replica left: %s", problem)

    def served(self) -> dict[str, ServedVersions]:
        """What is served of each model that has a champion or a broken glass."""
        found = self.follower.routings.items()
        return {name: self._served(name, self.follower.states.get(name), one.sequence) for name, one in found}

    def say(self) -> None:
        """Writes this worker's word about itself."""
        for desk in self.desks.values():
            desk.meters.log_dropped = desk.book.dropped
        meters = {name: desk.meters for name, desk in self.desks.items()}
        now, read_at, memory = time.time(), self.follower.read_at, self._process.memory_info().rss
        replicas.say(self.home, ReplicaStatus(self.replica, os.getpid(), now, read_at, memory, self.served(), meters))

    def _served(self, model: str, state: State | None, wanted: int) -> ServedVersions:
        problems = self.follower.problems[model]
        problem = "; ".join(problems.values())
        if state is None:
            return ServedVersions(wanted, "champion", problem=problem)
        slots = {"champion": state.champion, "challenger": state.challenger, "fallback": state.fallback}
        loaded = {name: one for name, one in slots.items() if one is not None}
        return ServedVersions(
            state.routing.sequence, state.routing.mode, ready=state.ready, problem=problem,
            **{name: one.plan.version for name, one in loaded.items()},
            compiled={one.plan.version: one.plan.reason or f"{one.plan.difference:.3g}" for one in loaded.values()},
        )  # fmt: skip

    async def _ticks(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            try:
                self._tick()
            except OSError:
                log.exception("The worker's tick failed")

    def _tick(self) -> None:
        for name, desk in self.desks.items():
            desk.book.tick()
            self.feedback[name].book.tick()
        self.say()
        if os.getppid() != self._parent:
            log.error("The service that started this worker is gone: the worker ends")
            os.kill(os.getpid(), signal.SIGTERM)

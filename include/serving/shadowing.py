"""The shadow: the challenger answers too, after the answer left, and never keeps anybody waiting."""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from include.serving.meters import Meters
from include.serving.prediction_log import PredictionLog, Record, Segment, Shadow
from include.serving.version import Rows, Version

log = logging.getLogger(__name__)
MOST_WAITING = 10_000  # rows; more are dropped and counted
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Case:
    """A request that was answered and logged, for the challenger to answer too."""

    version: Version
    rows: Rows
    records: Sequence[Record]
    segment: Segment | None


class Shadows:
    """A bounded queue, and a task that works it off."""

    def __init__(self, book: PredictionLog, meters: Meters, most_seconds: float) -> None:
        self._book, self._meters, self._most_seconds = book, meters, most_seconds
        self._queue: asyncio.Queue[Case] = asyncio.Queue()
        self._waiting = 0

    def put(self, case: Case) -> None:
        """Takes the case, or counts it as dropped."""
        if self._waiting and self._waiting + len(case.rows) > MOST_WAITING:
            self._meters.shadow_dropped += len(case.rows)
            return
        self._waiting += len(case.rows)
        self._queue.put_nowait(case)
        if case.segment is not None:
            case.segment.pending += 1

    async def run(self) -> None:
        """Answers one case after the other until it is cancelled."""
        while True:
            await self._answer(await self._queue.get())

    async def drain(self) -> None:
        """Works off what is waiting, at the end."""
        while not self._queue.empty():
            await self._answer(self._queue.get_nowait())

    async def _answer(self, case: Case) -> None:
        begun = time.perf_counter()
        self._waiting -= len(case.rows)
        try:
            said = await case.version.say(case.rows, self._most_seconds)
        except Exception:
            log.exception("%s v%s failed in the shadow", case.version.plan.model, case.version.plan.version)
            self._meters.shadow_failed += len(case.rows)
            said = [[] for _ in case.rows]
        seconds, number = (time.perf_counter() - begun) / len(case.rows), case.version.plan.version
        for record, one in zip(case.records, said, strict=True):
            record.shadow = Shadow(number, one, seconds)
        self._meters.predicted("shadow", number, len(case.rows))
        lines = b"".join(_encode(record) + b"\n" for record in case.records)
        if case.segment is None:
            await self._book.keep(lines)
        else:
            self._book.add_late(lines, case.segment)
        await asyncio.sleep(0)

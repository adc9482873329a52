"""The prediction log of one model in one process: JSON lines in segment files, one line per prediction.

`written`: a line is in the kernel's hands (write(2)) before its answer leaves, and survives `kill -9` of the process.
`synced`: it is on the disk (fdatasync(2), many requests to one call), and survives a power cut. `queued`: nobody waits;
what does not fit in the queue is dropped and counted.
"""

import asyncio
import fcntl
import logging
import os
import time
from collections import deque
from pathlib import Path
from typing import Literal

import msgspec

log = logging.getLogger(__name__)
Mode = Literal["written", "synced", "queued"]
OPEN, CLOSED = ".open", ".jsonl"
SEGMENT_BYTES = 16 << 20
QUEUE_BYTES = 4 << 20
FLUSH_SECONDS = 0.05


class LogFull(Exception):
    """The log may not grow, and a prediction that cannot be logged is not given."""


class Shadow(msgspec.Struct, frozen=True):
    """What the version that stands beside said of the same row; `said` is empty where it failed."""

    version: str
    said: list[float]
    seconds: float


class Record(msgspec.Struct, omit_defaults=True):
    """One prediction: `at` in seconds since 1970, UTC; `seconds` from the first byte to the log; features as served.

    `error` says what failed before another version, or the broken glass, answered. Where nobody did, in time or at all,
    `said` is empty, and the request was answered with 500 or 504.
    """

    id: str
    at: float
    request: str
    version: str
    slot: str
    entity: str
    features: dict[str, float | str | None]
    said: list[float]
    seconds: float
    error: str = ""
    shadow: Shadow | None = None


class Segment:
    """A file that lines are added to. It is locked while its process lives, so that what a dead one left is told."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bytes = 0
        self.pending = 0  # lines that are still to be written for predictions in it
        self.retired = False
        self.begun = time.monotonic()
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def write(self, lines: bytes) -> None:
        """Adds whole lines, all or none: half of one is cut off again."""
        done = os.write(self._file, lines)
        if done < len(lines):
            os.ftruncate(self._file, self.bytes)
            raise OSError("no space left for the prediction log")
        self.bytes += done

    def sync(self) -> None:
        """Waits until the disk has what was written."""
        os.fdatasync(self._file)

    def close(self) -> None:
        """Gives the file to the roller; an empty one is removed."""
        if self.bytes:
            self.path.replace(self.path.with_suffix(CLOSED))
        else:
            self.path.unlink()
        os.close(self._file)


class PredictionLog:
    """Takes lines, rotates segments, and never lets the folder grow above so many bytes."""

    def __init__(self, folder: Path, replica: str, mode: Mode, *, most_bytes: int, seconds: float) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.dropped = 0
        self._folder, self._replica, self._mode = folder, replica, mode
        self._most_bytes, self._seconds = most_bytes, seconds
        self._number = 0
        self._segment: Segment | None = None
        self._used = 0
        self._waiting: list[asyncio.Future[None]] = []
        self._syncing: asyncio.Task[None] | None = None
        self._queue: deque[bytes] = deque()
        self._queued_bytes = 0
        self.measure()

    async def keep(self, lines: bytes) -> Segment | None:
        """Keeps the lines as the mode says, and gives the segment they are in. LogFull where they cannot be kept."""
        if self._mode == "queued":
            self._enqueue(lines)
            return None
        segment = self.add(lines)
        if self._mode == "synced":
            await self._synced()
        return segment

    def add(self, lines: bytes, segment: Segment | None = None) -> Segment:
        """Writes the lines at once, to the segment given or to the newest."""
        chosen = segment or self._current()
        if self._used + len(lines) > self._most_bytes:
            raise LogFull(f"The prediction log in {self._folder} holds {self._used} bytes; at most {self._most_bytes}.")
        try:
            chosen.write(lines)
        except OSError as problem:
            raise LogFull(f"The prediction log in {self._folder} cannot be written: {problem}.") from problem
        self._used += len(lines)
        return chosen

    def add_late(self, lines: bytes, segment: Segment) -> None:
        """A second line of a prediction in that segment, which waited for it."""
        segment.pending -= 1
        try:
            self.add(lines, segment)
        except LogFull:
            self.dropped += 1
        if segment.retired and not segment.pending:
            segment.close()

    def measure(self) -> None:
        """Looks how much there is, from other processes too."""
        with os.scandir(self._folder) as segments:
            self._used = sum(_size(one) for one in segments if one.name.endswith((OPEN, CLOSED)))

    def tick(self) -> None:
        """Now and then: rotates an old segment, and measures. Flushes the queue."""
        self._flush()
        if self._segment is not None and time.monotonic() - self._segment.begun > self._seconds:
            self._retire()
        self.measure()

    async def close(self) -> None:
        """The end: what is queued is written, the segment is given to the roller."""
        self._flush()
        if self._syncing is not None:
            await self._syncing
        self._retire()

    def _current(self) -> Segment:
        if self._segment is not None and self._segment.bytes >= SEGMENT_BYTES:
            self._retire()
        if self._segment is None:
            self._number += 1
            self._segment = Segment(self._folder / f"{self._replica}-{self._number:06d}{OPEN}")
        return self._segment

    def _retire(self) -> None:
        old, self._segment = self._segment, None
        if old is None:
            return
        old.retired = True
        if not old.pending:
            if self._mode == "synced":
                old.sync()
            old.close()

    async def _synced(self) -> None:
        """Waits for a sync that begins after now; one call serves all who wait."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(done)
        if self._syncing is None:
            self._syncing = asyncio.create_task(self._sync_all())
        await done

    async def _sync_all(self) -> None:
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            segment = self._segment
            if segment is not None:
                await asyncio.to_thread(segment.sync)
            for one in waiting:
                one.set_result(None)
        self._syncing = None

    def _enqueue(self, lines: bytes) -> None:
        if self._queued_bytes + len(lines) > QUEUE_BYTES:
            self.dropped += lines.count(b"\n")
            return
        if not self._queue:
            asyncio.get_running_loop().call_later(FLUSH_SECONDS, self._flush)
        self._queue.append(lines)
        self._queued_bytes += len(lines)

    def _flush(self) -> None:
        if not self._queue:
            return
        lines = b"".join(self._queue)
        self._queue.clear()
        self._queued_bytes = 0
        try:
            self.add(lines)
        except LogFull:
            self.dropped += lines.count(b"\n")


def _size(segment: os.DirEntry[str]) -> int:
    """How long a segment is; nothing where the roller took it just now."""
    try:
        return segment.stat().st_size
    except FileNotFoundError:
        return 0

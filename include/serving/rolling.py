"""`python -m include.serving.rolling`: closed segments become Parquet in the lake, each exactly once.

A segment is rolled into files named for it: rolled again after a crash it gives the same files. Only then is it
removed. What a dead process left open is rolled too, but for a last line that was cut off and never acknowledged.
"""

import argparse
import fcntl
import logging
import os
import signal
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from include.errors import PerennialError
from include.lake import layout
from include.lake.store import Store
from include.serving.feedback import LabelRecord
from include.serving.prediction_log import CLOSED, OPEN, Record
from include.serving.recorded import labels, predictions
from include.serving.worker import logged
from include.settings import settings
from include.spec import ModelSpec, load_models

log = logging.getLogger(__name__)
Line = TypeVar("Line", Record, LabelRecord)
LOOK_SECONDS = 1.0  # between looks for the service that started the roller


def roll(spec: ModelSpec, home: Path, store: Store) -> int:
    """Rolls every segment of a model that is closed or left behind; gives how many."""
    kinds: tuple[tuple[str, Callable[[str, str, str], str], Callable[[Path], dict[str, pa.Table]]], ...] = (
        ("log", layout.served, lambda file: _by_day(file, Record, lambda lines: predictions(spec, lines))),
        ("labels", layout.labels, lambda file: _by_day(file, LabelRecord, labels)),
    )
    count = 0
    for name, place, read in kinds:
        for segment in _closed(home / name / spec.name):
            for day, table in read(segment).items():
                store.write_bytes(place(spec.name, day, segment.stem), _parquet(table))
            segment.unlink()
            count += 1
    return count


def _closed(folder: Path) -> Iterator[Path]:
    """The segments that nobody writes to any more."""
    for segment in sorted(folder.glob(f"*{OPEN}")):
        with segment.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            if segment.exists():  # its process may have closed it just now
                log.warning("%s was left open by a process that died", segment)
                segment.replace(segment.with_suffix(CLOSED))
    yield from sorted(folder.glob(f"*{CLOSED}"))


def _by_day(file: Path, kind: type[Line], table: Callable[[list[Line]], pa.Table]) -> dict[str, pa.Table]:
    """The lines by UTC day; of lines on the same prediction the last one."""
    days: dict[str, dict[str, Line]] = defaultdict(dict)
    decode, cut = msgspec.json.Decoder(kind).decode, 0
    for text in file.read_bytes().splitlines():
        try:
            one = decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError):
            cut += 1
            continue
        days[_day(one.at)][one.id if isinstance(one, Record) else one.prediction_id] = one
    if cut:
        log.warning("%s: %d lines are no records and were left out", file, cut)
    return {day: table(list(lines.values())) for day, lines in days.items()}


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue())


def forget(spec: ModelSpec, store: Store, today: datetime) -> int:
    """Removes the records of days that are kept no longer; gives how many files."""
    first, count = (today - timedelta(days=spec.serving.keep_days)).date().isoformat(), 0
    for folder in (layout.served_folder(spec.name), layout.labels_folder(spec.name)):
        for entry in store.list(folder):
            if entry.path.removeprefix(f"{folder}/")[:10] < first:
                store.delete(entry.path)
                count += 1
    return count


def main() -> int:
    """Rolls again and again until it is asked to stop, and then once more."""
    parser = argparse.ArgumentParser(prog="python -m include.serving.rolling", description=__doc__)
    parser.add_argument("--seconds", type=float, required=True)
    given = parser.parse_args()
    logged()
    os.nice(10)  # who answers requests goes first
    stop = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())
    parent = os.getppid()
    while True:
        ending = _waits(stop, given.seconds, parent)
        _roll_all()
        if ending:
            return 0


def _waits(stop: threading.Event, seconds: float, parent: int) -> bool:
    """Waits so long; gives True at once where it is asked to stop, or the service that started this process is gone."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0 and os.getppid() == parent:
        if stop.wait(min(left, LOOK_SECONDS)):
            return True
    return os.getppid() != parent


def _roll_all() -> None:
    home = settings().serving_home
    try:
        store = Store.open(settings().lake)
        for spec in load_models().models.values():
            roll(spec, home, store)
            forget(spec, store, datetime.now(UTC))
    except (PerennialError, OSError):
        log.exception("Segments were not rolled; they stay, and are tried again")


if __name__ == "__main__":
    sys.exit(main())

"""`python -m include.serving.rolling`: closed segments become Parquet in the lake, each exactly once.

A segment is rolled into files named for it: rolled again after a crash it gives the same files. Only then is it
removed. What a dead process left open is rolled too, but for a last line that was cut off and never acknowledged.
"""

import argparse
import fcntl
import logging
import signal
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
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
from include.serving.worker import logged
from include.settings import settings
from include.spec import ModelSpec, load_models

log = logging.getLogger(__name__)
Line = TypeVar("Line", Record, LabelRecord)
NUMBER, WORD = pa.float64(), pa.string()


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


def predictions(spec: ModelSpec, lines: Sequence[Record]) -> pa.Table:
    """Predictions as the lake has them: what identifies them, the features as served, the answers."""
    names = list(dict.fromkeys(name for one in lines for name in one.features))
    columns = {
        "prediction_id": pa.array([one.id for one in lines], WORD),
        "served_at": _moments([one.at for one in lines]),
        "request_id": pa.array([one.request for one in lines], WORD),
        "model_version": pa.array([one.version for one in lines], WORD),
        "slot": pa.array([one.slot for one in lines], WORD),
        "entity_hash": pa.array([one.entity for one in lines], WORD),
        "seconds": pa.array([one.seconds for one in lines], NUMBER),
        "error": pa.array([one.error for one in lines], WORD),
        **_answers(spec, "", [one.said for one in lines]),
        "shadow_version": pa.array([one.shadow and one.shadow.version for one in lines], WORD),
        "shadow_seconds": pa.array([one.shadow and one.shadow.seconds for one in lines], NUMBER),
        **_answers(spec, "shadow_", [one.shadow.said if one.shadow else [] for one in lines]),
    }
    words = {name for one in lines for name, cell in one.features.items() if isinstance(cell, str)}
    words |= set(spec.features.categorical)
    for name in names:
        cells = [one.features.get(name) for one in lines]
        columns[f"feature_{name}" if name in columns else name] = pa.array(cells, WORD if name in words else NUMBER)
    return pa.table(columns)


def _answers(spec: ModelSpec, prefix: str, said: Sequence[list[float]]) -> dict[str, pa.Array]:
    """`prediction`, and of several classes `probability_<class>`; null where nothing was said."""
    classes = spec.target.classes
    if not classes:
        return {f"{prefix}prediction": pa.array([one[0] if one else None for one in said], NUMBER)}
    likeliest = [classes[one.index(max(one))] if one else None for one in said]
    each = {
        f"{prefix}probability_{name}": pa.array([one[place] if one else None for one in said], NUMBER)
        for place, name in enumerate(classes)
    }
    return {f"{prefix}prediction": pa.array(likeliest, WORD), **each}


def labels(lines: Sequence[LabelRecord]) -> pa.Table:
    """Labels as the lake has them; a number is in `label`, a class in `label_class`."""
    return pa.table(
        {
            "prediction_id": pa.array([one.prediction_id for one in lines], WORD),
            "received_at": _moments([one.at for one in lines]),
            "label": pa.array([None if isinstance(one.label, str) else one.label for one in lines], NUMBER),
            "label_class": pa.array([one.label if isinstance(one.label, str) else None for one in lines], WORD),
        }
    )


def _moments(at: Sequence[float]) -> pa.Array:
    return pa.array([round(one * 1e6) for one in at], pa.int64()).cast(pa.timestamp("us", tz="UTC"))


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
    stop = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())
    while True:
        ending = stop.wait(given.seconds)
        _roll_all()
        if ending:
            return 0


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

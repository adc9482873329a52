"""People who ask the service day after day: real segments of its log, brought into a lake by its roller."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from include.drift import Reference
from include.evaluation.evidence import folder
from include.lake import Profile, Store, profile_table
from include.lake.profiling import numeric_profile
from include.registry import registry
from include.serving.feedback import LabelRecord
from include.serving.prediction_log import PredictionLog, Record
from include.serving.rolling import roll
from include.spec import ModelSpec
from include.training.predictions import PREDICTION
from tests.answering import MODEL, Day, chance, day, key

MONDAY = date(2026, 3, 2)  # the first day somebody asks


def when(number: int) -> date:
    """A day of the clock, counted from the first on which somebody asks."""
    return MONDAY + timedelta(days=number)


def refer(lake: Store, version: str = "1", spec: ModelSpec = MODEL, days: int = 28) -> None:
    """The champion's reference: days of the world it was made in."""
    made = {key(number): day(number, rows=200) for number in range(-days, 0)}
    features = {name: profile_table(one.table(), spec.contract) for name, one in made.items()}
    said = {name: Profile(rows=len(one.bus), columns={PREDICTION: _said(one)}) for name, one in made.items()}
    place = folder(spec.name, registry.version(spec.name, version).run_id)
    lake.write_bytes(f"{place}/reference.json", Reference.of(features, said).model_dump_json().encode())


def _said(one: Day) -> Any:
    return numeric_profile(pa.chunked_array([chance(one.bus)]))


def features(one: Day) -> list[dict[str, Any]]:
    """What the model takes of each row, as admission gives it."""
    return [{"bus": float(bus), "full": 1.0, "line": "red"} for bus in one.bus]


@dataclass
class Clients:
    """Those who ask one machine's service, and tell it later what came true."""

    home: Path
    lake: Store
    spec: ModelSpec = MODEL
    _segments: Any = field(default_factory=count)

    def ask(self, on: date, one: Day, *, version: str = "1", slot: str = "champion", **changes: Any) -> list[str]:
        """The rows of a day, each a request; `changes` are of every record, `rows` of the features. Gives the ids."""
        rows, said = changes.pop("rows", features(one)), changes.pop("said", [[float(p)] for p in chance(one.bus)])
        start, segment = datetime(on.year, on.month, on.day, tzinfo=UTC).timestamp(), next(self._segments)
        records = [
            Record(f"{on}-{segment}-{place}", start + place, "r", version, slot, "", row, answer, 0.001, **changes)
            for place, (row, answer) in enumerate(zip(rows, said, strict=True))
        ]
        self._write("log", records, segment)
        return [record.id for record in records]

    def label(self, on: date, ids: Sequence[str], labels: Sequence[float | str | None], second: float = 0) -> None:
        """Labels that came at a second of a day."""
        at = datetime(on.year, on.month, on.day, tzinfo=UTC).timestamp() + second
        lines = [LabelRecord(one, label, at) for one, label in zip(ids, labels, strict=True)]
        self._write("labels", lines, next(self._segments))

    def live(self, days: range, *, lag: int = 1, **how: Any) -> None:
        """Days are asked about and their labels come back, all of them, so many days later."""
        for number in days:
            one = day(number, **how)
            ids = self.ask(when(number), one)
            self.label(when(number + lag), ids, (one.late * 30).tolist())

    def _write(self, kind: str, lines: Sequence[Any], segment: int) -> None:
        async def keep() -> None:
            place = self.home / kind / self.spec.name
            book = PredictionLog(place, f"me{segment}", "written", most_bytes=1 << 28, seconds=60)
            await book.keep(b"".join(msgspec.json.encode(one) + b"\n" for one in lines))
            await book.close()

        asyncio.run(keep())
        roll(self.spec, self.home, self.lake)

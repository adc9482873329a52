"""Segments become Parquet once, whatever was cut off, and whoever died over it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq

from include.lake import Store
from include.serving.feedback import LabelRecord
from include.serving.prediction_log import Record, Segment, Shadow
from include.serving.rolling import forget, roll
from tests.declared import spec

NIGHT = datetime(2013, 3, 1, 23, 59, 59, tzinfo=UTC).timestamp()
SPEC = spec()


def record(number: int, at: float = NIGHT, **more: Any) -> Record:
    return Record(
        f"id-{number}", at, "r", "1", "champion", "e", {"bus": float(number), "line": "red"}, [0.5], 0.001, **more
    )


def lines(*records: Any) -> bytes:
    return b"".join(msgspec.json.encode(one) + b"\n" for one in records)


def closed(home: Path, content: bytes, kind: str = "log") -> Path:
    file = home / kind / "trip_late" / "me-000001.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def stored(lake: Store, kind: str = "served") -> dict[str, list[dict[str, Any]]]:
    return {entry.path: pq.read_table(lake.open_input(entry.path)).to_pylist() for entry in lake.list(kind)}


def test_a_segment_over_midnight_is_a_file_of_each_day(tmp_path: Path, lake: Store) -> None:
    file = closed(tmp_path, lines(record(1), record(2, NIGHT + 2)))
    assert roll(SPEC, tmp_path, lake) == 1
    found = stored(lake)
    assert {path: [one["prediction_id"] for one in rows] for path, rows in found.items()} == {
        "served/trip_late/2013-03-01/me-000001.parquet": ["id-1"],
        "served/trip_late/2013-03-02/me-000001.parquet": ["id-2"],
    }
    assert not file.exists()
    assert roll(SPEC, tmp_path, lake) == 0


def test_a_segment_that_is_rolled_again_changes_nothing(tmp_path: Path, lake: Store) -> None:
    content = lines(record(1), record(2))
    closed(tmp_path, content)
    roll(SPEC, tmp_path, lake)
    before = stored(lake)
    closed(tmp_path, content)
    assert roll(SPEC, tmp_path, lake) == 1
    assert stored(lake) == before


def test_of_two_lines_on_one_prediction_the_last_holds_and_a_cut_one_is_left_out(tmp_path: Path, lake: Store) -> None:
    shadowed = record(1, shadow=Shadow("2", [0.25], 0.002))
    closed(tmp_path, lines(record(1), record(2), shadowed) + b'{"id": "id-3", "at"')
    roll(SPEC, tmp_path, lake)
    [rows] = stored(lake).values()
    assert [
        (one["prediction_id"], one["prediction"], one["shadow_version"], one["shadow_prediction"]) for one in rows
    ] == [
        ("id-1", 0.5, "2", 0.25),
        ("id-2", 0.5, None, None),
    ]


def test_what_a_living_process_writes_is_left_and_what_a_dead_one_left_is_taken(tmp_path: Path, lake: Store) -> None:
    folder = tmp_path / "log" / "trip_late"
    folder.mkdir(parents=True)
    living = Segment(folder / "living-000001.open")
    living.write(lines(record(1)))
    (folder / "dead-000001.open").write_bytes(lines(record(2)))
    assert roll(SPEC, tmp_path, lake) == 1
    assert list(stored(lake)) == ["served/trip_late/2013-03-01/dead-000001.parquet"]
    living.close()
    assert roll(SPEC, tmp_path, lake) == 1


def test_the_newest_label_holds_and_old_days_are_forgotten(tmp_path: Path, lake: Store) -> None:
    closed(tmp_path, lines(LabelRecord("id-1", 1.0, NIGHT), LabelRecord("id-1", 0.0, NIGHT)), "labels")
    closed(tmp_path, lines(record(1)))
    roll(SPEC, tmp_path, lake)
    [[label]] = stored(lake, "labels").values()
    assert (label["prediction_id"], label["label"]) == ("id-1", 0.0)
    assert forget(SPEC, lake, datetime(2013, 5, 29, tzinfo=UTC)) == 0
    assert forget(SPEC, lake, datetime(2013, 6, 1, tzinfo=UTC)) == 2
    assert stored(lake) == {}

"""What was kept is in the file, whatever the mode; the file is bounded; what a dead process left is told."""

import asyncio
import os
from pathlib import Path
from threading import Event, Thread

import pytest

from include.serving.prediction_log import LogFull, Mode, PredictionLog

LINE = b'{"id": "a"}\n'


def book(folder: Path, mode: Mode = "written", most_bytes: int = 1 << 20, seconds: float = 60) -> PredictionLog:
    return PredictionLog(folder, "replica", mode, most_bytes=most_bytes, seconds=seconds)


def lines(folder: Path, ending: str) -> list[bytes]:
    return [line for file in sorted(folder.glob(f"*{ending}")) for line in file.read_bytes().splitlines(keepends=True)]


@pytest.mark.parametrize("mode", ["written", "synced"])
def test_a_line_is_in_the_file_when_it_is_kept(tmp_path: Path, mode: Mode) -> None:
    async def keep() -> None:
        made = book(tmp_path, mode)
        await asyncio.gather(*(made.keep(LINE) for _ in range(20)))
        assert lines(tmp_path, ".open") == [LINE] * 20
        await made.close()

    asyncio.run(keep())
    assert lines(tmp_path, ".jsonl") == [LINE] * 20
    assert lines(tmp_path, ".open") == []


def test_a_full_log_refuses_where_it_is_durable_and_drops_where_it_is_not(tmp_path: Path) -> None:
    async def fill(mode: Mode) -> int:
        made = book(tmp_path / mode, mode, most_bytes=len(LINE) * 2)
        await made.keep(LINE)
        await made.keep(LINE)
        await made.keep(LINE)
        await made.close()
        return made.dropped

    with pytest.raises(LogFull, match="at most 24"):
        asyncio.run(fill("written"))
    assert asyncio.run(fill("queued")) == 3  # one write of three lines, which do not fit together
    assert lines(tmp_path / "written", ".open") == [LINE] * 2


def test_an_old_segment_is_closed_once_its_late_lines_are_in(tmp_path: Path) -> None:
    async def late() -> None:
        made = book(tmp_path, seconds=0)
        segment = await made.keep(LINE)
        assert segment is not None
        segment.pending += 1
        made.tick()
        assert lines(tmp_path, ".jsonl") == []
        made.add_late(LINE, segment)
        assert lines(tmp_path, ".jsonl") == [LINE] * 2

    asyncio.run(late())


def test_a_segment_that_is_large_enough_makes_room_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.serving.prediction_log.SEGMENT_BYTES", 2 * len(LINE))

    async def fill() -> None:
        made = book(tmp_path)
        for _ in range(5):
            await made.keep(LINE)
        assert [len(file.read_bytes().splitlines()) for file in sorted(tmp_path.glob("*.jsonl"))] == [2, 2]
        await made.close()

    asyncio.run(fill())
    assert lines(tmp_path, ".jsonl") == [LINE] * 5


def test_a_disk_that_is_full_refuses_and_leaves_no_half_of_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write

    async def fill() -> None:
        made = book(tmp_path)
        await made.keep(LINE)
        monkeypatch.setattr("os.write", lambda file, content: write(file, content[:5]))
        with pytest.raises(LogFull, match="no space left"):
            await made.keep(LINE)
        monkeypatch.undo()
        await made.keep(LINE)
        await made.close()

    asyncio.run(fill())
    assert lines(tmp_path, ".jsonl") == [LINE] * 2


def test_segments_that_are_rolled_meanwhile_are_no_trouble(tmp_path: Path) -> None:
    made, stop = book(tmp_path, most_bytes=10 * len(LINE)), Event()

    def come_and_go() -> None:
        while not stop.is_set():
            for number in range(50):
                (tmp_path / f"other-{number}.jsonl").write_bytes(LINE)
            for number in range(50):
                (tmp_path / f"other-{number}.jsonl").unlink()

    other = Thread(target=come_and_go)
    other.start()
    try:
        for _ in range(200):
            made.measure()
    finally:
        stop.set()
        other.join()
    made.measure()
    asyncio.run(made.keep(LINE))
    assert lines(tmp_path, ".open") == [LINE]

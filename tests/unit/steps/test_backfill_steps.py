"""What a backfill does of one day, what it leaves alone, and that it can be cut off anywhere."""

import os
import signal
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from include import cli
from include.errors import BadData, NotFound, NothingToDo
from include.lake import Store
from include.ledger import Ledger, PredictionRecord
from include.settings import REPOSITORY
from include.steps import STEPS, Result
from tests.declared import TRIPS, admit, declare
from tests.landing import land, rows

KEY = "2013-01-01"


@pytest.fixture
def book(models: Path, ledger: Ledger) -> Ledger:
    declare(models, contract=TRIPS)
    return ledger


def admitted(key: str = KEY) -> Result:
    return STEPS["admit-missing"].run("trips", {"key": key})


def champion(book: Ledger, version: str = "1") -> None:
    book.record_deployment(
        "trip_late", version, "h", expected=book.champion("trip_late"), action="promote", actor="ann", reason="test"
    )


def predicted(book: Ledger, key: str, content_hash: str, version: str = "1") -> None:
    book.record_predictions(
        PredictionRecord(model="trip_late", version=version, key=key, content_hash=content_hash, path="p", rows=4)
    )


def test_what_landed_is_admitted_once_and_announced_to_nobody(lake: Store, book: Ledger) -> None:
    land(lake, KEY)
    first = admitted()
    assert (first.sentence, first.announces) == ("trips 2013-01-01 admitted: 4 rows", ())
    with pytest.raises(NothingToDo, match="trips 2013-01-01 was judged before: admitted, 4 rows"):
        admitted()
    assert [one.status for one in book.partitions("trips")] == ["admitted"]


def test_what_landed_again_with_other_rows_is_admitted_again(lake: Store, book: Ledger) -> None:
    land(lake, KEY)
    admitted()
    land(lake, KEY, {"part-0.parquet": rows(bus=pa.array([9, 8, 7, 6]))})
    admitted()
    assert [one.status for one in book.partitions("trips")] == ["admitted", "admitted"]


def test_a_quarantined_partition_is_bad_data_each_time(lake: Store, book: Ledger) -> None:
    land(lake, KEY, {"part-0.parquet": rows(bus=pa.array([-1, 2, 3, 4]))})
    for _ in range(2):
        with pytest.raises(BadData, match="quarantined"):
            admitted()


@pytest.mark.parametrize("marker", ["_SUCCESS", None])
def test_a_day_on_which_nothing_complete_has_landed_has_nothing_to_do(
    lake: Store, book: Ledger, marker: str | None
) -> None:
    if marker is None:
        land(lake, KEY, marker=None)
    with pytest.raises(NothingToDo, match="trips 2013-01-01: nothing complete has landed"):
        admitted()
    admit(KEY, lake, book)
    with pytest.raises(NothingToDo, match="trips 2013-01-01: admitted before, 40 rows"):
        admitted()


@pytest.mark.parametrize("step", [("admit-missing", "trips"), ("score-missing", "trip_late")])
def test_what_is_no_key_is_refused(lake: Store, book: Ledger, step: tuple[str, str]) -> None:
    with pytest.raises(NotFound, match="'2013-13-01' is no partition key of trips"):
        STEPS[step[0]].run(step[1], {"key": "2013-13-01"})


def test_only_what_the_champion_has_not_scored_is_to_be_scored(lake: Store, book: Ledger) -> None:
    def scored() -> Result:
        return STEPS["score-missing"].run("trip_late", {"key": KEY})

    with pytest.raises(NothingToDo, match="partition 2013-01-01 of trips is not admitted"):
        scored()
    content = str(admit(KEY, lake, book).content_hash)
    with pytest.raises(NothingToDo, match="trip_late has no champion yet"):
        scored()
    champion(book)
    predicted(book, KEY, content)
    with pytest.raises(NothingToDo, match="2013-01-01 is scored by the champion already"):
        scored()


# By command


def command(capsys: pytest.CaptureFixture[str], first: str, last: str) -> tuple[int, list[str], str]:
    code = cli.main(["backfill", "trips", "--from", first, "--to", last])
    printed = capsys.readouterr()
    return code, printed.out.splitlines(), printed.err


def test_the_command_tells_each_day_and_what_is_wrong(
    lake: Store, book: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    land(lake, "2013-01-01")
    land(lake, "2013-01-02", {"part-0.parquet": b"torn"})
    code, out, err = command(capsys, "2012-12-31", "2013-01-02")
    assert code == BadData.exit_code
    assert out[:2] == ["2012-12-31  nothing to do", "2013-01-01  trips 2013-01-01 admitted: 4 rows"]
    assert out[2].startswith("2013-01-02  Partition 2013-01-02 of trips was quarantined")
    assert err == "trips: 1 of 3 days are not complete: 2013-01-02. 1 steps done.\n"
    code, out, _ = command(capsys, "2012-12-31", "2013-01-01")
    assert (code, out[-1]) == (0, "trips: 2 days from 2012-12-31 to 2013-01-01 are complete; 0 steps done.")


@pytest.mark.parametrize(("first", "last", "said"), [("2013-01-02", "2013-01-01", "no day from"), ("x", "y", "no day")])
def test_a_range_that_is_none_is_refused(
    lake: Store, book: Ledger, capsys: pytest.CaptureFixture[str], first: str, last: str, said: str
) -> None:
    code, _, err = command(capsys, first, last)
    assert code == NotFound.exit_code
    assert said in err


def test_a_backfill_that_was_killed_is_taken_up_where_it_ended(
    lake: Store, book: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = [(date(2013, 1, 1) + timedelta(days=day)).isoformat() for day in range(40)]
    for key in keys:
        land(lake, key)
    line = [sys.executable, "-m", "include", "backfill", "trips", "--from", keys[0], "--to", keys[-1]]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY, env=dict(os.environ)) as killed:
        assert killed.stdout is not None
        told = [killed.stdout.readline() for _ in range(3)]
        killed.send_signal(signal.SIGKILL)
    assert told == [f"{key}  trips {key} admitted: 4 rows\n" for key in keys[:3]]
    before = book.partitions("trips")
    assert 3 <= len(before) < len(keys)
    code, out, _ = command(capsys, keys[0], keys[-1])
    assert (code, len(out)) == (0, len(keys) + 1)
    assert out[: len(before)] == [f"{key}  nothing to do" for key in keys[: len(before)]]
    assert out[len(before) : -1] == [f"{key}  trips {key} admitted: 4 rows" for key in keys[len(before) :]]
    assert [one.key for one in book.partitions("trips")] == keys
    assert book.partitions("trips")[: len(before)] == before


# What ingest announces of the past


def announced(lake: Store, key: str) -> tuple[str, ...]:
    land(lake, key)
    return STEPS["admit"].run("trips", {"key": key}).announces


def test_history_that_lands_under_a_champion_starts_nothing(lake: Store, book: Ledger) -> None:
    """The watch looks at seven days; what lies before those it can see is admitted and left to a backfill."""
    assert announced(lake, "2013-01-01") == ("2013-01-01",)
    champion(book)
    assert announced(lake, "2013-01-02") == ("2013-01-02",)
    predicted(book, "2013-06-10", "of that day")
    assert announced(lake, "2013-01-03") == ()
    land(lake, "2013-06-03")
    found = STEPS["admit"].run("trips", {"key": "2013-06-03"})
    assert found.announces == ()
    assert found.sentence.endswith("; history, so it is not announced: `backfill` has it scored")
    assert found.facts["rows"] == 4
    assert announced(lake, "2013-06-04") == ("2013-06-04",)
    assert announced(lake, "2013-06-11") == ("2013-06-11",)


def test_a_day_that_was_scored_and_lands_again_is_announced(lake: Store, book: Ledger) -> None:
    champion(book)
    predicted(book, "2013-01-01", "as it was then")
    predicted(book, "2013-06-10", "of that day")
    assert announced(lake, "2013-01-01") == ("2013-01-01",)

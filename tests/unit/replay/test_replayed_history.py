"""What was known on a morning of the past, and what was not."""

from datetime import UTC, date, datetime

import pytest

from include.errors import NotFound
from include.ledger import Ledger, PartitionRecord
from include.replay.history import History
from include.training.windows import Window
from tests.declared import contract, spec

DAY = date(2013, 3, 5)
MORNING = date(2013, 3, 6)


def admitted(ledger: Ledger, key: str, when: str, version: str = "a") -> None:
    ledger.record_partition(
        PartitionRecord(
            dataset="trips", key=key, fingerprint=f"{key}{version}", status="admitted", content_hash=version,
            rows=4, path=f"admitted/trips/{key}/{version}.parquet",
            recorded_at=datetime.fromisoformat(when).replace(tzinfo=UTC),
        )
    )  # fmt: skip


def history(ledger: Ledger) -> History:
    return History.read(contract(), date(2013, 12, 31), ledger)


@pytest.mark.parametrize(
    ("came", "morning", "known"),
    [
        ("2013-03-06T04:00", MORNING, True),
        ("2013-03-06T12:00", MORNING, True),
        ("2013-03-06T12:01", MORNING, False),
        ("2013-03-06T12:01", date(2013, 3, 7), True),
        ("2013-03-13T12:00", date(2013, 3, 12), False),
        ("2013-03-13T12:01", MORNING, True),
        ("2026-01-01T00:00", MORNING, True),
        ("2013-03-05T10:00", DAY, False),
    ],
    ids=["at night", "by noon", "after noon", "late", "a week late", "loaded", "loaded years later", "on the day"],
)
def test_a_day_is_known_from_the_noon_after_it_came_unless_it_was_loaded_afterwards(
    ledger: Ledger, came: str, morning: date, known: bool
) -> None:
    admitted(ledger, "2013-03-05", came)
    assert (history(ledger).known("2013-03-05", morning) is not None) == known


def test_a_correction_is_not_known_before_it_came(ledger: Ledger) -> None:
    admitted(ledger, "2013-03-05", "2013-03-06T04:00", "first")
    admitted(ledger, "2013-03-05", "2013-03-20T04:00", "corrected")
    found = history(ledger)
    versions = [found.known("2013-03-05", date(2013, 3, day)) for day in (6, 19, 20)]
    assert [one and one.content_hash for one in versions] == ["first", "first", "corrected"]


def test_a_day_arrives_once(ledger: Ledger) -> None:
    admitted(ledger, "2013-03-04", "2013-03-06T04:00")
    admitted(ledger, "2013-03-05", "2013-03-06T05:00")
    admitted(ledger, "2013-03-06", "2026-01-01T00:00")
    found = history(ledger)
    assert [[one.key for one in found.arrived(date(2013, 3, day))] for day in (5, 6, 7, 8)] == [
        [], ["2013-03-04", "2013-03-05"], ["2013-03-06"], [],
    ]  # fmt: skip


def test_a_window_holds_what_was_known_of_it(ledger: Ledger) -> None:
    for key, when in (("03", "04T04:00"), ("04", "07T04:00"), ("05", "06T04:00")):
        admitted(ledger, f"2013-03-{key}", f"2013-03-{when}")
    found = history(ledger).snapshot(spec(), Window(None, DAY), MORNING)
    assert [entry.key for entry in found.entries] == ["2013-03-03", "2013-03-05"]
    with pytest.raises(NotFound, match="from 2013-03-04 to 2013-03-04 was known on 2013-03-06"):
        history(ledger).snapshot(spec(), Window(date(2013, 3, 4), date(2013, 3, 4)), MORNING)


def test_a_dataset_without_a_day_has_no_history(ledger: Ledger) -> None:
    with pytest.raises(NotFound, match="trips has no admitted partition up to 2013-12-31"):
        history(ledger)

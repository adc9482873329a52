"""The days of a training window by what became of them, and its distance from the champion's window."""

from datetime import date

import pytest

from include.evaluation.window_data import Days, days_of, distance
from include.lake.profile import ColumnProfile, Profile
from include.lake.snapshot import Snapshot
from include.ledger.records import PartitionRecord, PartitionStatus
from include.training.windows import Window
from tests.declared import spec
from tests.profiles import numbers, words

MONDAY_TO_SUNDAY = [f"2013-01-{day:02}" for day in range(7, 14)]


def judged(
    key: str, status: PartitionStatus = "admitted", reason: str | None = None, landing: int = 1
) -> PartitionRecord:
    facts = {} if status == "quarantined" else {"path": f"{key}-{landing}", "content_hash": f"{landing}", "rows": 3}
    return PartitionRecord(
        dataset="trips", key=key, fingerprint=f"{key}-{landing}", status=status, reason=reason, **facts
    )  # type: ignore[arg-type]


def snapshot(*records: PartitionRecord) -> Snapshot:
    """What a fit sees that starts now: the newest admitted landing of each key."""
    newest = {one.key: one for one in records if one.status == "admitted"}
    return Snapshot.of("trips", newest.values())


def days(
    *records: PartitionRecord,
    first: date | None = date(2013, 1, 7),
    last: date = date(2013, 1, 13),
    seen: Snapshot | None = None,
) -> Days:
    return days_of(spec(), Window(first, last), seen or snapshot(*records), records)


def test_a_whole_week() -> None:
    found = days(*map(judged, MONDAY_TO_SUNDAY))
    assert found == Days(expected=7, missing=(), quarantined=(), warned=())


def test_what_is_missing_quarantined_or_warned_is_named() -> None:
    whole = {key: judged(key) for key in MONDAY_TO_SUNDAY}
    whole["2013-01-08"] = judged("2013-01-08", "quarantined", "null in a key")
    whole["2013-01-10"] = judged("2013-01-10", reason="rain: 12 (required: <= 10)")
    del whole["2013-01-09"]
    earlier = [judged(f"2013-01-{day:02}") for day in (1, 2)]
    found = days(*earlier, *whole.values())
    assert found.expected == 7
    assert (found.missing, found.quarantined) == (("2013-01-09",), ("2013-01-08",))
    assert found.warned == ("2013-01-10",)


def test_the_newest_admitted_landing_counts() -> None:
    repaired = [judged("2013-01-07", "quarantined"), judged("2013-01-07", landing=2)]
    broken_later = [judged("2013-01-08"), judged("2013-01-08", "quarantined", "torn", landing=2)]
    cleaned = [judged("2013-01-09", reason="warm"), judged("2013-01-09", landing=2)]
    found = days(*repaired, *broken_later, *cleaned, last=date(2013, 1, 9))
    assert found == Days(expected=3, missing=(), quarantined=(), warned=())


def test_what_landed_after_the_fit_was_missing_from_it() -> None:
    fitted_on = [judged("2013-01-07"), judged("2013-01-08", reason="warm")]
    later = [judged("2013-01-09"), judged("2013-01-07", reason="cold", landing=2), judged("2013-01-08", landing=2)]
    found = days(*fitted_on, *later, last=date(2013, 1, 9), seen=snapshot(*fitted_on))
    assert (found.missing, found.warned) == (("2013-01-09",), ("2013-01-08",))


def test_a_landing_that_repeats_another_is_no_admission() -> None:
    found = days(judged("2013-01-07"), judged("2013-01-07", "duplicate", landing=2), last=date(2013, 1, 7))
    assert found.quarantined == ()
    assert days(judged("2013-01-07", "quarantined"), last=date(2013, 1, 7)).quarantined == ("2013-01-07",)


@pytest.mark.parametrize(("first", "expected"), [(None, 5), (date(2012, 1, 1), 5), (date(2013, 1, 11), 3)])
def test_nothing_is_expected_before_the_first_partition_there_was(first: date | None, expected: int) -> None:
    known = [judged(key) for key in MONDAY_TO_SUNDAY[2:]]
    assert days(*known, first=first) == Days(expected=expected, missing=(), quarantined=(), warned=())


def test_days_after_the_window_do_not_count() -> None:
    found = days(*map(judged, MONDAY_TO_SUNDAY), last=date(2013, 1, 9))
    assert found.expected == 3


def test_a_weekday_that_never_has_a_partition_is_not_expected() -> None:
    """An office that is closed on weekends lands five days a week."""
    office = [judged(f"2013-01-{day:02}") for day in (7, 8, 9, 10, 11, 14, 15, 17, 18)]
    found = days(*office, last=date(2013, 1, 20))
    assert (found.expected, found.missing) == (10, ("2013-01-16",))


MODEL = spec(
    features={"numeric": ["bus"], "categorical": ["line"]}, monitoring={"seasonal": ["bus"]}
)  # fmt: skip


def profile(**columns: ColumnProfile) -> Profile:
    return Profile(rows=100, columns=columns)


def test_the_farthest_feature_comes_first_and_seasonal_ones_are_named() -> None:
    before = profile(bus=numbers(list(range(100))), line=words({"red": 50, "blue": 50}))
    now = profile(bus=numbers(list(range(100))), line=words({"red": 99, "blue": 1}))
    found = distance(MODEL, "4", before, now)
    assert [one.feature for one in found.drift] == ["line", "bus"]
    assert found.drift[0].effect > 1 > found.drift[1].effect
    assert (found.version, found.seasonal, found.others) == ("4", ("bus",), ())


@pytest.mark.parametrize(
    ("before", "now", "compared", "others"),
    [
        (profile(line=words({"red": 9})), profile(bus=numbers([1, 2]), line=words({"red": 9})), ("line",), ("bus",)),
        (
            profile(bus=words({"1": 9}), line=words({"red": 9})),
            profile(bus=numbers([1, 2]), line=words({"red": 9})),
            ("line",),
            ("bus",),
        ),
        (profile(bus=numbers([1, 2]), line=words({"red": 9})), profile(bus=numbers([1, 2])), ("line", "bus"), ()),
    ],
)
def test_what_the_champions_window_lacks_cannot_be_compared(
    before: Profile, now: Profile, compared: tuple[str, ...], others: tuple[str, ...]
) -> None:
    """A column that is gone now can: all its values are missing."""
    found = distance(MODEL, "4", before, now)
    assert tuple(one.feature for one in found.drift) == compared
    assert found.others == others


def test_without_a_season_nothing_is_exempt() -> None:
    same = profile(bus=numbers([1, 2, 3]))
    assert distance(spec(features={"numeric": ["bus"]}), "1", same, same).seasonal == ()

"""The policy: one letter is one day's verdict (ok, warn, alert, critical), in capitals that of measured performance."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.drift import TIERS, Tier
from include.monitoring.policy import ACTIONS, MONTH_DAYS, Action, FollowUp, Seen, Situation, follow_up
from include.spec import Monitoring, QuietDays

TODAY = date(2013, 4, 20)
LIMITS = Monitoring(violations=3, of_windows=5, cool_down_days=14, leave_after=2, requests_per_month=2)
CODE: dict[str, Tier] = {"o": "ok", "w": "warn", "a": "alert", "c": "critical"}
NOTHING = Situation()


def days(letters: str) -> list[Seen]:
    first = TODAY - timedelta(days=len(letters) - 1)
    return [
        Seen(
            first + timedelta(days=place),
            "ok" if letter.isupper() else CODE[letter],
            CODE[letter.lower()] if letter.isupper() else "ok",
        )
        for place, letter in enumerate(letters)
    ]


@pytest.mark.parametrize(
    ("history", "action", "why"),
    [
        ("", "nothing", "there is no verdict yet"),
        ("o", "nothing", "the newest verdict is ok"),
        ("w", "nothing", "the newest verdict is warn"),
        ("a", "notify", "1 of the last 1 verdicts at alert or above, required 3 of 5"),
        ("aa", "notify", "2 of the last 2"),
        ("aaa", "request_training", "drift: 3 of the last 3"),
        ("ooaaa", "request_training", "3 of the last 5"),
        ("aooaa", "request_training", "3 of the last 5"),
        ("aaoooa", "notify", "2 of the last 5"),
        ("aaaw", "notify", "the newest verdict is warn, the alarm is still alert"),
        ("aaao", "notify", "the newest verdict is ok, the alarm is still alert"),
        ("aaaoo", "nothing", "the newest verdict is ok"),
        ("wwwwa", "notify", "1 of the last 5"),
        ("owaca", "request_training", "3 of the last 5"),
        ("ooooooooccaaa", "request_training", "5 of the last 5"),
        ("AAA", "request_training", "performance: 3 of the last 3"),
        ("CaC", "request_training", "performance: 3 of the last 3"),
    ],
)
def test_enough_of_the_last_verdicts_must_be_loud_and_the_newest_among_them(
    history: str, action: Action, why: str
) -> None:
    found = follow_up(days(history), NOTHING, LIMITS)
    assert found.action == action
    assert why in found.reason


@pytest.mark.parametrize(
    ("history", "leave_after", "alarm"),
    [
        ("a", 3, "alert"),
        ("ac", 3, "critical"),
        ("aoo", 3, "alert"),
        ("aooo", 3, "ok"),
        ("coaw", 3, "alert"),
        ("cwww", 3, "warn"),
        ("ao", 1, "ok"),
        ("aoaoao", 2, "alert"),
    ],
)
def test_an_alarm_rises_at_once_and_falls_after_so_many_quieter_verdicts(
    history: str, leave_after: int, alarm: Tier
) -> None:
    limits = LIMITS.model_copy(update={"leave_after": leave_after})
    assert follow_up(days(history), NOTHING, limits).drift == alarm


def test_drift_and_performance_are_alarms_of_their_own() -> None:
    found = follow_up(days("aC"), NOTHING, LIMITS)
    assert (found.drift, found.performance) == ("alert", "critical")


@pytest.mark.parametrize(
    ("days_ago", "cool_down", "action"),
    [
        (0, 14, "notify"),
        (13, 14, "notify"),
        (14, 14, "request_training"),
        (15, 14, "request_training"),
        (0, 0, "request_training"),
        (0, 1, "notify"),
        (1, 1, "request_training"),
    ],
)
def test_a_request_is_followed_by_a_rest(days_ago: int, cool_down: int, action: Action) -> None:
    limits = LIMITS.model_copy(update={"cool_down_days": cool_down})
    found = follow_up(days("aaa"), Situation(asked=(TODAY - timedelta(days=days_ago),)), limits)
    assert found.action == action
    assert (f"requested {days_ago} days ago: cool-down of {cool_down}" in found.reason) == (action == "notify")


@pytest.mark.parametrize(
    ("ages", "budget", "action"),
    [
        ((), 0, "notify"),
        ((), 1, "request_training"),
        ((20, 16), 2, "notify"),
        ((28, 16), 2, "notify"),
        ((29, 16), 2, "request_training"),
        ((20, 16), 3, "request_training"),
    ],
)
def test_a_month_has_a_budget(ages: tuple[int, ...], budget: int, action: Action) -> None:
    limits = LIMITS.model_copy(update={"requests_per_month": budget})
    asked = tuple(TODAY - timedelta(days=age) for age in ages)
    found = follow_up(days("aaa"), Situation(asked=asked), limits)
    assert found.action == action
    assert ("trainings were requested in 30 days: budget of" in found.reason) == (action == "notify")


BACK = LIMITS.model_copy(update={"roll_back": True})


@pytest.mark.parametrize(
    ("history", "limits", "former", "action"),
    [
        ("CCC", BACK, "3", "roll_back"),
        ("CoCoC", BACK, "3", "roll_back"),
        ("CCC", LIMITS, "3", "request_training"),
        ("CCC", BACK, None, "request_training"),
        ("ccc", BACK, "3", "request_training"),
        ("ACC", BACK, "3", "request_training"),
        ("CCA", BACK, "3", "request_training"),
        ("CCCo", BACK, "3", "notify"),
        ("C", BACK, "3", "notify"),
    ],
)
def test_only_measured_performance_sends_a_champion_away_and_only_where_its_owner_says_so(
    history: str, limits: Monitoring, former: str | None, action: Action
) -> None:
    found = follow_up(days(history), Situation(former=former), limits)
    assert found.action == action
    assert ("v3 is to serve again" in found.reason) == (action == "roll_back")


def test_a_champion_is_not_sent_away_for_what_another_one_did() -> None:
    before = [Seen(one.day, one.drift, one.performance, since_champion=False) for one in days("CCC")]
    assert follow_up(before, Situation(former="3"), BACK).action == "request_training"
    mixed = [*before, *days("CCC")]
    assert follow_up(mixed[:4], Situation(former="3"), BACK).action == "request_training"
    assert follow_up(mixed, Situation(former="3"), BACK).action == "roll_back"


def test_the_held_version_is_named() -> None:
    found = follow_up(days("a"), Situation(canary="7"), LIMITS)
    assert found.reason == "the newest verdict is alert: v7 gets no larger share"


def test_without_a_verdict_nothing_alarms() -> None:
    assert follow_up([], NOTHING, LIMITS) == FollowUp("nothing", "there is no verdict yet", "ok", "ok")
    assert FollowUp("nothing", "") == FollowUp("nothing", "", "ok", "ok")
    assert Seen(TODAY, "alert") == Seen(TODAY, "alert", "ok", since_champion=True)


@pytest.mark.parametrize(("history", "action"), [("a", "hold_canary"), ("aaa", "hold_canary"), ("aaw", "notify")])
def test_a_version_on_trial_is_held_before_another_is_trained(history: str, action: Action) -> None:
    assert follow_up(days(history), Situation(canary="7"), LIMITS).action == action


@pytest.mark.parametrize(
    ("first", "every_year", "action"),
    [
        (date(2013, 4, 1), False, "nothing"),
        (date(2013, 4, 21), False, "request_training"),
        (date(2012, 4, 1), False, "request_training"),
        (date(2012, 4, 1), True, "nothing"),
    ],
)
def test_drift_on_days_of_the_calendar_does_not_alarm(first: date, every_year: bool, action: Action) -> None:
    quiet = QuietDays(first=first, last=first + timedelta(days=25), reason="spring schedule", every_year=every_year)
    limits = LIMITS.model_copy(update={"calendar": (quiet,)})
    found = follow_up(days("aaa"), NOTHING, limits)
    assert found.action == action
    assert ("drift alert is expected: spring schedule" in found.reason) == (action == "nothing")
    assert found.drift == ("ok" if action == "nothing" else "alert")
    assert follow_up(days("AAA"), NOTHING, limits).action == "request_training"


@pytest.mark.parametrize(
    ("history", "quiet", "told"),
    [
        ("ccw", True, "; drift warn is expected: spring schedule"),
        ("oca", True, "; drift alert is expected: spring schedule"),
        ("cco", True, ""),
        ("oca", False, ""),
    ],
)
def test_only_drift_of_the_day_itself_is_said_to_be_expected(history: str, quiet: bool, told: str) -> None:
    calendar = (QuietDays(first=TODAY, last=TODAY, reason="spring schedule"),) if quiet else ()
    reason = follow_up(days(history), NOTHING, LIMITS.model_copy(update={"calendar": calendar})).reason
    assert (reason.endswith(told), "is expected" in reason) == (True, bool(told))


@pytest.mark.parametrize(
    ("day", "held"),
    [
        (date(2013, 12, 19), False), (date(2013, 12, 20), True), (date(2013, 12, 31), True),
        (date(2014, 1, 1), True), (date(2014, 1, 3), True), (date(2014, 1, 4), False), (date(2013, 7, 1), False),
    ],
)  # fmt: skip
def test_days_of_every_year_may_span_its_end(day: date, held: bool) -> None:
    christmas = QuietDays(first=date(2010, 12, 20), last=date(2011, 1, 3), reason="Christmas", every_year=True)
    assert christmas.holds(day) is held


def test_a_calendar_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="last 2013-01-01 is before first 2013-01-02"):
        QuietDays(first=date(2013, 1, 2), last=date(2013, 1, 1), reason="odd")


YEAR = st.lists(st.tuples(st.sampled_from(TIERS), st.sampled_from(TIERS)), min_size=1, max_size=120)
ANY = st.builds(
    Monitoring,
    violations=st.integers(1, 3),
    of_windows=st.integers(3, 6),
    cool_down_days=st.integers(0, 20),
    requests_per_month=st.integers(0, 4),
    leave_after=st.integers(1, 5),
    roll_back=st.booleans(),
)


def seen(tiers: list[tuple[Tier, Tier]]) -> list[Seen]:
    first = TODAY - timedelta(days=len(tiers) - 1)
    return [Seen(first + timedelta(days=place), *pair) for place, pair in enumerate(tiers)]


@given(YEAR, ANY)
def test_requests_keep_to_cool_down_and_budget_whatever_the_verdicts_are(
    tiers: list[tuple[Tier, Tier]], limits: Monitoring
) -> None:
    history, asked = seen(tiers), []
    for end in range(1, len(history) + 1):
        past = tuple(day for day in asked if day <= history[end - 1].day)
        if follow_up(history[:end], Situation(asked=past), limits).action == "request_training":
            asked.append(history[end - 1].day + timedelta(days=1))  # the day the training stands on
    assert all((later - earlier).days > limits.cool_down_days for earlier, later in pairwise(asked))
    for day in asked:
        assert sum(0 <= (day - one).days < MONTH_DAYS for one in asked) <= limits.requests_per_month


@given(YEAR, ANY, st.integers(0, 119), st.sampled_from([None, "2"]), st.sampled_from([None, "7"]))
def test_a_worse_verdict_never_means_a_milder_outcome(
    tiers: list[tuple[Tier, Tier]], limits: Monitoring, place: int, former: str | None, canary: str | None
) -> None:
    place %= len(tiers)
    situation = Situation(former=former, canary=canary)
    milder = follow_up(seen(tiers), situation, limits)
    for worse in (("critical", tiers[place][1]), (tiers[place][0], "critical")):
        changed = follow_up(seen([*tiers[:place], worse, *tiers[place + 1 :]]), situation, limits)
        assert ACTIONS.index(changed.action) >= ACTIONS.index(milder.action)
        assert TIERS.index(changed.drift) >= TIERS.index(milder.drift)
        assert TIERS.index(changed.performance) >= TIERS.index(milder.performance)


@given(YEAR)
def test_without_the_owner_s_word_nothing_is_ever_rolled_back(tiers: list[tuple[Tier, Tier]]) -> None:
    assert follow_up(seen(tiers), Situation(former="2"), LIMITS).action != "roll_back"

"""The load test: which requests are sent again and when, and what breaks a promise."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from include.errors import BadData
from include.lake import Store
from include.ledger.records import now
from include.release import load, requests
from include.release.load import Load
from include.serving.rolling import roll
from include.spec import Slo
from tests.declared import spec

ASKED = spec(features={"numeric": ["bus"], "categorical": ["line"]})
GOOD = Load(requests=500, of="recorded traffic", failed=5, p50_ms=2.0, p99_ms=100.0, per_second=90.0, memory_mb=1000.0)


@pytest.mark.parametrize(
    ("moments", "factor", "sent"),
    [
        ([10.0, 11.0, 14.0], 1.0, [0, 1, 4]),
        ([10.0, 11.0, 14.0], 2.0, [0, 0.5, 2]),
        ([10.0, 11.0, 14.0], 0.5, [0, 2, 8]),
        ([0.0, 600.0, 6000.0], 1.0, [0, 6, 60]),
        ([0.0, 600.0, 6000.0], 200.0, [0, 3, 30]),
        ([7.0], 1.0, [0]),
        ([7.0, 7.0], 1.0, [0, 0]),
    ],
)
def test_requests_are_as_far_apart_as_they_came_and_within_a_minute(
    moments: list[float], factor: float, sent: list[float]
) -> None:
    assert load.paced(moments, factor) == pytest.approx(sent)


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({}, None),
        ({"failed": 6}, "6 of 500 failed, promised are 1.00%"),
        ({"p99_ms": 100.1}, "99 of 100 within 100 ms, promised are 100"),
        ({"memory_mb": 1000.5}, "a worker takes 1000 MB, promised are 1000"),
        ({"memory_mb": 400.0, "p99_ms": 250.0, "failed": 9}, "9 of 500 failed, promised are 1.00%; 99 of 100 within"),
    ],
)
def test_what_is_at_the_limit_is_kept_and_what_is_beyond_it_is_not_shown_to_users(
    changes: dict[str, Any], broken: str | None
) -> None:
    found = GOOD._replace(**changes)
    if broken is None:
        load.check(spec(), "2", found, Slo())
        return
    with pytest.raises(BadData, match="It is not shown to users") as refused:
        load.check(spec(), "2", found, Slo())
    assert broken in str(refused.value)


def line(number: int, at: float, request: str = "", **changes: Any) -> dict[str, Any]:
    return {
        "id": f"a-{number:03}", "at": at, "request": request or f"r{number}", "version": "1", "slot": "champion",
        "entity": "", "features": {"bus": float(number), "line": "red"}, "said": [0.5], "seconds": 0.001, **changes,
    }  # fmt: skip


def write(home: Path, lines: list[dict[str, Any]], file: str) -> None:
    folder = home / "log" / "trip_late"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text("".join(json.dumps(one) + "\n" for one in lines))


def test_the_newest_requests_come_back_in_their_order_wherever_they_lie(lake: Store, tmp_path: Path) -> None:
    """Those that the service has rolled into the lake, and those that are still in its own files."""
    at = now().timestamp() - 100
    write(tmp_path, [line(number, at + number) for number in range(6)], "a-000001.jsonl")
    roll(spec(), tmp_path, lake)
    assert not list((tmp_path / "log" / "trip_late").iterdir())
    write(tmp_path, [line(number, at + number) for number in range(6, 9)], "a-000002.open")
    found = requests.newest(ASKED, 5, lake, tmp_path)
    assert [one.rows for one in found] == [((float(number), "red"),) for number in range(4, 9)]
    assert [one.at for one in found] == pytest.approx([at + number for number in range(4, 9)])
    assert len(requests.newest(ASKED, 50, lake, tmp_path)) == 9


def test_rows_of_one_request_stay_together_and_a_shadow_s_second_line_is_no_row(lake: Store, tmp_path: Path) -> None:
    at = now().timestamp() - 100
    twice = line(3, at + 1, "mine")
    again = {**twice, "shadow": {"version": "2", "said": [], "seconds": 1}}
    lines = [line(1, at, "mine"), line(2, at, "mine"), twice, again]
    write(tmp_path, lines, "a-000001.open")
    assert [len(one.rows) for one in requests.newest(ASKED, 9, lake, tmp_path)] == [2, 1]


def test_what_was_asked_by_name_is_old_or_lacks_a_feature_is_not_sent_again(lake: Store, tmp_path: Path) -> None:
    at = now().timestamp() - 100
    old = at - timedelta(days=8).total_seconds()
    lines = [
        line(1, at, slot="named"), line(2, old), line(3, at, features={"bus": 3.0}), line(4, at, slot="break_glass"),
        line(5, at, features={"bus": None, "line": "red", "more": 1.0}),
    ]  # fmt: skip
    write(tmp_path, lines, "a-000001.jsonl")
    wanted = [((4.0, "red"),), ((None, "red"),)]
    assert [one.rows for one in requests.newest(ASKED, 9, lake, tmp_path)] == wanted

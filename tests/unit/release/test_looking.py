"""A look at a step: predictions from open segments and from the lake, counted once, and what is carried out."""

import json
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from include.alerts.notice import standing
from include.errors import NothingToDo
from include.evaluation.evidence import folder
from include.lake import Store, layout
from include.ledger import Ledger
from include.registry import registry
from include.registry.registry import Version
from include.release import looking, rolling
from include.release.counting import Scale, loss, observed
from include.release.rollout import By, Step
from include.release.served import Said, served
from include.serving.routed import routing
from tests.declared import spec

BY = By("ann", "test")
RULES = {"shares": [0.2, 1.0], "shadow_requests": 50, "min_requests": 100, "min_minutes": 0}
SPEC = spec(release={"rollout": RULES})
SHADOW, FIFTH, ALL = Step("shadow"), Step("canary", 0.2), Step("canary", 1.0)
SCALE = Scale(np.array([0.25, 0.5, 0.75]), 1.0)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "serving"


@pytest.fixture
def rolled(lake: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """v1 serves, v2 is approved; the registry knows their runs."""
    monkeypatch.setattr(registry, "version", lambda model, number: version(number))
    sample = pd.DataFrame({"prediction": np.linspace(0, 1, 101)})
    buffer = BytesIO()
    pq.write_table(pa.Table.from_pandas(sample), buffer)
    lake.write_bytes(f"{folder('trip_late', 'run-1')}/reference_sample.parquet", buffer.getvalue())
    ledger.record_deployment("trip_late", "1", "h1", expected=None, action="promote", actor="ann", reason="test")
    rolling.stage(SPEC, version("2"), BY, ledger)
    for action in ("test", "load", "approve"):
        rolling.prepare(SPEC, "2", action, BY, ledger)
    return ledger


def version(number: str) -> Version:
    return Version(model="trip_late", version=number, run_id=f"run-{number}", model_hash=f"h{number}")


def line(number: int, at: float, version: str = "1", **changes: Any) -> dict[str, Any]:
    slot = "champion" if version == "1" else "challenger"
    return {
        "id": f"a-{number:x}", "at": at, "request": "r", "version": version, "slot": slot, "entity": "",
        "features": {}, "said": [number % 100 / 100], "seconds": 0.002, **changes,
    }  # fmt: skip


def write(home: Path, lines: list[dict[str, Any]], name: str = "log", file: str = "a-000001.open") -> None:
    place = home / name / "trip_late"
    place.mkdir(parents=True, exist_ok=True)
    with (place / file).open("a") as segment:
        segment.writelines(json.dumps(one) + "\n" for one in lines)


def store(lake: Store, lines: list[dict[str, Any]], day: str, segment: str = "a-000001") -> None:
    """As the service rolls its segments into the lake."""
    beside = [one.get("shadow") for one in lines]
    table = pa.table(
        {
            "prediction_id": [one["id"] for one in lines],
            "served_at": pa.array([round(one["at"] * 1e6) for one in lines]).cast(pa.timestamp("us", tz="UTC")),
            "model_version": [one["version"] for one in lines],
            "slot": [one["slot"] for one in lines],
            "seconds": [one["seconds"] for one in lines],
            "error": [one.get("error", "") for one in lines],
            "prediction": pa.array([one["said"][0] for one in lines], pa.float64()),
            "shadow_version": pa.array([one and one["version"] for one in beside], pa.string()),
            "shadow_seconds": pa.array([one and one["seconds"] for one in beside], pa.float64()),
            "shadow_prediction": pa.array([one["said"][0] if one and one["said"] else None for one in beside]),
        }
    )
    buffer = BytesIO()
    pq.write_table(table, buffer)
    lake.write_bytes(layout.served("trip_late", day, segment), buffer.getvalue())


def entered(ledger: Ledger, step: Step) -> tuple[float, str]:
    """Brings v2 to the step; the moment of it, and its day."""
    state = rolling.enter(SPEC, "2", step, BY, ledger)
    return state.recorded_at.timestamp() + 0.001, state.recorded_at.date().isoformat()


def test_a_prediction_counts_once_wherever_it_is_found(rolled: Ledger, lake: Store, home: Path) -> None:
    at, day = entered(rolled, SHADOW)
    lines = [line(number, at) for number in range(10)]
    store(lake, lines[:6], day)
    write(home, lines[4:])
    with (home / "log" / "trip_late" / "a-000001.open").open("a") as segment:
        segment.write('{"id": "cut o')
    since = rolled.rollouts("trip_late")[-1].recorded_at
    assert sorted(one.id for one in served(SPEC, since, lake, home)) == sorted(one["id"] for one in lines)
    assert served(SPEC, since + timedelta(seconds=1), lake, home) == []


def test_who_failed_is_who_the_error_names_and_who_was_asked_by_name_had_no_turn(
    rolled: Ledger, lake: Store, home: Path
) -> None:
    at, day = entered(rolled, SHADOW)
    lines = [
        line(1, at), line(2, at, error="v2 ValueError: no"), line(3, at, "2"),
        line(4, at, slot="named"), line(5, at, "", slot="break_glass", error="v1 ValueError: no"),
    ]  # fmt: skip
    for found in (write(home, lines), store(lake, lines, day, "b-000001")):
        assert found is None
        since = rolled.rollouts("trip_late")[-1].recorded_at
        seen = observed(SPEC, ("1", "2"), served(SPEC, since, lake, home), SCALE, 100, paired=False)
        assert (seen.champion.requests, seen.champion.errors) == (2, 1)
        assert (seen.challenger.requests, seen.challenger.errors) == (2, 1)
        for file in (home / "log" / "trip_late").glob("*"):
            file.unlink()


def test_the_second_line_of_a_shadow_replaces_the_first(rolled: Ledger, lake: Store, home: Path) -> None:
    at, day = entered(rolled, SHADOW)
    alone = [line(number, at) for number in range(4)]
    answers: list[list[float]] = [[0.1], [], [0.9], [0.3]]
    both = [
        {**one, "shadow": {"version": "2", "said": said, "seconds": 0.2}}
        for one, said in zip(alone, answers, strict=True)
    ]
    write(home, [*alone, *both])
    since = rolled.rollouts("trip_late")[-1].recorded_at
    seen = observed(SPEC, ("1", "2"), served(SPEC, since, lake, home), SCALE, 100, paired=True)
    assert seen.pairs is not None
    assert (seen.pairs.requests, seen.pairs.more_errors, seen.pairs.answers) == (4, 1, 3)
    assert (seen.challenger.slow, seen.challenger.errors, seen.champion.slow) == (4, 1, 0)
    assert list(seen.pairs.moved_up) == [2, 1, 1]
    store(lake, both, day)
    (home / "log" / "trip_late" / "a-000001.open").unlink()
    stored = observed(SPEC, ("1", "2"), served(SPEC, since, lake, home), SCALE, 100, paired=True)
    assert stored.pairs is not None
    assert list(stored.pairs.moved_up) == [2, 1, 1]
    assert stored.pairs.more_errors == 1


def test_a_shadow_that_answers_when_the_canary_has_begun_counts_for_neither_step(
    rolled: Ledger, lake: Store, home: Path
) -> None:
    rolling.steer(SPEC, "advance", None, BY, rolled)
    at, _ = entered(rolled, FIFTH)
    late = [line(n, at, shadow={"version": "2", "said": [0.5], "seconds": 0.2}) for n in range(3)]
    write(home, [*late, *[line(n, at, "2" if n % 2 else "1") for n in range(10, 30)]])
    found = looking.look(SPEC, "2", FIFTH, lake, rolled, home)
    assert found.requests == 10
    assert "the champion 0.00% of 13" in found.findings[0].told


def test_at_all_users_the_promise_counts_and_no_late_answer_of_the_champion(
    rolled: Ledger, lake: Store, home: Path
) -> None:
    for _ in range(2):
        rolling.steer(SPEC, "advance", None, BY, rolled)
    at, _ = entered(rolled, ALL)
    write(home, [line(n, at, "1" if n < 4 else "2") for n in range(40)])
    found = looking.look(SPEC, "2", ALL, lake, rolled, home)
    assert found.requests == 36
    assert "promised are at most 1.00%" in found.findings[0].told


def test_labels_that_come_late_give_losses_and_the_newest_word_holds(rolled: Ledger, lake: Store, home: Path) -> None:
    at, _ = entered(rolled, SHADOW)
    write(home, [line(1, at), line(50, at)])
    words = [("a-1", 99.0, 2.0), ("a-1", 1.0, 1.0), ("a-32", None, 3.0), ("none", 3.0, 1.0)]
    write(home, [{"prediction_id": one, "label": label, "at": when} for one, label, when in words], "labels")
    since = rolled.rollouts("trip_late")[-1].recorded_at
    seen = observed(SPEC, ("1", "2"), served(SPEC, since, lake, home), SCALE, 100, paired=False)
    assert list(seen.champion.losses) == [pytest.approx((0.01 - 1) ** 2)]


def test_a_loss_is_between_nothing_and_all_wrong() -> None:
    numbers = spec(task="regression", target={"column": "late"}, gates={})
    assert loss(numbers, Said("1", 10, 0), 12.0, Scale(SCALE.edges, 4.0)) == 0.5
    assert loss(numbers, Said("1", 10, 0), 99.0, Scale(SCALE.edges, 4.0)) == 1.0
    assert loss(SPEC, Said("1", 0.3, 0), 16.0, SCALE) == pytest.approx(0.49)
    assert loss(SPEC, Said("1", None, 0), 16.0, SCALE) is None


def test_a_good_version_is_let_on_step_by_step_and_is_passed_at_the_end(
    rolled: Ledger, lake: Store, home: Path
) -> None:
    at, _ = entered(rolled, SHADOW)
    beside = {"version": "2", "said": [0.5], "seconds": 0.001}
    write(home, [line(n, at, shadow={**beside, "said": [n % 100 / 100]}) for n in range(60)])
    assert looking.look(SPEC, "2", SHADOW, lake, rolled, home).decision == "go"
    for step, first, share in ((FIFTH, 1000, 0.5), (ALL, 9000, 1.0)):
        at, _ = entered(rolled, step)
        assert looking.look(SPEC, "2", step, lake, rolled, home).decision == "wait"
        write(home, [line(n, at, "2" if n % 2 < share * 2 else "1") for n in range(first, first + 1600)])
        found = looking.look(SPEC, "2", step, lake, rolled, home)
        assert found.decision == "go", found.sentence
    state = rolled.rollout("trip_late")
    assert state is not None
    assert (state.stage, state.actor) == ("passed", "verdict")
    assert json.loads(state.detail)["decision"] == "go"
    assert looking.look(SPEC, "2", FIFTH, lake, rolled, home).sentence.startswith("let on by verdict")


def test_a_bad_version_is_taken_away_at_once_and_people_are_told(rolled: Ledger, lake: Store, home: Path) -> None:
    rolling.steer(SPEC, "advance", None, BY, rolled)
    at, _ = entered(rolled, FIFTH)
    write(home, [line(n, at, error="v2 ValueError: <b>" if n % 5 == 0 else "") for n in range(400)])
    with pytest.raises(NothingToDo, match=r"v2 is stopped at canary 20%: surely worse than tolerated: .*failed"):
        looking.look(SPEC, "2", FIFTH, lake, rolled, home)
    assert routing("trip_late", rolled).challenger is None
    told = standing("model", "trip_late", rolled)
    assert [(one.tier, one.cause) for one in told] == [("alert", "rollout of v2")]
    state = rolled.rollout("trip_late")
    assert state is not None
    assert "surely worse" in lake.read_bytes(looking.place(state, FIFTH)).decode()
    with pytest.raises(NothingToDo, match="rollout of trip_late v2 is stopped"):
        looking.look(SPEC, "2", FIFTH, lake, rolled, home)


def test_what_is_held_or_behind_broken_glass_waits_and_keeps_its_beginning(
    rolled: Ledger, lake: Store, home: Path
) -> None:
    rolling.steer(SPEC, "advance", None, BY, rolled)
    entered(rolled, FIFTH)
    began = looking.entered(rolled.rollouts("trip_late")[-1], rolled)
    rolling.steer(SPEC, "hold", None, By("ben", "lunch"), rolled)
    assert looking.look(SPEC, "2", FIFTH, lake, rolled, home).sentence == "held by ben: lunch"
    rolling.break_glass(SPEC, "0.5", By("ben", "harm"), rolled)
    rolling.steer(SPEC, "resume", None, BY, rolled)
    assert looking.look(SPEC, "2", FIFTH, lake, rolled, home).decision == "wait"
    rolling.break_glass(SPEC, None, BY, rolled)
    state = rolled.rollouts("trip_late")[-1]
    assert looking.entered(state, rolled) == began
    assert state.recorded_at > began


def test_the_first_version_has_nobody_to_be_compared_with(ledger: Ledger, lake: Store, home: Path) -> None:
    rolling.stage(SPEC, version("2"), BY, ledger)
    for action in ("test", "load", "approve"):
        rolling.prepare(SPEC, "2", action, BY, ledger)
    assert rolling.enter(SPEC, "2", SHADOW, BY, ledger).stage == "approved"
    assert looking.look(SPEC, "2", SHADOW, lake, ledger, home).decision == "go"

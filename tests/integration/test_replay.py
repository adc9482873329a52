"""A replay of real partitions: the loop's own decisions, on what was known, and nothing of what came later."""

from datetime import date
from pathlib import Path

import pytest

from include import replay as replaying
from include.cli import main
from include.errors import NotFound
from include.lake import Store
from include.ledger import Ledger
from include.registry.manifest import Manifest, predictions_hash
from include.replay import POLICIES, Outcome, replay
from include.replay.history import History
from include.replay.workshop import Workshop
from include.spec import load_model
from include.steps import STEPS
from tests.declared import admit, admit_days, declare, trips
from tests.integration.conftest import DAYS, MODEL
from tests.landing import TRIPS

FIRST = date(2013, 2, 10)
WATCHED = {**MODEL, "monitoring": {"min_rows": 20, "window_days": 3, "violations": 2, "of_windows": 3}}


@pytest.fixture
def history(models: Path, lake: Store, ledger: Ledger) -> Path:
    """Forty days of one world; a model that is watched closely."""
    folder = declare(models, model=WATCHED, contract=TRIPS)
    admit_days("2013-01-01", DAYS, lake, ledger)
    return folder


def replayed(last: int, lake: Store, ledger: Ledger, *names: str) -> dict[str, Outcome]:
    tried = {name: POLICIES[name] for name in names}
    return {one.name: one for one in replay(load_model("trip_late"), FIRST, date(2013, 2, last), tried, lake, ledger)}


def test_policies_train_when_they_say_and_drift_asks_for_a_training(history: Path, lake: Store, ledger: Ledger) -> None:
    admit_days("2013-02-10", 5, lake, ledger)
    admit_days("2013-02-15", 12, lake, ledger, shift=200)
    found = replayed(26, lake, ledger, "never", "weekly", "on_alarm")
    assert {name: len(one.days) for name, one in found.items()} == dict.fromkeys(found, 17)
    assert found["never"].trainings == ()
    assert [one.as_of.isoformat() for one in found["weekly"].trainings] == ["2013-02-11", "2013-02-18", "2013-02-25"]
    asked = found["on_alarm"].trainings
    assert asked[0].why.startswith("drift: 2 of the last")
    assert date(2013, 2, 15) < asked[0].as_of < date(2013, 2, 20)
    assert found["on_alarm"].alarms[0].day > date(2013, 2, 15)
    assert found["never"].alarm_days >= 8
    champions = {one.champion for one in found["weekly"].days}
    assert len(champions) == 1 + found["weekly"].promoted


def test_what_comes_later_changes_nothing_before_it(history: Path, lake: Store, ledger: Ledger) -> None:
    admit_days("2013-02-10", 8, lake, ledger)
    before = replayed(17, lake, ledger, "weekly", "declared")
    admit_days("2013-02-18", 4, lake, ledger, shift=500)
    after = replayed(21, lake, ledger, "weekly", "declared")
    for name in before:
        assert after[name].days[:8] == before[name].days
        mornings = {one.as_of for one in before[name].trainings if one.as_of <= date(2013, 2, 18)}
        assert {one.as_of for one in after[name].trainings if one.as_of <= date(2013, 2, 18)} == mornings


def test_a_challenger_of_the_past_is_the_one_that_the_loop_makes(
    installation: Path, lake: Store, ledger: Ledger
) -> None:
    fitted = STEPS["fit"].run("trip_late", {"as_of": FIRST.isoformat(), "reason": "test"})
    [record] = ledger.decisions("trip_late", kind="fit", subject=str(fitted.facts["run"]))
    made = Manifest.model_validate_json(record.detail)
    spec = load_model("trip_late")
    with Workshop.opened(History.read(spec.contract, FIRST, ledger), lake) as workshop:
        challenger = workshop.challenger(spec, FIRST)
        assert workshop.challenger(spec, FIRST) is challenger
    assert challenger.data.training.id == made.training_snapshot
    assert predictions_hash(challenger.said) == made.predictions_hash


def test_a_day_that_landed_again_is_replayed_as_it_was_known(history: Path, lake: Store, ledger: Ledger) -> None:
    admit_days("2013-02-10", 4, lake, ledger)
    before = replayed(13, lake, ledger, "never")
    admit("2013-02-12", lake, ledger, trips(seed=77, shift=300))
    assert replayed(13, lake, ledger, "never")["never"].days == before["never"].days


def test_the_command_prints_a_table_and_stores_figures_and_a_page(
    history: Path, lake: Store, ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    admit_days("2013-02-10", 8, lake, ledger)
    span = ["replay", "trip_late", "--from", "2013-02-10", "--to", "2013-02-17"]
    assert main([*span, "--policy", "never", "--policy", "weekly"]) == 0
    said = capsys.readouterr().out
    assert "trip_late from 2013-02-10 to 2013-02-17, 8 days served" in said
    assert "| weekly" in said
    place = replaying.folder("trip_late", FIRST, date(2013, 2, 17))
    assert lake.exists(f"{place}/replay.json")
    assert b"<svg" in lake.read_bytes(f"{place}/timeline.html")
    assert main([*span, "--policy", "daily"]) == NotFound.exit_code
    assert "No policy 'daily'" in capsys.readouterr().err


def test_a_suggestion_tries_other_limits(history: Path, lake: Store, ledger: Ledger) -> None:
    admit_days("2013-02-10", 4, lake, ledger)
    spec, last = load_model("trip_late"), date(2013, 2, 13)
    found = replaying.run(spec, FIRST, last, ["never"], None, 1.0, lake, ledger, lambda line: None)
    assert [one.name for one in found.outcomes][:3] == ["never", "on_alarm x0.5", "on_alarm x1"]
    assert "For at most 1 false alarms a year: monitoring: {warn: 0.05" in found.suggestion


def test_a_range_without_a_day_is_nothing_to_replay(history: Path, lake: Store, ledger: Ledger) -> None:
    spec = load_model("trip_late")
    with pytest.raises(NotFound, match="No day of trips from 2013-02-10 to 2013-02-12 was admitted"):
        replay(spec, FIRST, date(2013, 2, 12), {"never": POLICIES["never"]}, lake, ledger)
    with pytest.raises(NotFound, match="From 2013-02-10 to 2013-02-09 there is no day"):
        replaying.run(spec, FIRST, date(2013, 2, 9), [], None, None, lake, ledger, lambda line: None)
    with pytest.raises(NotFound, match="was known on 2013-01-01"):
        replay(spec, date(2013, 1, 1), FIRST, {"never": POLICIES["never"]}, lake, ledger)

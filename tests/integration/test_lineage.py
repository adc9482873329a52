"""What versions stand on: what changed between two, and what may be removed because nothing refers to it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import mlflow
import pytest

from include.errors import NotFound, NothingToDo
from include.lake import Store, layout
from include.ledger import Ledger, PartitionRecord
from include.ledger.removal import record_removal, removed
from include.lineage.garbage import garbage, registered, remove, under_way
from include.registry import registry, runs
from include.spec import load_model
from include.steps import STEPS, Result
from include.steps.training import fit
from tests.declared import admit, publish, trips

NAME, DATASET = "trip_late", "trips"
SOON = datetime(2100, 1, 1, tzinfo=UTC)


def collect(**arguments: str) -> Result:
    return STEPS["collect"].run(DATASET, {"older_than_days": "0", **arguments})


def fitted(as_of: str, known_at: str | None = None) -> str:
    return str(fit(NAME, as_of, "test", known_at).facts["run"])


def registered_version(as_of: str) -> str:
    """A version that was fitted, whatever its gates would say."""
    run = fitted(as_of)
    made = runs.manifest(run)
    return registry.register(NAME, run, made.model_uri, made.model_hash).version


def replaced(key: str, lake: Store, ledger: Ledger, seed: int) -> PartitionRecord:
    """Lands a day again with other rows and gives the version that was there before."""
    before = ledger.admitted(DATASET, key, key)[0]
    admit(key, lake, ledger, trips(seed=seed))
    return before


def test_what_changed_between_two_versions_is_told_by_partition_and_column(
    installation: Path, lake: Store, ledger: Ledger
) -> None:
    first = registered_version("2013-02-08")
    before = replaced("2013-01-03", lake, ledger, seed=900)
    for day in range(4, 12):
        admit(f"2013-01-{day:02}", lake, ledger, trips(seed=day, shift=200))
    second = registered_version("2013-02-10")
    found = STEPS["data-diff"].run(NAME, {"before": first, "after": second})
    assert (found.facts["added"], found.facts["removed"], found.facts["replaced"]) == (2, 0, 9)
    assert "2 added (2013-01-29, 2013-01-30)" in found.sentence
    assert "9 replaced (2013-01-03 to 2013-01-11)" in found.sentence
    assert next(iter(name for name in found.facts if name.startswith("drift"))) == "drift of bus"
    assert float(found.facts["drift of bus"] or 0) > 0
    assert str(before.content_hash) != ledger.admitted(DATASET, "2013-01-03", "2013-01-03")[0].content_hash


def test_a_version_compared_with_itself_has_not_changed(installation: Path) -> None:
    number = registered_version("2013-02-10")
    found = STEPS["data-diff"].run(NAME, {"before": number, "after": number})
    assert "the same" in found.sentence
    assert (found.facts["added"], found.facts["replaced"]) == (0, 0)


def test_what_a_registered_version_was_made_of_is_never_garbage(
    installation: Path, lake: Store, ledger: Ledger
) -> None:
    registered_version("2013-02-10")
    learnt_from = replaced("2013-01-05", lake, ledger, seed=901)
    judged_on = replaced("2013-02-05", lake, ledger, seed=902)
    assert {str(learnt_from.content_hash), str(judged_on.content_hash)} <= registered(DATASET)
    passed_over = replaced("2013-01-05", lake, ledger, seed=903)
    found = garbage(DATASET, SOON, ledger)
    assert [one.content_hash for one in found] == [passed_over.content_hash]
    assert "(40 rows) removed: 2013-01-05" in collect(delete="yes").sentence
    assert not lake.exists(str(passed_over.path))
    assert not lake.exists(layout.profile(str(passed_over.path)))
    assert lake.exists(str(learnt_from.path))
    assert lake.exists(str(judged_on.path))
    assert lake.exists(layout.profile(str(learnt_from.path)))


def test_nothing_is_removed_unless_told_to(installation: Path, lake: Store, ledger: Ledger) -> None:
    before = replaced("2013-01-05", lake, ledger, seed=901)
    said = collect().sentence
    assert "1 versions (40 rows) could be removed: 2013-01-05" in said
    assert lake.exists(str(before.path))


def test_what_was_replaced_lately_is_kept(installation: Path, lake: Store, ledger: Ledger) -> None:
    replaced("2013-01-05", lake, ledger, seed=901)
    with pytest.raises(NothingToDo, match="replaced more than 1 days ago"):
        collect(older_than_days="1")
    assert garbage(DATASET, datetime.now(UTC) - timedelta(days=1), ledger) == []
    assert len(garbage(DATASET, SOON, ledger)) == 1


def test_a_version_that_was_removed_is_not_listed_again(installation: Path, lake: Store, ledger: Ledger) -> None:
    gone = replaced("2013-01-05", lake, ledger, seed=901)
    collect(delete="yes", actor="ann")
    assert removed(DATASET, ledger) == {str(gone.path)}
    assert [(one.outcome, one.actor) for one in ledger.decisions(DATASET, kind="collection")] == [
        ("removing", "ann"),
        ("removed", "ann"),
    ]
    with pytest.raises(NothingToDo):
        collect(delete="yes")


def test_a_version_that_came_back_and_was_replaced_again_is_listed_once(
    installation: Path, lake: Store, ledger: Ledger
) -> None:
    gone = replaced("2013-01-05", lake, ledger, seed=901)
    record = gone.model_copy(update={"fingerprint": "landed again", "recorded_at": datetime.now(UTC)})
    ledger.record_partition(record)
    replaced("2013-01-05", lake, ledger, seed=902)
    assert sorted(one.path or "" for one in garbage(DATASET, SOON, ledger)) == sorted(
        {str(one.path) for one in ledger.partitions(DATASET, "2013-01-05")[:-1]}
    )


def test_a_removal_that_was_cut_off_is_completed_by_the_next_one(
    installation: Path, lake: Store, ledger: Ledger
) -> None:
    gone = replaced("2013-01-05", lake, ledger, seed=901)
    record_removal(DATASET, [str(gone.path)], "removing", "test", ledger)
    assert lake.exists(str(gone.path))
    assert "1 versions" in collect(delete="yes").sentence
    assert not lake.exists(str(gone.path))


def test_what_a_run_under_way_was_fitted_on_is_kept_until_it_is_judged(
    installation: Path, lake: Store, ledger: Ledger
) -> None:
    run = fitted("2013-02-10")
    judged_on = replaced("2013-02-05", lake, ledger, seed=902)
    assert str(judged_on.content_hash) in under_way(DATASET)
    assert str(judged_on.content_hash) not in registered(DATASET)
    with pytest.raises(NothingToDo):
        collect(delete="yes")
    assert "held-out rows" in STEPS["evaluate"].run(NAME, {"run": run}).sentence


def test_a_fit_that_fails_holds_nothing_back(
    installation: Path, lake: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no memory")

    monkeypatch.setattr("include.training.fit.learn", broken)
    with pytest.raises(RuntimeError, match="no memory"):
        fitted("2013-02-10")
    replaced("2013-01-05", lake, ledger, seed=901)
    assert under_way(DATASET) == set()
    assert len(garbage(DATASET, SOON, ledger)) == 1


def test_what_is_fitted_on_while_it_is_being_removed_is_kept(installation: Path, lake: Store, ledger: Ledger) -> None:
    """It was garbage when the list was made; then a fit of the past began to stand on it."""
    before = datetime.now(UTC).isoformat()
    old = replaced("2013-01-05", lake, ledger, seed=901)
    [listed] = garbage(DATASET, SOON, ledger)
    run = fitted("2013-02-10", known_at=before)
    assert remove([listed], DATASET, "test", lake, ledger) == []
    assert lake.exists(str(old.path))
    assert removed(DATASET, ledger) == set()
    assert STEPS["evaluate"].run(NAME, {"run": run}).facts["rows"]


def test_nothing_is_fitted_on_what_is_being_removed(installation: Path, lake: Store, ledger: Ledger) -> None:
    before = datetime.now(UTC).isoformat()
    old = replaced("2013-01-05", lake, ledger, seed=901)
    record_removal(DATASET, [str(old.path)], "removing", "test", ledger)
    with pytest.raises(NotFound, match=r"trips: versions of 2013-01-05 that this stands on were replaced and then"):
        fitted("2013-02-10", known_at=before)
    assert "fitted on" in fit(NAME, "2013-02-10", "test", None).sentence


def test_what_landed_again_after_it_was_removed_can_be_stood_on(
    installation: Path, lake: Store, ledger: Ledger
) -> None:
    gone = replaced("2013-01-05", lake, ledger, seed=901)
    collect(delete="yes")
    admit("2013-01-06", lake, ledger, trips(seed=5))
    again = gone.model_copy(update={"fingerprint": "landed again", "recorded_at": datetime.now(UTC)})
    publish(lake, str(gone.path), trips(seed=4))
    ledger.record_partition(again)
    assert removed(DATASET, ledger) == set()
    assert "fitted on" in fit(NAME, "2013-02-10", "test", None).sentence


def test_a_run_whose_data_was_removed_since_is_not_registered(
    installation: Path, lake: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody registered it for longer than a run is under way."""
    run = fitted("2013-02-10")
    STEPS["evaluate"].run(NAME, {"run": run})
    for gate in load_model(NAME).gates.names:
        STEPS["gate"].run(NAME, {"run": run, "gate": gate})
    replaced("2013-01-05", lake, ledger, seed=901)
    monkeypatch.setattr("include.lineage.garbage.UNDER_WAY", timedelta(0))
    collect(delete="yes")
    with pytest.raises(NotFound, match=r"versions of 2013-01-05 .* were replaced and then removed"):
        STEPS["register"].run(NAME, {"run": run})
    assert registry.known_models() == []


def test_a_run_shows_the_snapshots_it_stands_on(installation: Path) -> None:
    run = fitted("2013-02-10")
    STEPS["evaluate"].run(NAME, {"run": run})
    made, inputs = runs.manifest(run), mlflow.get_run(run).inputs.dataset_inputs
    shown = {one.tags[0].value: one.dataset for one in inputs}
    assert {context: one.digest for context, one in shown.items()} == {
        "training": made.training_snapshot[:36],
        "evaluation": made.held_out_snapshot[:36],
    }
    learnt_from = shown["training"]
    assert json.loads(learnt_from.source)["snapshot"] == made.training_snapshot
    assert json.loads(learnt_from.profile) == {
        "num_rows": 1200, "partitions": 30, "first": "2013-01-01", "last": "2013-01-30"
    }  # fmt: skip
    columns = {one["name"]: (one["type"], one["required"]) for one in json.loads(learnt_from.schema)["mlflow_colspec"]}
    assert columns == {"bus": ("long", True), "line": ("string", True), "late": ("double", False)}
    assert mlflow.data.get_source(learnt_from).uri.endswith("/lake/admitted/trips")
    found = mlflow.search_runs(search_all_experiments=True, filter_string=f"dataset.digest = '{learnt_from.digest}'")
    assert found["run_id"].tolist() == [run]


def test_a_run_is_fitted_on_what_the_lake_knew_at_a_moment(installation: Path, lake: Store, ledger: Ledger) -> None:
    before, first = datetime.now(UTC).isoformat(), runs.manifest(fitted("2013-02-10"))
    replaced("2013-01-05", lake, ledger, seed=901)
    assert runs.manifest(fitted("2013-02-10")).training_snapshot != first.training_snapshot
    again = runs.manifest(fitted("2013-02-10", known_at=before))
    assert (again.training_snapshot, again.predictions_hash) == (first.training_snapshot, first.predictions_hash)
    with pytest.raises(NotFound, match="no admitted partition"):
        fitted("2013-02-10", known_at="2013-02-10T00:00")


def test_the_lake_of_a_moment_is_told_and_what_changed_since(installation: Path, lake: Store, ledger: Ledger) -> None:
    before = datetime.now(UTC).isoformat()
    replaced("2013-01-05", lake, ledger, seed=901)
    admit("2013-02-10", lake, ledger, trips(seed=77))
    then = STEPS["snapshot"].run(DATASET, {"known_at": before})
    assert "40 partitions (1600 rows) from 2013-01-01 to 2013-02-09" in then.sentence
    now = STEPS["snapshot"].run(DATASET, {"since": before})
    assert "41 partitions (1640 rows) from 2013-01-01 to 2013-02-10" in now.sentence
    assert (now.facts["added"], now.facts["replaced"], now.facts["removed"]) == (1, 1, 0)
    assert now.facts["snapshot"] != then.facts["snapshot"]
    with pytest.raises(NotFound, match="trips had no admitted partition at 2013-02-10T00:00"):
        STEPS["snapshot"].run(DATASET, {"known_at": "2013-02-10T00:00"})
    with pytest.raises(NotFound, match="'yesterday' is no moment"):
        STEPS["snapshot"].run(DATASET, {"known_at": "yesterday"})

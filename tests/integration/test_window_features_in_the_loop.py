"""A model with window features goes through the whole loop: one reader for all that looks at rows."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from include.cli import train
from include.errors import BadData, NothingToDo
from include.evaluation import reference
from include.features.history import with_history
from include.features.windows import window_columns
from include.lake import Store
from include.lake.snapshot import Snapshot
from include.ledger import Ledger
from include.registry import registry, runs
from include.spec import load_model
from include.steps import STEPS, Result
from tests.declared import admit, declare, trips
from tests.integration.conftest import MODEL
from tests.landing import TRIPS, publish, published

NAME, DAYS = "trip_late", 40
WINDOWS = {
    "line_late_3d": {"aggregate": "mean", "of": "late", "by": ["line"], "window": "3d", "known_after": "1d"},
    "line_trips_2h": {"aggregate": "count", "by": ["line"], "window": "2h"},
}
DECLARED = {
    **MODEL,
    "features": {"numeric": ["bus", "line_late_3d", "line_trips_2h"], "categorical": ["line"]},
    "gates": {
        **MODEL["gates"],
        "calibration": {"max_error": 0.5},
        "robustness": {"missing_feature": 1, "missing_cells": 1, "unit_error": 1, "noise": 1},
    },
}
TREES = """
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline


def build_pipeline(params):
    numbers = ColumnTransformer([("numbers", "passthrough", ["bus", "line_late_3d", "line_trips_2h"])])
    return Pipeline([("columns", numbers), ("trees", HistGradientBoostingClassifier(max_iter=30, **params))])
"""


def spread(number: int) -> pa.Table:
    """Trips over the hours of their day."""
    start = np.datetime64("2013-01-01", "us") + np.timedelta64(number, "D")
    at = pa.array(start + np.arange(40) * np.timedelta64(30, "m"))
    table = trips(seed=number)
    return table.set_column(table.schema.get_field_index("at"), "at", at)


@pytest.fixture
def installation(models: Path, lake: Store, ledger: Ledger, tracking: str) -> Path:
    """Forty days, and a model with two window features."""
    folder = declare(models, model=DECLARED, contract=TRIPS, pipeline=TREES)
    folder.joinpath("features.yaml").write_text(yaml.safe_dump(WINDOWS))
    for number in range(DAYS):
        day = np.datetime64("2013-01-01") + np.timedelta64(number, "D")
        admit(str(day), lake, ledger, spread(number))
    return folder


def step(name: str, **arguments: str | None) -> Result:
    return STEPS[name].run(NAME, arguments)


def test_the_loop_of_a_model_with_window_features(installation: Path, lake: Store, ledger: Ledger) -> None:
    train(NAME, "2013-02-03", "test")
    run = registry.version(NAME, "1").run_id
    made, snapshots = runs.manifest(run), runs.snapshots(run)
    assert set(made.windows) == set(WINDOWS)
    assert [entry.key for entry in snapshots.held_out.history] == [f"2013-01-{day}" for day in range(19, 24)]
    assert "line_late_3d" in reference.load(NAME, run, lake).features.counts
    step("smoke-test", version="1")
    step("promote", version="1")
    for day in range(3, 10):
        scored = step("score", key=f"2013-02-0{day}")
    table = pq.read_table(pa.BufferReader(lake.read_bytes(str(scored.facts["path"]))))
    assert np.isfinite(table["line_late_3d"].to_numpy()).all()
    verdict = json.loads(lake.read_bytes(str(step("assess", key="2013-02-09").evidence)))
    assert {"line_late_3d", "line_trips_2h"} <= {one["feature"] for one in verdict["drifts"]}
    assert lake.exists(str(step("report", key="2013-02-09").evidence))
    train(NAME, "2013-02-09", "again")  # the champion is scored on the same rows
    assert registry.known_versions(NAME) == ["1", "2"]


def test_training_and_scoring_see_the_same_numbers(installation: Path, lake: Store, ledger: Ledger) -> None:
    """What a row was scored with is, to the bit, what a later training reads of it."""
    train(NAME, "2013-02-03", "test")
    step("promote", version="1")
    scored = step("score", key="2013-02-03")
    said = pq.read_table(pa.BufferReader(lake.read_bytes(str(scored.facts["path"]))))
    spec = load_model(NAME)
    later = with_history(
        Snapshot.of("trips", ledger.admitted("trips", "2013-01-28", "2013-02-09")), spec.windows, spec.contract, ledger
    )
    begin = sum(entry.rows for entry in later.entries if entry.key < "2013-02-03")
    for name, values in window_columns(spec.windows, spec.contract, later, lake).items():
        assert (values[begin : begin + 40].view(np.int64) == said[name].to_numpy().view(np.int64)).all()


def test_a_feature_that_means_something_else_needs_another_name(
    installation: Path, lake: Store, ledger: Ledger
) -> None:
    train(NAME, "2013-02-03", "test")
    step("promote", version="1")
    other = {**WINDOWS, "line_trips_2h": {**WINDOWS["line_trips_2h"], "window": "4h"}}
    installation.joinpath("features.yaml").write_text(yaml.safe_dump(other))
    with pytest.raises(BadData, match="learnt from another line_trips_2h than"):
        step("score", key="2013-02-03")
    with pytest.raises(BadData, match="champion v1 was trained with another line_trips_2h than"):
        train(NAME, "2013-02-09", "test")


def test_served_features_are_replayed_and_a_difference_is_an_alarm(
    installation: Path, lake: Store, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERENNIAL_ONLINE_STORE", f"sqlite:///{tmp_path / 'online.db'}")
    train(NAME, "2013-02-03", "test")
    step("promote", version="1")
    with pytest.raises(NothingToDo, match="no predictions for 2013-02-09 yet"):
        step("check-features", key="2013-02-09")
    step("score", key="2013-02-09")
    assert "online store not asked: The online store holds nothing" in step("check-features", key="2013-02-09").sentence
    filled = STEPS["materialise-features"].run("trips", {"key": "2013-02-08"})
    assert (filled.announces, filled.facts["newest"]) == (("2013-02-08",), "2013-02-09")
    equal = step("check-features", key="2013-02-09")
    assert "2 window features the same to the bit when read again; online store answers for 40" in equal.sentence
    admit("2013-02-07", lake, ledger, spread(99))
    with pytest.raises(
        BadData, match=r"line_late_3d differs in \d+ as scored and \d+ online\. Either a day was"
    ) as told:
        step("check-features", key="2013-02-09")
    assert lake.exists(str(told.value.evidence))
    outcomes = [one.outcome for one in ledger.decisions(NAME, kind="feature_check")]
    assert outcomes == ["equal", "equal", "differs"]
    STEPS["materialise-features"].run("trips", {"key": "2013-02-07"})
    path = str(step("score", key="2013-02-09").facts["path"])
    assert "the same to the bit" in step("check-features", key="2013-02-09").sentence
    whole = published(lake, path)
    publish(lake, path, whole.slice(1))
    with pytest.raises(BadData, match="has 39 rows, 40 are on record"):
        step("check-features", key="2013-02-09")
    publish(lake, path, whole.drop_columns(list(WINDOWS)))
    with pytest.raises(BadData, match="was scored before it had these features"):
        step("check-features", key="2013-02-09")

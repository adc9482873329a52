"""A model of three classes goes the whole way: fitted, judged, released, scored, watched and reported."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from include.cli import train
from include.errors import BadData, NothingToDo
from include.evaluation import evidence, reference
from include.lake import Store, layout
from include.lake.profile import CategoryProfile, Profile
from include.ledger import Ledger
from include.registry import registry
from include.spec import load_model
from include.steps import STEPS, Result
from tests.declared import LATE, admit, declare, trips
from tests.landing import TRIPS

NAME, KEYS = "trip_size", [f"2013-01-{day:02}" for day in range(1, 32)] + [f"2013-02-{day:02}" for day in range(1, 10)]
SIZES = ["small", "medium", "large"]
SIZE = {"size": {"type": "string", "one_of": SIZES, "nullable": True}}
MODEL = {
    **LATE,
    "task": "multiclass",
    "target": {"column": "size", "classes": SIZES},
    "features": {"numeric": ["bus"], "categorical": ["line"]},
    "training": {"held_out_days": 10, "min_rows": 50},
    "gates": {
        "champion_comparison": {"metric": "accuracy", "margin": 0.1},
        "calibration": {"max_error": 0.3, "max_increase": 0.2},
        "robustness": {"unit_error": 2},  # one feature says nearly all: in another unit it says the wrong thing
        "leakage": {"max_strength": 1},
    },
    "monitoring": {"min_rows": 20},
}


def step(name: str, **arguments: str | None) -> Result:
    return STEPS[name].run(NAME, arguments)


def sized(seed: int, shift: int = 0, cuts: tuple[float, float] = (17, 34)) -> pa.Table:
    """A day of trips: the number of the bus says how large it is, give or take a little; of some nobody knows."""
    table, random = trips(seed=seed, shift=shift), np.random.default_rng(seed)
    size = np.digitize(table["bus"].to_numpy() + random.normal(0, 4, len(table)), cuts)
    return table.append_column("size", pa.array(np.array(SIZES)[size], mask=random.random(len(table)) < 0.05))


def admit_all(lake: Store, ledger: Ledger, **changes: Any) -> None:
    for number, key in enumerate(KEYS):
        admit(key, lake, ledger, sized(number, **changes), columns=SIZE)


@pytest.fixture
def installation(models: Path, lake: Store, ledger: Ledger, tracking: str) -> Path:
    """Forty admitted days, the newest 2013-02-09."""
    folder = declare(models, NAME, model=MODEL, contract={**TRIPS, "columns": {**TRIPS["columns"], **SIZE}})
    admit_all(lake, ledger)
    return folder


def released(as_of: str, version: str) -> None:
    train(NAME, as_of, "test")
    step("smoke-test", version=version)
    step("promote", version=version)


def test_two_versions_are_judged_on_a_probability_per_class_and_become_champion(
    installation: Path, ledger: Ledger, lake: Store
) -> None:
    released("2013-02-09", "1")
    released("2013-02-10", "2")
    assert registry.aliased(NAME, "champion") == "2"
    found = evidence.load(NAME, registry.version(NAME, "2").run_id, lake)
    assert found.challenger.shape == (found.summary.rows, 3)
    assert found.champion is not None
    assert found.champion.shape == found.challenger.shape
    assert (found.challenger.argmax(axis=1) == found.target).mean() == found.summary.challenger_metrics[
        "accuracy"
    ].value
    assert found.summary.challenger_metrics["accuracy"].value > 0.7
    assert found.summary.calibration is not None
    assert [view.view for view in found.summary.calibration] == ["top_label", "classwise"]
    decided = {one.subject.partition("/")[2] for one in ledger.decisions(NAME, kind="gate")}
    assert decided == set(load_model(NAME).gates.names)
    assert "calibration" in decided


def test_scores_verdicts_and_reports_speak_of_classes_by_name(installation: Path, ledger: Ledger, lake: Store) -> None:
    released("2013-02-03", "1")
    profile = reference.load(NAME, registry.version(NAME, "1").run_id, lake).profile
    assert isinstance(profile.columns["prediction"], CategoryProfile)
    assert set(profile.columns["prediction"].counts) == set(SIZES)
    for day in range(3, 10):
        path = str(step("score", key=f"2013-02-0{day}").facts["path"])
    check_scores(pq.read_table(pa.BufferReader(lake.read_bytes(path))))
    assert step("assess", key="2013-02-09").facts["tier"] in {"ok", "warn"}
    report = lake.read_bytes(str(step("report", key="2013-02-09").evidence))
    assert b"<html" in report[:2000].lower()
    assert b"prediction" in report
    check_drift(lake, ledger)


def check_scores(scores: pa.Table) -> None:
    """The likeliest class by name, and a column of probabilities for each."""
    assert scores.column_names == [
        "prediction_id", "at", "bus", "model_version", "prediction", *(f"probability_{name}" for name in SIZES),
    ]  # fmt: skip
    each = np.column_stack([scores[f"probability_{name}"].to_numpy() for name in SIZES])
    np.testing.assert_allclose(each.sum(axis=1), 1)
    assert scores["prediction"].to_pylist() == [SIZES[place] for place in each.argmax(axis=1)]
    assert scores["prediction"].to_pylist()[int(scores["bus"].to_numpy().argmax())] == "large"


def check_drift(lake: Store, ledger: Ledger) -> None:
    """A week of predictions that all are one class is critical."""
    for number in range(7):
        admit(f"2013-03-0{number + 1}", lake, ledger, sized(50 + number, shift=60), columns=SIZE)
        path = str(step("score", key=f"2013-03-0{number + 1}").facts["path"])
    scored = Profile.from_json(lake.read_bytes(layout.profile(path)))
    assert isinstance(scored.columns["prediction"], CategoryProfile)
    assert scored.columns["prediction"].counts == {"large": 40}
    verdict = step("assess", key="2013-03-07")
    assert verdict.facts["tier"] == "critical"
    assert "prediction" in verdict.sentence


def test_a_class_that_training_never_saw_has_no_probability_and_is_judged(
    models: Path, lake: Store, ledger: Ledger, tracking: str
) -> None:
    """Until February every bus is small or large; since then some are medium, and the model is refused for it."""
    declare(models, NAME, model=MODEL, contract={**TRIPS, "columns": {**TRIPS["columns"], **SIZE}})
    for number, key in enumerate(KEYS):
        admit(key, lake, ledger, sized(number, cuts=(25, 25) if key < "2013-01-31" else (17, 34)), columns=SIZE)
    with pytest.raises(NothingToDo, match="is refused by"):
        train(NAME, "2013-02-10", "test")
    run = ledger.decisions(NAME, kind="registration")[-1].subject
    found = evidence.load(NAME, run, lake)
    assert set(found.challenger[:, 1]) == {0.0}
    assert {0.0, 1.0, 2.0} == set(found.target)


def test_a_class_that_was_not_declared_stops_the_training_by_name(
    installation: Path, ledger: Ledger, lake: Store
) -> None:
    declared = installation / "model.yaml"
    declared.write_text(yaml.safe_dump({**MODEL, "target": {"column": "size", "classes": ["small", "large"]}}))
    with pytest.raises(BadData, match=r"trip_size: target size holds medium; target\.classes are small, large"):
        step("fit", as_of="2013-02-10", reason="test")

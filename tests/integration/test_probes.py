"""The probes of an evaluation on a real lake, ledger and registry: what they store, and what the gates make of it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from include.cli import train
from include.errors import BadData, NothingToDo
from include.evaluation import evidence, reference
from include.lake import Store
from include.ledger import Ledger, PartitionRecord
from include.registry import registry
from include.steps import STEPS
from tests.declared import trips
from tests.integration.conftest import MODEL

NAME = "trip_late"
UNTAUGHT = '''"""Tells low numbers from high ones and never looks at a label."""

from sklearn.mixture import GaussianMixture
from sklearn.pipeline import Pipeline


def build_pipeline(params):
    return Pipeline([("halves", GaussianMixture(2, means_init=[[1.0], [50.0]], **params))])
'''


def declare(folder: Path, **changes: Any) -> None:
    (folder / "model.yaml").write_text(yaml.safe_dump({**MODEL, **changes}))


def probes(run: str, lake: Store) -> Any:
    return evidence.load_summary(NAME, run, lake).probes


def test_every_probe_leaves_its_findings_in_the_evidence(installation: Path, lake: Store, ledger: Ledger) -> None:
    train(NAME, "2013-02-09", "test")
    STEPS["promote"].run(NAME, {"version": "1", "actor": "test", "reason": "test"})
    ledger.record_partition(
        PartitionRecord(dataset="trips", key="2013-01-05", fingerprint="late", status="quarantined", reason="torn")
    )
    train(NAME, "2013-02-10", "test")
    first, second = (probes(registry.version(NAME, number).run_id, lake) for number in ("1", "2"))
    assert first.window_data.distance is None
    assert (second.window_data.distance.version, second.window_data.problem) == ("1", None)
    assert [one.feature for one in second.window_data.distance.drift] != []
    assert second.window_data.days.expected == first.window_data.days.expected + 1 == 30
    assert second.window_data.days.quarantined == ()  # the admitted version still counts
    unlabelled = sum(trips(seed=number)["late"].null_count for number in range(30))
    assert (second.window_data.rows, second.window_data.unlabelled_rows) == (1200, unlabelled)
    assert set(second.robustness.importance) == {"bus", "line"}
    assert 0.8 < second.leakage.strengths["bus"] < 0.99
    assert second.leakage.shuffled < 0.1
    assert second.resources.costs.batch_rows == second.round_trip.rows == second.robustness.rows
    assert second.round_trip.fitted == second.round_trip.stored
    assert second.robustness != first.robustness


def test_a_champion_without_a_profile_cannot_be_compared(installation: Path, lake: Store, ledger: Ledger) -> None:
    train(NAME, "2013-02-09", "test")
    STEPS["promote"].run(NAME, {"version": "1", "actor": "test", "reason": "test"})
    champion = registry.version(NAME, "1").run_id
    lake.delete(f"{evidence.folder(NAME, champion)}/reference.json")
    run = str(STEPS["fit"].run(NAME, {"as_of": "2013-02-10", "reason": "test"}).facts["run"])
    STEPS["evaluate"].run(NAME, {"run": run})
    with pytest.raises(BadData, match=r"the training window of champion v1 could not be compared: .*has no reference"):
        STEPS["gate"].run(NAME, {"run": run, "gate": "training_data"})
    assert reference.load(NAME, run, lake).profile.rows == 1200


def test_a_pipeline_that_knows_the_answers_without_labels_is_refused(installation: Path, lake: Store) -> None:
    declare(installation, features={"numeric": ["bus"]})
    (installation / "pipeline.py").write_text(UNTAUGHT)
    run = str(STEPS["fit"].run(NAME, {"as_of": "2013-02-10", "reason": "test"}).facts["run"])
    STEPS["evaluate"].run(NAME, {"run": run})
    with pytest.raises(NothingToDo, match=r"order known by fits on shuffled labels is 0\.8\d+, required <= 0\.1"):
        STEPS["gate"].run(NAME, {"run": run, "gate": "leakage"})

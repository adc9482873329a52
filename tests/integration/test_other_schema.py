"""A champion of another time: scored on its own columns while there are any, and a clear verdict where not."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from include.cli import train
from include.errors import BadData, PerennialError
from include.evaluation import evidence
from include.lake import Store
from include.ledger import Ledger
from include.steps import STEPS
from tests.integration.conftest import MODEL

NAME = "trip_late"
AS_OF, LATER = "2013-02-08", "2013-02-10"


@pytest.fixture
def folder(installation: Path) -> Path:
    """A champion that was trained on `bus` and `line`."""
    train(NAME, AS_OF, "test")
    STEPS["promote"].run(NAME, {"version": "1", "reason": "test", "actor": "test"})
    return installation


def redeclare(folder: Path, file: str = "model.yaml", **changes: Any) -> None:
    declared = yaml.safe_load((folder / file).read_text())
    (folder / file).write_text(yaml.safe_dump({**declared, **changes}))


def judged(store: Store) -> evidence.Evidence:
    run = str(STEPS["fit"].run(NAME, {"as_of": LATER, "reason": "test"}).facts["run"])
    STEPS["evaluate"].run(NAME, {"run": run})
    return evidence.load(NAME, run, store)


def test_a_champion_of_other_features_is_scored_on_its_own(folder: Path, lake: Store, ledger: Ledger) -> None:
    before = judged(lake)
    redeclare(folder, features={"numeric": ["full", "bus"], "categorical": []})
    after = judged(lake)
    assert after.champion is not None
    assert before.champion is not None
    assert after.champion.tolist() == before.champion.tolist()
    assert after.challenger.tolist() != before.champion.tolist()
    assert after.summary.champion_problem is None


def test_a_champion_whose_column_is_gone_is_an_error_that_says_which(folder: Path, lake: Store) -> None:
    contract = yaml.safe_load((folder / "contract.yaml").read_text())
    contract["columns"].pop("line")
    (folder / "contract.yaml").write_text(yaml.safe_dump(contract))
    redeclare(folder, features={"numeric": ["bus"], "categorical": []})
    refuses_to_compare(lake, "champion v1 needs line, which the contract no longer has")


def test_a_champion_that_answers_another_question_is_an_error_that_says_both(folder: Path, lake: Store) -> None:
    redeclare(folder, target={"column": "late", "above": 25})
    refuses_to_compare(lake, "champion v1 answers another question: binary late above 15, and model.yaml now asks for")


def refuses_to_compare(store: Store, why: str) -> None:
    found = judged(store)
    assert found.champion is None
    assert found.summary.champion_version == "1"
    assert found.summary.champion_metrics is None
    run = found.summary.run_id
    with pytest.raises(BadData, match=why):
        STEPS["gate"].run(NAME, {"run": run, "gate": "champion_comparison"})
    outcomes = {"absolute_floor": decided(run, "absolute_floor"), "not_degenerate": decided(run, "not_degenerate")}
    assert outcomes == {"absolute_floor": True, "not_degenerate": True}


def decided(run: str, gate: str) -> bool:
    try:
        STEPS["gate"].run(NAME, {"run": run, "gate": gate})
    except PerennialError:
        return False
    return True


def test_the_declared_model_of_these_tests_has_the_columns_they_speak_of() -> None:
    assert MODEL["features"] == {"numeric": ["bus"], "categorical": ["line"]}

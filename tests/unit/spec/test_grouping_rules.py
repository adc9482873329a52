"""What an owner may say of slices and fairness, and what is refused, with the choices there are."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from include.errors import SpecError
from include.spec import ChampionComparison, Fairness, Gates, Slices, load_model
from tests.declared import LATE, declare, spec
from tests.landing import TRIPS


def test_slices_are_compared_like_the_whole_unless_their_owner_says_otherwise() -> None:
    assert spec().gates.slices.model_dump() == {
        "columns": (), "edges": {}, "metric": "auc", "margin": 0.01, "floor": None, "false_discovery_rate": 0.05,
        "min_rows": 200, "min_coverage": 0.5,
    }  # fmt: skip
    own = {"champion_comparison": {"metric": "brier", "margin": 0.002}, "slices": {"columns": ["line"]}}
    found = spec(gates=own).gates.slices
    assert (found.metric, found.margin, found.columns) == ("brier", 0.002, ("line",))
    lenient = spec(gates={**own, "slices": {"margin": 0.005}}).gates.slices
    assert (lenient.metric, lenient.margin) == ("brier", 0.005)


@pytest.mark.parametrize(
    ("comparison", "margin"),
    [
        ({"policy": "non_inferior", "margin": 0.02}, 0.02),
        ({"policy": "better_by_margin", "margin": 0.02}, 0.0),
        ({"policy": "significantly_better"}, 0.0),
    ],
)
def test_only_a_loss_that_the_whole_may_have_is_allowed_to_slices(comparison: dict[str, Any], margin: float) -> None:
    whole = ChampionComparison.model_validate({"metric": "auc", **comparison})
    found = Gates.model_validate({"absolute_floor": {"auc": 0.6}, "champion_comparison": whole}).slices
    assert (found.metric, found.margin) == ("auc", margin)


def test_slices_that_are_given_as_they_are_stay_so() -> None:
    made = Slices(metric="brier", margin=0.3)
    given = {"absolute_floor": {"auc": 0.6}, "champion_comparison": {"metric": "auc"}, "slices": made}
    assert Gates.model_validate(given).slices is made


def test_fairness() -> None:
    assert Fairness().model_dump() == {
        "columns": (), "edges": {}, "decision_threshold": 0.5, "max_gap": 0.1, "max_increase": 0.05,
        "confidence": 0.95, "min_rows": 200, "min_positives": 50,
    }  # fmt: skip


def test_the_gate_of_fairness_is_there_where_columns_are_declared() -> None:
    assert "fairness" not in spec().gates.names
    assert "slices" in spec().gates.names
    assert "fairness" in spec(gates={"fairness": {"columns": ["line"]}}).gates.names


def test_slices_of_a_text_a_number_a_flag_and_fairness_of_a_personal_column() -> None:
    gates = {
        "slices": {"columns": ["line", "bus", "full"], "edges": {"bus": [10, 20]}},
        "fairness": {"columns": ["driver", "bus"], "edges": {"bus": [25]}},
    }
    declared = spec(gates=gates).gates
    assert declared.slices.edges == {"bus": (10.0, 20.0)}
    assert declared.fairness.columns == ("driver", "bus")


LACKS, BELONGS = "names 'lime', which the contract lacks. Choices:", "which columns does not name: line"
TARGET = "names 'late', which is the target: nobody knows it when a prediction is made"


@pytest.mark.parametrize(
    ("gates", "said"),
    [
        ({"slices": {"columns": ["lime"]}}, f"gates.slices.columns {LACKS} bus, full, line."),
        ({"fairness": {"columns": ["lime"]}}, f"gates.fairness.columns {LACKS} bus, driver, full, line."),
        ({"slices": {"columns": ["line", "late"]}}, f"gates.slices.columns {TARGET}"),
        ({"fairness": {"columns": ["late"]}}, f"gates.fairness.columns {TARGET}"),
        ({"slices": {"columns": ["at"]}}, "'at', which is a timestamp"),
        ({"slices": {"columns": ["driver"]}}, "'driver', which is personal: gates.fairness may name it"),
        ({"slices": {"columns": ["line", "bus", "line"]}}, "columns lists twice: line"),
        ({"slices": {"columns": ["line"], "edges": {"bus": [1]}}}, f"edges cuts 'bus', {BELONGS}"),
        ({"slices": {"columns": ["line"], "edges": {"line": [1]}}}, "gates.slices.edges cuts 'line' of type string"),
        ({"fairness": {"columns": ["full"], "edges": {"full": [1]}}}, "gates.fairness.edges cuts 'full' of type bool"),
        ({"slices": {"columns": ["bus"], "edges": {"bus": []}}}, "edges of 'bus' must ascend"),
        ({"slices": {"columns": ["bus"], "edges": {"bus": [2, 1]}}}, "edges of 'bus' must ascend"),
        ({"slices": {"columns": ["bus"], "edges": {"bus": [2, 2]}}}, "edges of 'bus' must ascend"),
        ({"slices": {"metric": "brier"}}, "key 'gates.slices.margin' is missing"),
        ({"slices": {"metric": "mae", "margin": 1}}, "gate metric 'mae' is not for task binary. Choices: auc"),
        ({"slices": {"column": ["line"]}}, "key 'gates.slices.column' is unknown. Did you mean 'columns'?"),
        ({"champion_comparison": {"metric": "acu"}}, "key 'gates.champion_comparison.metric' has value 'acu'"),
    ],
)
def test_what_is_refused_says_which_key_and_what_there_is(tmp_path: Path, gates: dict[str, Any], said: str) -> None:
    declare(tmp_path, model={**LATE, "gates": gates}, contract=TRIPS)
    with pytest.raises(SpecError) as refusal:
        load_model("trip_late", tmp_path)
    assert said in str(refusal.value)
    assert str(refusal.value).count("key '") <= 1


@pytest.mark.parametrize(
    ("kind", "key", "taken", "refused"),
    [
        (Slices, "margin", 0, -0.1),
        (Slices, "false_discovery_rate", 0.01, 0),
        (Slices, "false_discovery_rate", 0.49, 0.5),
        (Slices, "min_rows", 1, 0),
        (Slices, "min_coverage", 0, -0.1),
        (Slices, "min_coverage", 1, 1.1),
        (Fairness, "decision_threshold", 0.01, 0),
        (Fairness, "decision_threshold", 0.99, 1),
        (Fairness, "max_gap", 0.01, 0),
        (Fairness, "max_increase", 0, -0.1),
        (Fairness, "confidence", 0.51, 0.5),
        (Fairness, "confidence", 0.99, 1),
        (Fairness, "min_rows", 1, 0),
        (Fairness, "min_positives", 1, 0),
    ],
)
def test_a_limit_may_go_so_far_and_no_further(kind: Any, key: str, taken: float, refused: float) -> None:
    rest = {"metric": "auc", "margin": 0.0} if kind is Slices else {}
    assert getattr(kind.model_validate({**rest, key: taken}), key) == taken
    with pytest.raises(ValidationError, match=key):
        kind.model_validate({**rest, key: refused})

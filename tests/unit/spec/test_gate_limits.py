"""How far each number of a gate may be set: to where it means something, and no further."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from include.spec import Gates
from include.spec.gates import with_defaults
from tests.declared import spec

ELSEWHERE = {"absolute_floor", "champion_comparison", "slices", "fairness"}  # each has tests of its own
Taken, Refused = tuple[float, ...], tuple[float, ...]
ANY_ABOVE_NOUGHT: tuple[Taken, Refused] = ((0.001, 9e9), (0, -1))
ANY_FROM_NOUGHT: tuple[Taken, Refused] = ((0, 9e9), (-0.001,))
SHARE: tuple[Taken, Refused] = ((0, 1), (-0.001, 1.001))
SHARE_ABOVE_NOUGHT: tuple[Taken, Refused] = ((0.001, 1), (0, 1.001))
INNER_SHARE: tuple[Taken, Refused] = ((0.001, 0.999), (0, 1))
SURER_THAN_NOT: tuple[Taken, Refused] = ((0.501, 0.999), (0.5, 1))
COUNT: tuple[Taken, Refused] = ((1, 999), (0, -1))
LIMITS = {
    "calibration.max_error": INNER_SHARE,
    "calibration.max_increase": INNER_SHARE,
    "calibration.confidence": SURER_THAN_NOT,
    "calibration.min_rows": COUNT,
    "robustness.missing_feature": ANY_FROM_NOUGHT,
    "robustness.missing_cells": ANY_FROM_NOUGHT,
    "robustness.unseen_category": ANY_FROM_NOUGHT,
    "robustness.unit_error": ANY_FROM_NOUGHT,
    "robustness.noise": ANY_FROM_NOUGHT,
    "leakage.max_strength": SHARE_ABOVE_NOUGHT,
    "leakage.max_optimism": SHARE_ABOVE_NOUGHT,
    "leakage.max_shuffled": SHARE_ABOVE_NOUGHT,
    "not_degenerate.min_relative_spread": INNER_SHARE,
    "reference_sanity.max_mean_abs_difference": ANY_ABOVE_NOUGHT,
    "reference_sanity.renew_after": COUNT,
    "resources.max_single_p99_ms": ANY_ABOVE_NOUGHT,
    "resources.max_batch_p99_ms": ANY_ABOVE_NOUGHT,
    "resources.max_peak_mb": ANY_ABOVE_NOUGHT,
    "resources.max_artifact_mb": ANY_ABOVE_NOUGHT,
    "resources.max_load_seconds": ANY_ABOVE_NOUGHT,
    "training_data.max_missing_share": SHARE,
    "training_data.max_warned_share": SHARE,
    "training_data.max_unlabelled_share": SHARE,
    "training_data.max_drift": ANY_ABOVE_NOUGHT,
}


def declared(path: str, value: float) -> float:
    """The number as the gate gets it, when a model says so."""
    gate, key = path.split(".")
    rule: BaseModel = getattr(spec(gates={gate: {key: value}}).gates, gate)
    return float(getattr(rule, key))


def test_the_table_has_every_number_of_every_gate() -> None:
    gates = spec().gates
    numbers = {
        f"{name}.{key}"
        for name in Gates.model_fields
        if name not in ELSEWHERE
        for key in type(getattr(gates, name)).model_fields
    }
    assert set(LIMITS) == numbers


@pytest.mark.parametrize(("path", "limits"), LIMITS.items())
def test_a_number_may_go_to_its_limit_and_no_further(path: str, limits: tuple[Taken, Refused]) -> None:
    taken, refused = limits
    assert [declared(path, value) for value in taken] == list(taken)
    for value in refused:
        with pytest.raises(ValidationError, match=rf"gates\.{path}"):
            declared(path, value)


@pytest.mark.parametrize(
    ("task", "gates"), [("guess", {"absolute_floor": {"auc": 0.9}}), ("binary", ["absolute_floor"]), (None, {})]
)
def test_what_cannot_be_completed_is_left_as_it_was_declared(task: object, gates: Any) -> None:
    assert with_defaults(task, gates) is gates
    completed = with_defaults("binary", {})
    assert isinstance(completed, dict)
    assert set(completed) == {"absolute_floor", "champion_comparison", "calibration"}

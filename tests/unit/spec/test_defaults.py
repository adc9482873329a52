"""What an owner gets who says nothing: changing a default changes every model, so each one is written down here."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from include.spec import (
    ChampionComparison,
    ContractSpec,
    KubernetesPlace,
    Landing,
    ModelSpec,
    Monitoring,
    Release,
    RolloutRules,
    RowBounds,
    Search,
    Training,
)
from tests.declared import spec


def test_training() -> None:
    assert spec().training.model_dump() == {
        "schedule": "0 6 * * 1", "history_days": None, "held_out_days": 14, "min_rows": 500, "parameters": {},
        "search": None, "recalibrate": "none", "recalibrate_share": 0.2, "seed": 7, "wait_hours": 6, "place": "local",
    }  # fmt: skip


def test_search() -> None:
    assert Search.model_validate({"space": {"C": {"choices": [1, 2]}}}).model_dump() == {
        "space": {"C": {"type": None, "min": None, "max": None, "log": False, "choices": (1, 2)}},
        "trials": 20, "minutes": None, "folds": 3, "metric": None, "pruning": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "floor", "comparison"),
    [
        ({}, {"auc": 0.55}, ("auc", 0.01)),
        (
            {"task": "multiclass", "target": {"column": "line", "classes": ["red", "blue"]}},
            {"auc": 0.55},
            ("auc", 0.01),
        ),
        ({"task": "regression", "target": {"column": "late"}}, {"r2": 0.0}, ("r2", 0.01)),
    ],
)
def test_gates_that_depend_on_the_task(
    changes: dict[str, Any], floor: dict[str, float], comparison: tuple[str, float]
) -> None:
    changes = {**changes, "features": {"numeric": ["bus"]}}
    gates = spec(**changes).gates
    assert gates.absolute_floor == floor
    assert (gates.champion_comparison.metric, gates.champion_comparison.margin) == comparison


def test_the_other_gates() -> None:
    declared = spec().gates.model_dump(exclude={"absolute_floor", "champion_comparison", "slices", "fairness"})
    assert declared == {
        "not_degenerate": {"min_relative_spread": 0.05},
        "reference_sanity": {"max_mean_abs_difference": 0.1, "renew_after": 26},
        "calibration": {"max_error": 0.1, "max_increase": 0.03, "confidence": 0.95, "min_rows": 200},
        "round_trip": {},
        "robustness": {
            "missing_feature": 1.0, "missing_cells": 0.3, "unseen_category": 0.5, "unit_error": 1.0, "noise": 0.1,
        },
        "leakage": {"max_strength": 0.6, "max_optimism": 0.5, "max_shuffled": 0.1},
        "resources": {
            "max_single_p99_ms": 100, "max_batch_p99_ms": 1000, "max_peak_mb": 512, "max_artifact_mb": 500,
            "max_load_seconds": 30,
        },
        "training_data": {
            "max_missing_share": 0.1, "max_warned_share": 0.5, "max_unlabelled_share": 0.5, "max_drift": 3.0,
        },
    }  # fmt: skip


def test_the_comparison_with_the_champion() -> None:
    assert ChampionComparison(metric="auc").model_dump() == {
        "policy": "non_inferior", "metric": "auc", "margin": 0.0, "confidence": 0.95, "method": "block_bootstrap",
        "block": "day", "power": 0.8, "yearly_false_promotions": 3.0, "held_out_uses": 5,
    }  # fmt: skip


def test_release_and_label_delay() -> None:
    assert spec().release.model_dump() == {"approval": True, "approval_timeout_hours": 24, "rollout": None}
    assert spec().label_delay_days == 0


def test_a_rollout() -> None:
    assert RolloutRules().model_dump() == {
        "shadow_requests": 200, "shares": (0.05, 0.2, 0.5, 1.0), "min_requests": 200, "min_minutes": 1.0,
        "max_hours": 24.0, "worse_errors": 0.01, "worse_loss": 0.02, "other_answers": 0.2, "false_stop": 0.05,
        "miss": 0.05, "load_requests": 500, "load_clients": 4, "load_factor": 1.0,
        "slo": {"p99_ms": 100.0, "error_rate": 0.01, "memory_mb": 1000.0},
    }  # fmt: skip


def test_monitoring() -> None:
    assert spec().monitoring.model_dump() == {
        "window_days": 7, "warn": 0.1, "alert": 0.2, "critical": 0.3, "violations": 3, "of_windows": 5,
        "cool_down_days": 14, "seasonal": (), "min_rows": 200, "max_age_hours": None, "leave_after": 3,
        "performance_days": 14,
        "requests_per_month": 3, "calendar": (), "roll_back": False,
        "reference": "training", "reference_days": 28, "harmless": 0.05, "false_alarms_per_year": 2,
    }  # fmt: skip


def test_a_contract() -> None:
    declared = {
        "dataset": "d", "owner": "o", "event_time": "t", "keys": ["t"], "columns": {"t": {"type": "timestamp"}},
    }  # fmt: skip
    made = ContractSpec.model_validate(declared)
    assert made.partition_format == "%Y-%m-%d"
    assert made.landing.model_dump() == {"uri": None, "marker": "_SUCCESS", "rest_seconds": 60}
    assert made.rows.model_dump() == {
        "min": 1, "max": None, "min_of_baseline": None, "max_of_baseline": None, "severity": "fail",
    }  # fmt: skip
    assert made.freshness.model_dump() == {
        "early_hours": None, "late_hours": None, "max_age_hours": None, "severity": "fail",
    }  # fmt: skip
    assert made.baseline.model_dump() == {"partitions": 28, "min_partitions": 7}
    assert made.evolution.model_dump() == {"new_columns": "warn"}
    assert made.exceptions == ()


def test_a_pod() -> None:
    assert KubernetesPlace(image="i").model_dump() == {
        "image": "i", "namespace": "default", "cpu": "1", "memory": "2Gi", "service_account": None,
        "secret": "perennial",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "key", "least", "below"),
    [
        (Training, "history_days", 1, 0),
        (Training, "held_out_days", 1, 0),
        (Training, "min_rows", 1, 0),
        (Training, "wait_hours", 0, -0.1),
        (Release, "approval_timeout_hours", 0.1, 0),
        (Monitoring, "window_days", 1, 0),
        (Monitoring, "warn", 0.01, 0),
        (Monitoring, "violations", 1, 0),
        (Monitoring, "cool_down_days", 0, -1),
        (Monitoring, "min_rows", 1, 0),
        (Monitoring, "reference_days", 2, 1),
        (Monitoring, "harmless", 0, -0.01),
        (Monitoring, "harmless", 1, 1.01),
        (Monitoring, "false_alarms_per_year", 0.01, 0),
        (RowBounds, "min", 0, -1),
        (Landing, "rest_seconds", 0.1, 0),
    ],
)
def test_a_number_may_go_to_its_limit_and_no_further(
    kind: type[BaseModel], key: str, least: float, below: float
) -> None:
    assert getattr(kind.model_validate({key: least}), key) == least
    with pytest.raises(ValidationError, match=key):
        kind.model_validate({key: below})


def test_row_bounds_may_be_one_and_windows_one_of_one() -> None:
    assert RowBounds(min=0, max=1).max == 1
    assert Monitoring(violations=1, of_windows=1).of_windows == 1
    with pytest.raises(ValidationError):
        RowBounds(min=0, max=0)
    assert set(ModelSpec.model_fields) >= {"training", "gates", "release", "monitoring"}

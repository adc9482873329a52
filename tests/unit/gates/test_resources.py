"""Resources: every cost at its limit and beyond, and probes that did not end well."""

from typing import Any

import pytest

from include.evaluation.probes import Probes
from include.evaluation.resources import Costs, Resources
from include.gates import resources
from include.gates.result import GateResult, Status
from include.spec import Resources as Rule
from tests.evaluations import GOOD, NAN, TARGET, held_out

SOUND: dict[str, Any] = {
    "single_p50_ms": 3, "single_p99_ms": 4, "batch_rows": 1000, "batch_p50_ms": 7, "batch_p99_ms": 9,
    "load_seconds": 0.05, "waited_share": 0.2, "artifact_mb": 1, "libraries_mb": 230, "peak_mb": 240,
}  # fmt: skip
LIMITS = {"single_p99_ms": 100, "batch_p99_ms": 1000, "peak_mb": 512, "artifact_mb": 500, "load_seconds": 30}


def decided(found: Resources | None = None, rule: Rule | None = None, **changes: Any) -> GateResult:
    measured = found or Resources(costs=Costs.model_validate({**SOUND, **changes}))
    return resources.decide(held_out(TARGET, GOOD, probes=Probes(resources=measured)), rule or Rule())


@pytest.mark.parametrize(("cost", "limit"), LIMITS.items())
@pytest.mark.parametrize(
    ("share", "status"), [(0.01, "pass"), (0.999, "pass"), (1.0, "pass"), (1.001, "fail"), (50, "fail")]
)
def test_each_cost_has_its_limit(cost: str, limit: float, share: float, status: Status) -> None:
    result = decided(**{cost: limit * share})
    assert [one.name for one in result.checks if one.status != "pass"] == ([cost] if status == "fail" else [])
    assert result.status == status
    check = next(one for one in result.checks if one.name == cost)
    assert (check.observed, check.threshold) == (limit * share, limit)


@pytest.mark.parametrize("cost", LIMITS)
def test_a_limit_can_be_set_and_a_cost_that_is_no_number_is_an_error(cost: str) -> None:
    tight = Rule.model_validate({f"max_{cost}": 0.001})
    assert [one.name for one in decided(rule=tight).checks if one.status == "fail"] == [cost]
    assert decided(**{cost: NAN}).status == "error"


def test_what_was_measured_is_said() -> None:
    sentence = decided().sentence
    assert "p99 of a single row in ms (p50 3) is 4, required <= 100" in sentence
    assert "p99 of 1000 rows in ms (p50 7) is 9, required <= 1000" in sentence
    assert "model file in MB is 1, required <= 500; time to load in s is 0.05, required <= 30" in sentence
    assert "peak memory in MB (230 of it before the model) is 240, required <= 512" in sentence


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (Resources(error="the probe did not end in 180 s"), "the probe did not end in 180 s"),
        (Resources(), "the probe found nothing"),
    ],
)
def test_a_probe_that_did_not_end_well_is_an_error(found: Resources, sentence: str) -> None:
    result = decided(found)
    assert (result.status, result.sentence) == ("error", sentence)

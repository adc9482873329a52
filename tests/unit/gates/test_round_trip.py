"""Round trip: equal to the bit, different, not comparable, and the measurement behind it."""

import numpy as np
import pytest

from include.evaluation.probes import Probes
from include.evaluation.round_trip import RoundTrip, measure_round_trip
from include.features.matrix import Floats
from include.gates import round_trip
from include.gates.result import GateResult, Status
from include.registry.manifest import Manifest, predictions_hash
from include.spec import RoundTrip as Rule
from tests.evaluations import GOOD, NAN, TARGET, held_out

SAID = np.array([0.1, 0.2, 0.3])


def made(fitted: Floats) -> Manifest:
    """As much of a manifest as the round trip reads."""
    return Manifest.model_construct(predictions_hash=predictions_hash(fitted))


def decided(found: RoundTrip) -> GateResult:
    return round_trip.decide(held_out(TARGET, GOOD, probes=Probes(round_trip=found)), Rule())


@pytest.mark.parametrize(
    ("stored", "status"),
    [
        (SAID.copy(), "pass"),
        (np.nextafter(SAID, 1), "fail"),
        (SAID.astype(np.float32).astype(np.float64), "fail"),
        (SAID[::-1].copy(), "fail"),
        (SAID[:2], "fail"),
        (SAID.reshape(3, 1), "fail"),
        (np.array([0.1, 0.2, NAN]), "fail"),
    ],
)
def test_only_equal_answers_pass(stored: Floats, status: Status) -> None:
    result = decided(measure_round_trip(made(SAID), stored))
    assert (result.status, [one.name for one in result.checks]) == (status, ["answers"])
    words = "are the same" if status == "pass" else "differ"
    assert f"answers on {len(stored)} held-out rows {words} before and after storing the model" in result.sentence


def test_no_rows_prove_nothing() -> None:
    result = decided(measure_round_trip(made(np.empty(0)), np.empty(0)))
    assert (result.status, result.sentence) == ("error", "there are no held-out rows to ask about")

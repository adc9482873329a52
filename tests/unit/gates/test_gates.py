"""Every gate: what is no number is an error, and each says what it saw and requires."""

import numpy as np
import pytest

from include.gates import DECIDE, decide
from include.gates.result import Check, GateResult, Status
from tests.evaluations import FLAT, GOOD, NAN, POOR, TARGET, gates, held_out, with_one

PROBES = ("round_trip", "robustness", "leakage", "resources", "training_data")
OF_PREDICTIONS = [name for name in DECIDE if name not in PROBES]


def test_a_gate_for_every_declared_rule_and_only_a_pass_passes() -> None:
    assert tuple(DECIDE) == gates().names
    passed = {
        status: GateResult.of("g", [Check(name="c", status=status, sentence="")]).passed
        for status in ("pass", "fail", "inconclusive", "error")
    }
    assert passed == {"pass": True, "fail": False, "inconclusive": False, "error": False}


@pytest.mark.parametrize("name", OF_PREDICTIONS)
@pytest.mark.parametrize("value", [NAN, np.inf, -np.inf])
def test_one_prediction_that_is_no_number_is_an_error_for_every_gate_that_reads_them(name: str, value: float) -> None:
    wrong = held_out(TARGET, with_one(GOOD, value), POOR, reference=np.array([0.2, value]), reference_champion=FLAT[:2])
    result = decide(name, wrong, gates())
    assert (result.gate, result.status, result.checks[0].observed) == (name, "error", None)
    sound = held_out(TARGET, GOOD, POOR, reference=np.array([0.45, 0.5]), reference_champion=FLAT[:2])
    assert decide(name, sound, gates()).status == "pass"


@pytest.mark.parametrize("name", PROBES)
def test_a_probe_that_did_not_run_is_an_error(name: str) -> None:
    result = decide(name, held_out(TARGET, GOOD, POOR), gates())
    assert (result.gate, result.status) == (name, "error")
    assert "evaluate again" in result.sentence


@pytest.mark.parametrize("name", OF_PREDICTIONS)
def test_every_gate_says_what_it_saw_and_what_is_required(name: str) -> None:
    result = decide(name, held_out(TARGET, GOOD, POOR), gates())
    limited = [check for check in result.checks if check.threshold is not None]
    assert result.gate == name
    assert limited
    for check in limited:
        limits = {f"required {sign} {check.threshold:g}" for sign in (">=", "<=")}
        assert any(limit in check.sentence for limit in limits)
    assert any(check.sentence.partition(":")[0] in result.sentence for check in limited)


@pytest.mark.parametrize(
    ("statuses", "status", "sentence"),
    [
        (["pass", "pass"], "pass", "0; 1"),
        (["pass", "inconclusive"], "inconclusive", "1"),
        (["fail", "inconclusive"], "fail", "0"),
        (["fail", "error", "pass"], "error", "1"),
        ([], "error", "nothing was checked"),
    ],
)
def test_a_gate_is_as_bad_as_its_worst_check_and_speaks_of_those(
    statuses: list[Status], status: Status, sentence: str
) -> None:
    checks = [Check(name=f"c{place}", status=one, sentence=str(place)) for place, one in enumerate(statuses)]
    result = GateResult.of("g", checks)
    assert (result.status, result.sentence) == (status, sentence)
    assert [one.status for one in result.checks] == (statuses or ["error"])


@pytest.mark.parametrize(
    ("observed", "status", "shown"),
    [
        (0.0, "pass", "0"),
        (1e-9, "pass", "0"),  # rounding of sums is no difference to the reader
        (-1e-9, "pass", "0"),
        (1.5e-9, "pass", "1.5e-09"),
        (-0.04, "pass", "-0.04"),
        (0.25, "pass", "0.25"),
        (0.2504, "fail", "0.25"),
        (12.345, "fail", "12.3"),
    ],
)
def test_a_check_shows_three_digits_and_decides_by_all(observed: float, status: Status, shown: str) -> None:
    check = Check.at_most("c", observed, 0.25, "what was seen")
    assert (check.name, check.status, check.observed, check.threshold) == ("c", status, observed, 0.25)
    assert check.sentence == f"what was seen is {shown}, required <= 0.25"


@pytest.mark.parametrize("observed", [NAN, np.inf, -np.inf])
def test_a_check_of_what_is_no_number_is_an_error(observed: float) -> None:
    check = Check.at_most("c", observed, 0.25, "what was seen")
    assert (check.status, check.observed, check.threshold) == ("error", None, 0.25)
    assert check.sentence == "what was seen could not be measured, required <= 0.25"

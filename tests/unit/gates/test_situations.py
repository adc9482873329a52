"""Every gate that reads predictions in every situation there is: one table, whose lines are read side by side."""

from collections.abc import Callable

import numpy as np
import pytest

from include.evaluation.evidence import Evidence
from include.gates import decide
from tests.evaluations import FLAT, GOOD, NAN, POOR, TARGET, gates, held_out, with_one

GATES = (
    "absolute_floor", "champion_comparison", "slices", "fairness", "calibration", "not_degenerate", "reference_sanity",
)  # fmt: skip
WRONG = 1 - GOOD
LEFT = np.arange(120) % 2 == 0
SPOILT = np.where(LEFT, 0.2, GOOD)  # says no to everybody on the left
LOW, HIGH, BROKEN, NOTHING = np.full(2, 0.1), np.full(2, 0.9), np.array([0.1, NAN]), np.array([])
SITUATIONS: dict[str, tuple[Callable[[], Evidence], str]] = {
    # P passes, F fails, I inconclusive, E error: one letter per gate, in the order of GATES
    "better": (lambda: held_out(TARGET, GOOD, POOR), "PPPPPPP"),
    "a tie with the champion": (lambda: held_out(TARGET, GOOD, GOOD), "PPPPPPP"),
    "no champion yet": (lambda: held_out(TARGET, GOOD), "PPPPPPP"),
    "no champion yet, and bad": (lambda: held_out(TARGET, WRONG), "FPPPFPP"),
    "worse": (lambda: held_out(TARGET, WRONG, GOOD, reference=HIGH, reference_champion=LOW), "FFFPFPF"),
    "the same of every row": (lambda: held_out(TARGET, FLAT, GOOD), "FFFPPFP"),
    "spoilt for one side": (lambda: held_out(TARGET, SPOILT, GOOD), "PFFFPPP"),
    "days too few": (lambda: held_out(TARGET, GOOD, POOR, days=4), "PIIIIPP"),
    "rows too few": (lambda: held_out(TARGET[:12], GOOD[:12], GOOD[:12], days=6), "PPIIIPP"),
    "no rows": (
        lambda: held_out(NOTHING, NOTHING, NOTHING, reference=NOTHING, reference_champion=NOTHING), "EEEEEEE",
    ),
    "nobody is yes": (lambda: held_out(0 * TARGET, GOOD, POOR), "EEIFFEP"),
    "everybody is yes": (lambda: held_out(0 * TARGET + 1, GOOD, POOR), "EEIFFEP"),
    "no number": (
        lambda: held_out(TARGET, with_one(GOOD, NAN), POOR, reference=BROKEN, reference_champion=LOW), "EEEEEEE",
    ),
    "no number from the champion": (
        lambda: held_out(TARGET, GOOD, with_one(POOR, NAN), reference=LOW, reference_champion=BROKEN), "PEEEEPE",
    ),
    "a champion without predictions": (lambda: held_out(TARGET, GOOD, champion_version="4"), "PEEEEPE"),
    "a champion that could not be scored": (
        lambda: held_out(TARGET, GOOD, champion_version="4", champion_problem="it needs column bus"), "PEEEEPE",
    ),
}  # fmt: skip
WORDS = {"P": "pass", "F": "fail", "I": "inconclusive", "E": "error"}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_each_gate_says(situation: str) -> None:
    make, expected = SITUATIONS[situation]
    evidence = make()
    said = {name: decide(name, evidence, gates()) for name in GATES}
    assert {name: one.status for name, one in said.items()} == {
        name: WORDS[letter] for name, letter in zip(GATES, expected, strict=True)
    }
    assert all(one.sentence for one in said.values())


@pytest.mark.parametrize("place", range(len(GATES)))
def test_the_table_has_every_outcome_that_a_gate_has(place: int) -> None:
    seen = {expected[place] for _, expected in SITUATIONS.values()}
    assert seen == set("PFIE" if 0 < place < 5 else "PFE")

"""What a step of a rollout comes to: go, wait or stop, and that looking does not change it."""

from dataclasses import replace

import numpy as np
import pytest

from include.release.observed import Observed, Pairs, Side
from include.release.rollout import Step
from include.release.verdict import Decision, judge, needs_proof
from include.spec import RolloutRules

RULES = RolloutRules()
SHADOW, FIVE, HALF, ALL = Step("shadow"), Step("canary", 0.05), Step("canary", 0.5), Step("canary", 1.0)


def side(requests: int, errors: int = 0, slow: int = 0, shift: float = 0.0, loss: float = 0.1) -> Side:
    answers = np.clip(np.linspace(0, 1, max(requests, 1)) + shift, 0, 1)
    return Side(
        requests, errors, slow, np.array([(answers <= edge).sum() for edge in (0.2, 0.4, 0.6, 0.8)], dtype=float),
        requests, np.linspace(0.001, 0.02, requests), np.full(requests // 2, loss),
    )  # fmt: skip


GOOD = Observed(side(2000, 4), side(2000, 4))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (side(2000, 120), "6.00% of 2000 requests failed, the champion 0.20% of 2000; tolerated are 1.00% more"),
        (side(2000, slow=90), "promised are 100"),
        (side(2000, shift=0.5), "answers are spread 0.500 from the champion's, tolerated are 0.2"),
        (side(2000, loss=0.3), "loss 0.300 on 1000 labels, the champion 0.100 on 1000; tolerated is 0.02 more"),
    ],
)
def test_each_harm_stops_it_and_is_named(change: Side, told: str) -> None:
    verdict = judge(RULES, FIVE, replace(GOOD, challenger=change), minutes=0.1)
    assert verdict.decision == "stop"
    assert told in verdict.sentence
    assert [one.worse for one in verdict.findings].count(True) == 1


def test_what_is_as_good_goes_on_after_enough_requests_and_time() -> None:
    assert judge(RULES, FIVE, GOOD, minutes=5).decision == "go"
    early = judge(RULES, FIVE, GOOD, minutes=0.5)
    assert (early.decision, early.sentence) == ("wait", "0.5 of 1 minutes")
    few = judge(RULES, FIVE, Observed(side(3000), side(150)), minutes=5)
    assert (few.decision, few.sentence) == ("wait", "150 of 200 requests")


def test_before_all_get_its_answers_it_has_to_prove_that_it_is_not_worse() -> None:
    few = Observed(side(250), side(250))
    assert judge(RULES, FIVE, few, minutes=5).decision == "go"
    waiting = judge(RULES, HALF, few, minutes=5)
    assert waiting.decision == "wait"
    assert waiting.sentence == "no proof yet of tolerable errors; no proof yet of tolerable latency"
    assert judge(RULES, HALF, GOOD, minutes=5).decision == "go"


@pytest.mark.parametrize(
    ("shares", "step", "needed"),
    [((0.05, 0.5, 1.0), HALF, True), ((0.05, 0.5, 1.0), ALL, False), ((0.05, 0.5, 1.0), FIVE, False),
     ((1.0,), ALL, True), ((0.5,), HALF, True), ((0.5, 1.0), SHADOW, False)],
)  # fmt: skip
def test_the_proof_is_asked_for_where_versions_can_be_compared_last(
    shares: tuple[float, ...], step: Step, needed: bool
) -> None:
    assert needs_proof(RolloutRules(shares=shares), step) is needed


def test_what_cannot_be_decided_in_time_is_stopped() -> None:
    few = Observed(side(100), side(3))
    assert judge(RULES, FIVE, few, minutes=24 * 60).decision == "wait"
    late = judge(RULES, FIVE, few, minutes=24 * 60 + 1)
    assert (late.decision, late.sentence) == ("stop", "not decided within 24 hours: 3 of 200 requests")


def test_without_a_champion_beside_it_the_promise_counts() -> None:
    alone = Observed(Side(), side(600, 2))
    verdict = judge(RULES, ALL, alone, minutes=5)
    assert verdict.decision == "go"
    assert [one.question for one in verdict.findings] == ["errors", "latency"]
    assert judge(RULES, ALL, Observed(Side(), side(600, 40)), minutes=5).decision == "stop"


def pairs(more: int, moved: float = 0.0, loss: float = 0.0) -> Observed:
    down = np.full(4, moved)
    return Observed(side(400, 3), side(400, 3 + more), Pairs(400, more, 0, 400, down, 0 * down, np.full(300, loss)))


@pytest.mark.parametrize(
    ("seen", "decision"),
    [(pairs(0), "go"), (pairs(60), "stop"), (pairs(0, moved=300), "stop"), (pairs(0, loss=0.3), "stop"),
     (pairs(0, loss=-0.3), "go")],
)  # fmt: skip
def test_in_the_shadow_both_answers_to_each_request_are_compared(seen: Observed, decision: Decision) -> None:
    assert judge(RULES, SHADOW, seen, minutes=5).decision == decision


def test_a_step_without_labels_or_requests_waits() -> None:
    nothing = Observed(Side(), Side())
    verdict = judge(RULES, FIVE, nothing, minutes=0)
    assert verdict.decision == "wait"
    assert not any(one.worse for one in verdict.findings)
    unlabelled = Observed(replace(side(2000), losses=np.zeros(0)), replace(side(2000), losses=np.zeros(0)))
    assert judge(RULES, FIVE, unlabelled, minutes=5).decision == "go"

"""Robustness: each kind of mishap at its limit, beyond it, stopped by the contract, and crashing."""

from typing import Any

import pytest

from include.evaluation.probes import Probes
from include.evaluation.robustness import Response, Robustness
from include.evaluation.skill import Skill
from include.gates import robustness
from include.gates.result import GateResult, Status
from include.spec import Robustness as Rule
from tests.evaluations import GOOD, NAN, TARGET, held_out

KINDS = ("missing_feature", "missing_cells", "unseen_category", "unit_error", "noise")
RULE = Rule(missing_feature=0.5, missing_cells=0.5, unseen_category=0.5, unit_error=0.5, noise=0.5)


def response(kind: str = "unit_error", lost: float = 0.1, **changes: Any) -> Response:
    stated = {"kind": kind, "feature": "temp", "what": "x 1000", "stopped": False, "mean_change": 0.0}
    return Response.model_validate({**stated, "skill_lost": lost, **changes})


def decided(*responses: Response, rule: Rule = RULE) -> GateResult:
    found = Robustness(rows=100, metric="auc", skill=Skill(gained=0.2, possible=0.5), responses=responses)
    return robustness.decide(held_out(TARGET, GOOD, probes=Probes(robustness=found)), rule)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("lost", "status"),
    [(-0.2, "pass"), (0.0, "pass"), (0.499, "pass"), (0.5, "pass"), (0.501, "fail"), (7.0, "fail"), (NAN, "error")],
)
def test_a_share_of_the_skill_may_be_lost(kind: str, lost: float, status: Status) -> None:
    result = decided(response(kind, lost))
    assert (result.status, [one.name for one in result.checks]) == (status, [kind])
    assert result.checks[0].threshold == 0.5
    assert result.checks[0].observed == (None if status == "error" else lost)
    assert "share of skill lost with temp x 1000" in result.sentence


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_own_limit(kind: str) -> None:
    wide = RULE.model_copy(update={kind: 0.7})
    assert decided(*(response(one, 0.6) for one in KINDS if one == kind), rule=wide).status == "pass"
    assert decided(*(response(one, 0.6) for one in KINDS if one != kind), rule=wide).status == "fail"
    assert [one.status for one in decided(*(response(one, 0.6) for one in KINDS), rule=wide).checks].count("pass") == 1


def test_the_worst_feature_of_a_kind_is_the_one_that_is_judged() -> None:
    result = decided(response(lost=0.2), response(lost=0.9, feature="wind"), response(lost=0.4, feature="rain"))
    assert (result.status, result.checks[0].observed) == ("fail", 0.9)
    assert "wind x 1000" in result.sentence


def test_one_loss_that_is_no_number_is_not_hidden_by_others() -> None:
    for lost in (NAN, 0.1), (0.1, NAN):
        assert decided(*(response(lost=one) for one in lost)).status == "error"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "broken", [{"error": "ValueError: Input X contains NaN.", "skill_lost": NAN}, {"not_finite": 3, "skill_lost": NAN}]
)
def test_a_crash_and_an_answer_that_is_no_number_fail(kind: str, broken: dict[str, Any]) -> None:
    result = decided(response(kind, lost=0.0), response(kind, feature="wind", **broken))
    assert result.status == "fail"
    assert result.sentence in {
        "wind x 1000: ValueError: Input X contains NaN.",
        "wind x 1000: 3 predictions are not finite",
    }
    assert decided(response(kind, lost=0.0), response(kind, feature="wind")).status == "pass"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("what", [{"error": "ValueError: no"}, {"not_finite": 1}, {"skill_lost": 9.0}])
def test_what_the_contract_stops_is_not_judged(kind: str, what: dict[str, Any]) -> None:
    sound = response("noise" if kind != "noise" else "unit_error", 0.1)
    assert decided(sound, response(kind, **{**what, "stopped": True})).status == "pass"
    assert decided(sound, response(kind, **what)).status == "fail"


@pytest.mark.parametrize("kind", ["column_order", "number_type"])
@pytest.mark.parametrize(("change", "status"), [(0.0, "pass"), (1e-9, "fail"), (NAN, "fail")])
def test_the_same_numbers_give_the_same_answers(kind: str, change: float, status: Status) -> None:
    moved = response(kind, 0.0, feature=None, what="as text", mean_change=change)
    result = decided(response(kind, 0.0, feature=None, what="as integers"), moved)
    [check] = result.checks
    assert (check.status, check.threshold) == (status, 0.0)
    assert check.observed == pytest.approx(change, nan_ok=True)
    assert ("as text: predictions change" in result.sentence) == (status == "fail")


@pytest.mark.parametrize("kind", ["column_order", "number_type"])
def test_a_pipeline_may_refuse_what_looks_different(kind: str) -> None:
    refused = response(kind, NAN, feature=None, what="as text", error="ValueError: text", mean_change=NAN)
    same = response(kind, 0.0, feature=None, what="as integers")
    result = decided(same, refused)
    assert (result.status, result.sentence) == ("pass", "as integers, as text: the same (1 refused by the pipeline)")
    assert decided(same).sentence == "as integers: the same"
    wrong = response(kind, 0.0, feature=None, what="as objects", mean_change=0.5)
    assert decided(same, refused, wrong).status == "fail"


def test_a_probe_without_mishaps_measured_nothing() -> None:
    assert decided().status == "error"
    assert decided(response(stopped=True)).status == "error"


def test_the_defaults_let_no_single_feature_make_the_model_worse_than_none() -> None:
    for kind in ("missing_feature", "unit_error"):
        assert decided(response(kind, 1.0), rule=Rule()).status == "pass"
        assert decided(response(kind, 1.01), rule=Rule()).status == "fail"

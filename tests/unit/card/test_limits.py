"""A card names its own limits: what was not seen, what is uncertain, what costs most."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from include.card.limits import remarks
from include.card.rulings import Ruling
from include.card.sources import Sources
from include.evaluation.evidence import Evidence
from include.evaluation.probes import Probes
from include.evaluation.robustness import Response, Robustness
from include.evaluation.skill import Skill
from tests.cards import ruling, sources
from tests.evaluations import GOOD, POOR, TARGET, held_out

BALANCED = held_out(np.tile(TARGET, 4), np.tile(GOOD, 4), np.tile(POOR, 4), days=14)


def loud(found: Sources) -> list[str]:
    return [one.text for one in remarks(found) if one.loud]


def said(found: Sources) -> str:
    return "\n".join(one.text for one in remarks(found))


def test_a_sound_challenger_has_limits_and_no_warning() -> None:
    assert loud(sources(BALANCED)) == []
    assert "Judged on 480 rows of 14 days, c to d. Other seasons and events were not seen." in said(sources(BALANCED))


def test_warnings_come_first() -> None:
    order = [one.loud for one in remarks(sources(held_out(TARGET, GOOD)))]
    assert order == sorted(order, reverse=True)
    assert True in order
    assert False in order


@pytest.mark.parametrize(
    ("made", "warning"),
    [
        ({"commit": "unknown"}, "code of an unknown commit"),
        ({"commit_dirty": True}, "changes that were never committed"),
    ],
)
def test_a_model_that_cannot_be_made_again_warns(made: dict[str, Any], warning: str) -> None:
    assert loud(sources(BALANCED, made=made)) == [f"Made with {warning}: it cannot be made again."]


def test_a_declaration_that_changed_since_is_told() -> None:
    assert "has changed since it was made" in said(sources(BALANCED, made={"spec_hash": "0" * 64}))
    assert "has changed since it was made" not in said(sources(BALANCED))


def test_without_a_champion_the_reader_is_warned() -> None:
    alone = held_out(np.tile(TARGET, 4), np.tile(GOOD, 4), days=14)
    assert loud(sources(alone)) == ["There was no champion to compare with: only absolute limits were checked."]


def test_a_champion_that_could_not_be_scored_is_a_warning() -> None:
    found = held_out(np.tile(TARGET, 4), np.tile(GOOD, 4), days=14, champion_version="4", champion_problem="no seats")
    assert loud(sources(found)) == ["Champion v4 could not be scored: no seats."]


@pytest.mark.parametrize(("days", "warned"), [(9, True), (10, False)])
def test_few_days_are_a_warning(days: int, warned: bool) -> None:
    found = held_out(np.tile(TARGET, 4), np.tile(GOOD, 4), np.tile(POOR, 4), days=days)
    assert any("Judged on" in text for text in loud(sources(found))) == warned


@pytest.mark.parametrize(("yes", "warned"), [(99, True), (100, False)])
def test_few_rows_of_a_class_are_a_warning(yes: int, warned: bool) -> None:
    target = np.repeat([0.0, 1.0], [400, yes])
    spread = np.random.default_rng(1).permutation(target)
    warnings = loud(sources(held_out(spread, spread * 0.5 + 0.2, days=14)))
    expected = f"Of the rows it was judged on only {yes} rows are yes: what is said of them is uncertain."
    assert (expected in warnings) == warned


@pytest.mark.parametrize(("missing", "told"), [(10, False), (20, True)])
def test_rows_without_a_label_are_told_where_they_are_many(missing: int, told: bool) -> None:
    found = sources(BALANCED, made={"training_rows": 990, "unlabelled_rows": missing})
    assert ("have no label" in said(found)) == told


def test_what_a_gate_did_not_pass_is_a_limit_and_what_it_passed_is_not() -> None:
    text = said(
        sources(BALANCED, ruling("a", "inconclusive", "the rows cannot tell"), ruling("b", "pass", "all right"))
    )
    assert "a, auc: inconclusive. the rows cannot tell." in text
    assert "all right" not in text


def test_a_gate_that_never_decided_is_a_warning() -> None:
    assert loud(sources(BALANCED, Ruling("slices", None))) == ["Gate slices was never decided."]


def test_the_slice_that_gains_least_is_named() -> None:
    worse = np.where(np.arange(480) % 2 == 0, np.tile(POOR, 4), np.tile(GOOD, 4))
    text = said(sources(held_out(np.tile(TARGET, 4), worse, np.tile(GOOD, 4), days=14)))
    assert "Against the champion it does least for side left: auc -" in text
    assert "side right: auc" not in text


def test_calibration_is_told_in_probability() -> None:
    assert "Its probabilities are off by 0.2000 on average" in said(sources(BALANCED))


def probed(*responses: Response) -> Evidence:
    skill = Skill(gained=0.2, possible=0.5)
    found = Robustness(rows=480, metric="brier", skill=skill, responses=responses)
    return replace(BALANCED, summary=BALANCED.summary.model_copy(update={"probes": Probes(robustness=found)}))


def test_what_it_leans_on_and_the_dearest_mishap_that_reaches_it_are_named() -> None:
    text = said(
        sources(
            probed(
                Response(kind="missing_feature", feature="bus", what="missing", stopped=True, skill_lost=0.6),
                Response(kind="missing_feature", feature="full", what="missing", stopped=False, skill_lost=0.1),
                Response(kind="unit_error", feature="bus", what="x 1000", stopped=False, skill_lost=0.3),
            )
        )
    )
    assert "It leans most on bus: without it 60.0 % of its skill is gone." in text
    assert "The contract would not stop bus x 1000, which costs 30.0 % of its skill." in text


def test_mishaps_that_cost_next_to_nothing_are_not_worth_a_word() -> None:
    harmless = Response(kind="missing_feature", feature="bus", what="missing", stopped=False, skill_lost=0.01)
    text = said(sources(probed(harmless)))
    assert "leans" not in text
    assert "would not stop" not in text

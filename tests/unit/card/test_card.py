"""The card is a pure function of its sources, and says the same to whoever renders it."""

from typing import Any

import numpy as np
import pytest

from include.card.card import card_of
from include.card.facts import Fact
from include.card.rulings import Ruling
from include.gates.result import Status
from tests.cards import overridden, promotion, ruling, sources
from tests.evaluations import GOOD, POOR, TARGET, held_out


def facts(lines: tuple[Fact, ...]) -> dict[str, str]:
    return {one.name: one.value for one in lines}


def test_the_same_sources_give_the_same_card() -> None:
    assert card_of(sources()) == card_of(sources())


@pytest.mark.parametrize(
    ("rulings", "changes", "state", "sentence"),
    [
        ((ruling("a"), ruling("b")), {}, "challenger", "2 of 2 gates passed."),
        ((ruling("a"), overridden("b")), {}, "challenger", "1 of 2 gates passed, 1 overridden: b."),
        ((ruling("a"), ruling("b", "fail")), {"version": None}, "refused", "Refused by 1 of 2 gates: b."),
        ((ruling("a"), ruling("b", "inconclusive")), {"version": None}, "refused", "Refused by 1 of 2 gates: b."),
        ((ruling("a"), Ruling("b", None)), {"version": None}, "refused", "Refused by 1 of 2 gates: b."),
        ((ruling("a"),), {"promotion": promotion()}, "champion", "1 of 1 gates passed."),
    ],
)
def test_it_says_how_it_stands(rulings: tuple[Ruling, ...], changes: dict[str, Any], state: str, sentence: str) -> None:
    card = card_of(sources(None, *rulings, **changes))
    assert (card.state, card.sentence) == (state, sentence)


def test_a_version_has_its_number_and_a_refused_challenger_its_day() -> None:
    assert card_of(sources()).name == "trip_late v5"
    assert card_of(sources(version=None)).name == "trip_late, challenger of 2013-01-09"


def test_both_sides_stand_beside_each_other_and_better_means_better() -> None:
    """AUC is better where it is larger, log loss where it is smaller: the challenger wins both."""
    rows = {one.name: one for one in card_of(sources()).metrics}
    assert list(rows) == ["auc", "average_precision", "log_loss", "brier", "accuracy"]
    assert (rows["auc"].challenger, rows["auc"].better) == ("1.000", True)
    assert rows["auc"].champion != rows["auc"].challenger
    assert rows["log_loss"].better is True
    assert rows["log_loss"].change.startswith("+")
    assert rows["log_loss"].change.endswith(" better")


def test_a_worse_challenger_is_called_worse() -> None:
    rows = {one.name: one for one in card_of(sources(held_out(TARGET, POOR, GOOD))).metrics}
    assert [rows[name].better for name in ("auc", "log_loss", "accuracy")] == [False] * 3
    assert rows["log_loss"].change.startswith("-")


def test_equal_sides_are_neither() -> None:
    card = card_of(sources(held_out(TARGET, GOOD, GOOD)))
    assert {(one.change, one.better) for one in card.metrics} == {("the same", None)}


def test_without_a_champion_there_is_no_change() -> None:
    card = card_of(sources(held_out(TARGET, GOOD)))
    assert card.champion == "no champion yet"
    assert {(one.champion, one.change, one.better) for one in card.metrics} == {("-", "-", None)}


def test_a_metric_that_is_not_defined_is_called_so() -> None:
    """One class alone has no AUC."""
    card = card_of(sources(held_out(np.zeros(120), GOOD, POOR)))
    auc = card.metrics[0]
    assert (auc.challenger, auc.change, auc.better) == ("not defined", "-", None)


def test_an_interval_that_was_measured_is_shown() -> None:
    measured = {"auc": {"value": 0.7, "lower": 0.65, "upper": 0.75}}
    card = card_of(sources(held_out(TARGET, GOOD, POOR, challenger_metrics=measured)))
    assert card.metrics[0].challenger == "0.7000 (0.6500 to 0.7500)"


def test_data_and_lineage_are_those_of_manifest_and_evidence() -> None:
    card = card_of(sources(made={"training_rows": 9000, "unlabelled_rows": 12, "commit": "abc", "seed": 11}))
    data, lineage = facts(card.data), facts(card.lineage)
    assert data["Learnt from"] == "a to b: 9,000 rows, 12 more without a label"
    assert data["Judged on"] == "c to d: 120 labelled rows of 10 days"
    assert data["Target there"] == "no 50.0 %, yes 50.0 %"
    assert (lineage["Commit"], lineage["Seed"], lineage["Model file"]) == ("abc", "11", "c" * 64)
    assert lineage["Parameters"] == "C = 0.5, deep = [1, None]"
    assert facts(card.about)["Task"] == "binary: late > 15"


@pytest.mark.parametrize(
    ("declared", "said"), [({}, "its owner has not said"), ({"intended_use": "plans crews"}, "plans crews")]
)
def test_what_it_is_for_is_what_its_owner_says(declared: dict[str, str], said: str) -> None:
    assert facts(card_of(sources(declared=declared)).about)["Intended use"] == said


def test_a_search_says_what_it_tried_and_what_it_gained() -> None:
    search = {
        "metric": "auc", "folds": ["a", "b", "c"], "complete": 7, "pruned": 2, "failed": 1, "best": 0.7211,
        "declared": 0.7012, "stopped_by": "trials", "seconds": 9.0,
    }  # fmt: skip
    lineage = facts(card_of(sources(made={"search": search, "found": {"C": 0.5}})).lineage)
    assert lineage["Search"] == (
        "10 trials on 3 folds of the training window chose C: auc 0.7211, the declared ones 0.7012"
    )
    assert facts(card_of(sources()).lineage)["Search"] == "none: the parameters are declared"


def test_a_regression_shows_where_its_target_lies() -> None:
    target = np.arange(101.0)
    found = held_out(target, target + 1, target + 2, task="regression")
    declared = {"task": "regression", "target": {"column": "late"}}
    assert facts(card_of(sources(found, declared=declared)).data)["Target there"] == (
        "median 50.00, nine of ten rows from 5.000 to 95.00"
    )


@pytest.mark.parametrize("status", ["fail", "inconclusive", "error"])
def test_an_override_is_on_the_card_with_the_gate_s_own_words(status: Status) -> None:
    card = card_of(sources(None, ruling("a"), overridden("b", "rain all week")))
    [shown] = card.overrides
    assert (shown.gate, shown.actor, shown.reason, shown.sentence) == ("b", "ann", "rain all week", "b says fail")
    assert card_of(sources(None, ruling("b", status))).overrides == ()

"""Pictures of a card: those the evidence is enough for, alike in style, and no larger for a million rows."""

import re
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from include.card.plots import plot
from include.card.plots.draw import draw
from include.card.plots.plot import Plot
from include.card.sources import Sources
from include.drift import FeatureDrift
from include.evaluation.evidence import Evidence
from include.evaluation.probes import Probes
from include.evaluation.robustness import Response, Robustness
from include.evaluation.skill import Skill
from include.evaluation.window_data import ChampionDistance, Days, WindowData
from tests.cards import sources
from tests.declared import contract
from tests.evaluations import GOOD, NAN, POOR, TARGET, held_out, with_one

REGRESSION = {"task": "regression", "target": {"column": "late"}}
CLASSES = ("red", "blue", "green")
MULTICLASS = {
    "task": "multiclass", "target": {"column": "line", "classes": list(CLASSES)}, "features": {"numeric": ["bus"]},
    "contract": contract(columns={"line": {"type": "string"}}),
}  # fmt: skip


def drawn(found: Sources) -> dict[str, Plot]:
    return {one.name: one for one in draw(found)}


@cache
def usual() -> dict[str, Plot]:
    """Those of two binary models on ten days."""
    return drawn(sources())


def three_classes(rows: int = 300) -> Evidence:
    random = np.random.default_rng(1)
    target = random.integers(0, 3, rows).astype(np.float64)
    sides = [random.dirichlet([1, 1, 1], rows) + np.eye(3)[target.astype(int)] * weight for weight in (2, 1)]
    challenger, champion = (one / one.sum(axis=1, keepdims=True) for one in sides)
    return held_out(target, challenger, champion, task="multiclass", classes=CLASSES)


def numbers() -> Evidence:
    target = np.random.default_rng(1).normal(10, 5, 300)
    return held_out(target, target + np.tile([1.0, -2, 0], 100), target + 3, task="regression")


@pytest.mark.parametrize(
    ("evidence", "declared", "names"),
    [
        (held_out(TARGET, GOOD, POOR), {}, ["roc", "precision_recall", "reliability", "days", "slices", "fairness"]),
        (held_out(TARGET, GOOD), {}, ["roc", "precision_recall", "reliability", "days", "slices", "fairness"]),
        (three_classes(), MULTICLASS, ["roc", "precision_recall", "reliability", "days", "slices", "fairness"]),
        (numbers(), REGRESSION, ["observed", "residuals", "days", "slices", "fairness"]),
        (held_out(np.zeros(120), GOOD, POOR), {}, ["reliability", "days", "fairness"]),
        (held_out(TARGET, GOOD, POOR, days=1), {}, ["roc", "precision_recall", "reliability"]),
        (held_out(np.zeros(0), np.zeros(0)), {}, []),
    ],
    ids=["binary", "no champion", "multiclass", "regression", "one class", "one day", "no rows"],
)
def test_what_is_drawn_follows_from_the_evidence(
    evidence: Evidence, declared: dict[str, Any], names: list[str]
) -> None:
    assert list(drawn(sources(evidence, declared=declared))) == names


def test_a_side_that_said_no_number_is_left_out() -> None:
    broken = drawn(sources(held_out(TARGET, GOOD, with_one(POOR, NAN))))
    assert b"champion v4" not in broken["roc"].svg
    assert b"challenger" in broken["roc"].svg
    assert drawn(sources(held_out(TARGET, with_one(GOOD, NAN)))) == {}


def test_both_sides_have_their_colour_and_their_line_in_every_picture() -> None:
    for one in list(usual().values())[:4]:
        assert plot.CHALLENGER.encode() in one.svg
        assert plot.CHAMPION.encode() in one.svg
        assert b"stroke-dasharray" in one.svg


def test_ink_is_the_page_s_own() -> None:
    for one in usual().values():
        assert plot.INK.encode() not in one.svg
        assert b"currentColor" in one.svg
        assert b"prefers-color-scheme:dark" in one.svg


def test_the_same_evidence_gives_the_same_bytes() -> None:
    assert drawn(sources()) == usual()


def test_many_rows_make_no_larger_picture() -> None:
    random = np.random.default_rng(1)
    sizes = []
    for rows in (2_000, 200_000):
        target = (random.random(rows) < 0.3).astype(np.float64)
        said = random.random((2, rows)) * 0.5 + target * 0.3
        plots = drawn(sources(held_out(target, said[0], said[1], slices=None, fairness=None)))
        sizes.append({name: len(one.svg) for name, one in plots.items()})
    few, many = sizes
    assert list(few) == list(many)
    assert all(many[name] < 1.3 * few[name] < 80_000 for name in few)


def test_a_picture_says_in_words_what_it_shows() -> None:
    assert usual()["roc"].says.startswith("Area under the curve: challenger 1.000, champion v4 0.")
    assert "The challenger is better on 100.0 % of them." in usual()["days"].says
    classes = drawn(sources(three_classes(), declared=MULTICLASS))["roc"].says
    assert all(f"{name}: challenger" in classes for name in CLASSES)


def test_the_curve_goes_from_corner_to_corner() -> None:
    """The perfect challenger's line touches the upper left corner, where no thinning may cut it off."""
    svg = usual()["roc"].svg.decode()
    [line] = re.findall(rf'<path d="([^"]*)" clip-path="[^"]*" style="fill: none; stroke: {plot.CHALLENGER}', svg)
    points = np.array([[float(number) for number in point] for point in re.findall(r"[ML] ([\d.]+) ([\d.]+)", line)])
    assert len(points) == 3
    (left, bottom), (corner, top), (right, _) = points
    assert left == corner < right
    assert top < bottom


def test_names_from_the_data_are_no_formulas_and_no_tags() -> None:
    evidence = held_out(TARGET, GOOD, POOR)
    table = evidence.summary.slices
    assert table is not None
    named = table.slices[0].model_copy(update={"terms": (("side", "$\\frac{<b>}$"),)})
    summary = evidence.summary.model_copy(update={"slices": table.model_copy(update={"slices": (named,)})})
    svg = drawn(sources(replace(evidence, summary=summary)))["slices"].svg
    assert b"$\\frac{&lt;b&gt;}$" in svg


def test_a_slice_too_small_to_judge_is_not_drawn() -> None:
    found = sources(held_out(TARGET, GOOD, POOR), declared={"gates": {"slices": {"min_rows": 61}}})
    assert "slices" not in drawn(found)


def test_the_widest_gaps_between_groups_are_drawn_and_named() -> None:
    worse = np.where(np.arange(120) % 2 == 0, POOR, GOOD)
    shown = drawn(sources(held_out(TARGET, worse, GOOD)))["fairness"]
    assert b"side: equal opportunity" in shown.svg
    assert "side: equal opportunity, of true positive rate between right and left" in shown.says
    assert "fairness" not in drawn(sources(held_out(TARGET, worse, GOOD, fairness=None)))


def probed(**probes: Any) -> Sources:
    found = held_out(TARGET, GOOD, POOR)
    return sources(replace(found, summary=found.summary.model_copy(update={"probes": Probes(**probes)})))


def test_the_drift_of_the_window_is_drawn_where_there_is_a_champion_to_compare_with() -> None:
    drift = tuple(
        FeatureDrift(feature=name, effect=effect, tier="ok", missing_reference=0, missing_current=0)
        for name, effect in (("bus", 4.5), ("full", 0.02))
    )
    window = WindowData(
        days=Days(expected=9, missing=(), quarantined=(), warned=()), rows=9, unlabelled_rows=0,
        distance=ChampionDistance(version="4", drift=drift, seasonal=("full",)),
    )  # fmt: skip
    shown = drawn(probed(window_data=window))["drift"]
    assert b">bus<" in shown.svg
    assert plot.QUIET.encode() in shown.svg
    assert "champion v4" in shown.says
    assert "drift" not in drawn(probed(window_data=window.model_copy(update={"distance": None})))


def test_a_mishap_beyond_its_limit_stands_out_and_one_the_contract_stops_does_not() -> None:
    responses = [
        Response(kind="missing_feature", feature="bus", what="missing", stopped=False, skill_lost=1.2),
        Response(kind="noise", feature=None, what="a little noise", stopped=True, skill_lost=2.0),
        Response(kind="unit_error", feature="bus", what="x 1000", stopped=False, error="ValueError"),
    ]
    robustness = Robustness(rows=120, metric="auc", skill=Skill(gained=0.2, possible=0.5), responses=tuple(responses))
    shown = drawn(probed(robustness=robustness))["robustness"]
    assert shown.svg.count(f"fill: {plot.BAD}".encode()) == 1
    assert shown.svg.count(f"fill: {plot.QUIET}".encode()) == 1
    assert b"bus missing" in shown.svg
    assert b"x 1000" not in shown.svg
    assert "The dearest of 2 mishaps" in shown.says

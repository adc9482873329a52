"""Answers of two models on many rows in groups, and the evidence that the gates of groups decide on."""

from typing import Any

import numpy as np

from include.evaluation.answers import Answers
from include.evaluation.coded import Coded
from include.evaluation.evidence import Evidence, Summary
from include.features.matrix import Floats
from include.spec.metrics import Task
from tests.evaluations import SUMMARY

Groups = dict[str, Coded]
DAYS, ROWS = 14, 5600


def columns(seed: int = 1, rows: int = ROWS) -> Groups:
    """`line` with four values and `size` with three, which have nothing to do with each other."""
    random = np.random.default_rng(seed)
    return {
        "line": Coded(random.integers(0, 4, rows).astype(np.int32), ("red", "blue", "green", "grey")),
        "size": Coded(random.integers(0, 3, rows).astype(np.int32), ("up to 10", "10 to 20", "above 20")),
    }


def inside(groups: Groups, **wanted: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which rows have these values."""
    held = [groups[name].codes == groups[name].names.index(value) for name, value in wanted.items()]
    return np.logical_and.reduce(held)


def answers(
    task: Task = "binary", seed: int = 2, rows: int = ROWS, days: int = DAYS, harm: Floats | None = None
) -> Answers:
    """Two models that are as good as each other; `harm`, by row, spoils that share of what the challenger knows."""
    random = np.random.default_rng(seed)
    day = (np.arange(rows) * days // rows).astype(np.int32)
    truth = random.normal(0, 1, rows) + random.normal(0, 0.3, days)[day]
    spoilt = np.zeros(rows) if harm is None else harm
    sides = [truth + random.normal(0, 1, rows), truth + random.normal(0, 1, rows)]
    sides[0] = (1 - spoilt) * sides[0] + spoilt * random.normal(0, 1.5, rows)
    if task == "regression":
        return Answers(task, (), day, 5 + 3 * (truth + random.normal(0, 0.5, rows)), *(5 + 3 * one for one in sides))
    if task == "binary":
        target = (random.random(rows) < chance(truth)).astype(np.float64)
        return Answers(task, (), day, target, *(chance(one) for one in sides))
    said = [np.exp(np.outer(one, [-1, 0, 1])) for one in (truth, *sides)]
    shares, *both = (one / one.sum(axis=1, keepdims=True) for one in said)
    target = (random.random(rows)[:, None] > np.cumsum(shares, axis=1)).sum(axis=1).astype(np.float64)
    return Answers(task, ("low", "middle", "high"), day, target, *both)


def chance(values: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-values)))


def evidence(given: Answers, **measured: Any) -> Evidence:
    """The evidence of these answers, with what was measured of them."""
    summary = Summary.model_validate(
        {
            **SUMMARY, "task": given.task, "classes": given.classes, "rows": len(given.target),
            "champion_version": None if given.champion is None else "4", "challenger_metrics": {},
            "champion_metrics": None, **measured,
        }
    )  # fmt: skip
    days = Coded(given.days, tuple(f"2013-01-{day + 1:02}" for day in range(DAYS)))
    return Evidence(summary, days, given.target, given.challenger, given.champion, np.array([0.5]), None)

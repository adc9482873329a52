"""Evidence of an evaluation, small enough to be written down, and the rules it is judged by."""

from typing import Any

import numpy as np

from include.evaluation.answers import Answers
from include.evaluation.calibration import Rows, calibration
from include.evaluation.coded import Coded
from include.evaluation.estimate import Estimate
from include.evaluation.evidence import Evidence, Summary
from include.evaluation.fairness import measure_fairness
from include.evaluation.metrics import metrics_of
from include.evaluation.slices import measure_slices
from include.features.matrix import Floats
from include.spec import Calibration, ChampionComparison, Fairness, Gates, NotDegenerate, ReferenceSanity, Slices
from include.spec.gates import DEFAULT_COMPARISONS
from include.spec.metrics import Metric, Task

NAN = float("nan")
TARGET = np.tile([0.0, 0.0, 1.0, 0.0, 1.0, 1.0], 20)
GOOD = np.where(TARGET == 1, 0.8, 0.2)
POOR = np.where(np.arange(120) % 5 == 0, 1 - GOOD, GOOD)
FLAT = np.full(120, 0.5)
FAIRNESS = Fairness(columns=("side",), min_rows=20, min_positives=10)
CALIBRATION = Calibration(max_error=0.3, max_increase=0.2, min_rows=100)
SUMMARY = {
    "model": "trip_late", "run_id": "run-1", "as_of": "2013-01-09", "task": "binary", "training_window": "a to b",
    "held_out_window": "c to d", "training_snapshot": "s1", "held_out_snapshot": "s2",
}  # fmt: skip


def held_out(
    target: Floats,
    challenger: Floats,
    champion: Floats | None = None,
    *,
    days: int = 10,
    task: Task = "binary",
    reference: Floats | None = None,
    reference_champion: Floats | None = None,
    **changes: Any,
) -> Evidence:
    """Evidence of these predictions, its rows spread evenly over the days."""
    sides = {"challenger_metrics": challenger, "champion_metrics": champion}
    measured: dict[str, Any] = {
        name: None if said is None else estimates(task, target, said) for name, said in sides.items()
    }
    version = None if champion is None else "4"
    day = Coded.of([f"2013-01-{day + 1:02}" for day in np.arange(len(target)) * days // max(len(target), 1)])
    answers = Answers(task, changes.get("classes", ()), day.codes, target, challenger, champion)
    measured["slices"] = measure_slices(answers, sides_of(len(target)), slices(DEFAULT_COMPARISONS[task].metric))
    measured["fairness"] = measure_fairness(answers, sides_of(len(target)), FAIRNESS)
    if task != "regression":
        rows = Rows(changes.get("classes", ()), target, day)
        measured["calibration"] = calibration(rows, challenger, champion, CALIBRATION.confidence)
    stated = {**SUMMARY, "task": task, "rows": len(target), "champion_version": version, **measured, **changes}
    fixed = np.array([0.2, 0.4, 0.6]) if reference is None else reference
    return Evidence(
        summary=Summary.model_validate(stated),
        days=day,
        target=target,
        challenger=challenger,
        champion=champion,
        reference_challenger=fixed,
        reference_champion=reference_champion if reference_champion is not None or champion is None else fixed,
    )


def sides_of(rows: int) -> dict[str, Coded]:
    """A column `side`: left, right, left, and so on."""
    return {"side": Coded(np.arange(rows, dtype=np.int32) % 2, ("left", "right"))}


def slices(metric: Metric, margin: float = 0.05) -> Slices:
    """The rule of slices by side."""
    return Slices(columns=("side",), metric=metric, margin=margin, min_rows=20)


def estimates(task: Task, target: Floats, said: Floats) -> dict[str, Estimate]:
    return {name: Estimate(value=value) for name, value in metrics_of(task, target, said).items()}


def gates(
    floor: tuple[Metric, float] = ("auc", 0.6),
    comparison: tuple[Metric, float] = ("auc", 0.05),
    spread: float = 0.05,
    difference: float = 0.1,
) -> Gates:
    """Rules with these limits; the comparison asks for non-inferiority."""
    return Gates(
        absolute_floor=dict([floor]),
        champion_comparison=ChampionComparison(metric=comparison[0], margin=comparison[1]),
        not_degenerate=NotDegenerate(min_relative_spread=spread),
        reference_sanity=ReferenceSanity(max_mean_abs_difference=difference),
        calibration=CALIBRATION,
        slices=slices(*comparison),
        fairness=FAIRNESS,
    )


def with_one(values: Floats, value: float) -> Floats:
    """The values with another one in the fourth place."""
    changed = values.copy()
    changed[3] = value
    return changed

"""Evidence of an evaluation, small enough to be written down."""

from typing import Any

import numpy as np

from include.evaluation.evidence import Evidence, Summary
from include.evaluation.metrics import metrics_of
from include.features.matrix import Floats

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
    task: str = "binary",
    reference: Floats | None = None,
    reference_champion: Floats | None = None,
    **changes: Any,
) -> Evidence:
    """Evidence of these predictions, its rows spread evenly over the days."""
    sides = {"challenger_metrics": challenger, "champion_metrics": champion}
    measured = {name: None if said is None else metrics_of(task, target, said) for name, said in sides.items()}
    version = None if champion is None else "4"
    stated = {**SUMMARY, "task": task, "rows": len(target), "champion_version": version, **measured, **changes}
    fixed = np.array([0.2, 0.4, 0.6]) if reference is None else reference
    return Evidence(
        summary=Summary.model_validate(stated),
        partitions=np.array([f"2013-01-{day + 1:02}" for day in np.arange(len(target)) * days // max(len(target), 1)]),
        target=target,
        challenger=challenger,
        champion=champion,
        reference_challenger=fixed,
        reference_champion=reference_champion if reference_champion is not None or champion is None else fixed,
    )

"""What the probes found: how far the window is from the champion's, and what a mishap with the inputs costs."""

from collections.abc import Iterator

import numpy as np

from include.card.plots.plot import BAD, CHALLENGER, QUIET, Plot, svg
from include.card.plots.rows import Row, bars
from include.evaluation.disturbances import Kind
from include.evaluation.robustness import Robustness
from include.evaluation.window_data import WindowData
from include.spec import gates

MOST = 20
LINEAR_UNTIL = 0.2  # of drift; a unit that changed reaches 10


def drift(found: WindowData | None, rule: gates.TrainingData) -> Iterator[Plot]:
    """The drift of every feature from the champion's training window; none where there is nothing to compare with."""
    if found is None or found.distance is None or not found.distance.drift:
        return
    seasonal = set(found.distance.seasonal)
    rows = [
        Row(one.feature, one.effect, QUIET if one.feature in seasonal else CHALLENGER, limit=rule.max_drift)
        for one in found.distance.drift[:MOST]
    ]
    says = (
        f"How far each feature of the training window is from what champion v{found.distance.version} learnt from: "
        "population stability index, less what chance adds. Grey ones follow the calendar and are not judged."
    )
    yield Plot("drift", "Drift of the window", says, svg(bars(rows, "drift", LINEAR_UNTIL)))


def robustness(found: Robustness | None, rule: gates.Robustness) -> Iterator[Plot]:
    """What each mishap costs of the model's skill, the dearest at the top; none where the probe is missing."""
    measured = [] if found is None else [one for one in found.responses if np.isfinite(one.skill_lost)]
    if found is None or not measured:
        return
    dearest = sorted(measured, key=lambda one: -one.skill_lost)[:MOST]
    rows = [
        Row(one.sentence, one.skill_lost, _colour(one.skill_lost, limit, one.stopped), limit=limit)
        for one, limit in ((one, _limit(one.kind, rule)) for one in dearest)
    ]
    says = (
        f"Share of the model's skill ({found.metric} better than a constant answer) that goes where one input goes "
        "wrong; at 1 it is as good as none. Grey ones never reach the model: the contract stops such data. "
        f"The dearest of {len(measured)} mishaps, each on {found.rows:,} rows."
    )
    yield Plot("robustness", "When inputs go wrong", says, svg(bars(rows, "share of skill lost")))


def _limit(kind: Kind, rule: gates.Robustness) -> float:
    return float(getattr(rule, kind, "nan"))


def _colour(lost: float, limit: float, stopped: bool) -> str:
    if stopped:
        return QUIET
    return BAD if lost > limit else CHALLENGER

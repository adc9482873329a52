"""How often a bound at 95 % is on the wrong side of the truth."""

from collections.abc import Callable

import numpy as np

from benchmarks.gate_simulating.worlds import LossWorld, ScoreWorld
from include.evaluation.blocks import Cells, weeks
from include.evaluation.coded import Codes
from include.evaluation.delong import delong
from include.evaluation.evidence import Evidence
from include.evaluation.intervals import paired_difference
from include.evaluation.metrics import statistics
from include.evaluation.paired import paired_t
from include.evaluation.resampling import Sampling, draws
from include.features.matrix import Floats
from include.spec.metrics import Metric

CONFIDENCE = 0.95
SEED = 5
Pair = tuple[float, float]
Method = Callable[[Evidence, Floats], Pair]


def by_day(evidence: Evidence, champion: Floats) -> Pair:
    """The bounds of the gate."""
    return _ours(evidence, champion, evidence.days.codes)


def by_week(evidence: Evidence, champion: Floats) -> Pair:
    """The bounds of the gate with `block: week`."""
    return _ours(evidence, champion, weeks(evidence.days.codes))


def percentile(evidence: Evidence, champion: Floats) -> Pair:
    """The textbook's block bootstrap: quantiles of the resamples, as they are."""
    cells, metric = Cells.of(evidence.days.codes), _metric(evidence)
    drawn = draws(cells.blocks, Sampling(CONFIDENCE, SEED))
    ours, theirs = (
        next(statistics(metric, evidence.target, said, cells))(drawn) for said in (evidence.challenger, champion)
    )
    gained = ours - theirs if metric == "auc" else theirs - ours
    return float(np.quantile(gained, 1 - CONFIDENCE)), float(np.quantile(gained, CONFIDENCE))


def by_row(evidence: Evidence, champion: Floats) -> Pair:
    """Each row for itself: DeLong for AUC, the paired t-test for a mean."""
    rows = (evidence.target, evidence.challenger, champion)
    metric = _metric(evidence)
    found = delong(*rows, CONFIDENCE) if metric == "auc" else paired_t(metric, *rows, CONFIDENCE)
    return found.lower, found.upper


METHODS: dict[str, Method] = {"gate": by_day, "weeks": by_week, "percentile": percentile, "rows": by_row}


def misses(world: LossWorld | ScoreWorld, worlds: int, seed: int) -> dict[str, dict[str, float]]:
    """For each method the share of windows whose lower bound is above the truth, and whose upper one is below it."""
    random = np.random.default_rng(seed)
    methods = {name: method for name, method in METHODS.items() if name != "weeks" or world.days >= 35}
    bounds: dict[str, list[Pair]] = {name: [] for name in methods}
    for _ in range(worlds):
        evidence = world.evidence(random)
        assert evidence.champion is not None
        for name, method in methods.items():
            bounds[name].append(method(evidence, evidence.champion))
    return {name: _missed(np.array(found), world.improvement) for name, found in bounds.items()}


def _missed(bounds: Floats, truth: float) -> dict[str, float]:
    return {"lower": float((bounds[:, 0] > truth).mean()), "upper": float((bounds[:, 1] < truth).mean())}


def _ours(evidence: Evidence, champion: Floats, blocks: Codes) -> Pair:
    found = paired_difference(
        _metric(evidence), evidence.target, evidence.challenger, champion, blocks, CONFIDENCE, SEED
    )
    return found.lower, found.upper


def _metric(evidence: Evidence) -> Metric:
    return "auc" if evidence.summary.task == "binary" else "mae"

"""The rules that promote or do not: ours, and the two that the field uses."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from benchmarks.gate_simulating.worlds import ScoreWorld
from include.evaluation.evidence import Evidence
from include.evaluation.metrics import measure
from include.gates.champion_comparison import decide
from include.spec import ChampionComparison
from include.spec.comparison import Policy
from include.spec.metrics import Metric

MARGIN = 0.01
WITHOUT_LIMITS = {"yearly_false_promotions": 1e9, "held_out_uses": 10**9}


class Rule(Protocol):
    """Whether a challenger is promoted; `stored` is the champion's evidence on its own, older test window."""

    def __call__(self, evidence: Evidence, stored: Evidence) -> bool: ...


def policy(kind: Policy, metric: Metric = "auc", margin: float = MARGIN) -> ChampionComparison:
    """The comparison by one policy; not significantly_better has the margin."""
    return ChampionComparison(policy=kind, metric=metric, margin=0 if kind == "significantly_better" else margin)


@dataclass(frozen=True)
class Ours:
    """The gate, as it is."""

    rule: ChampionComparison

    def __call__(self, evidence: Evidence, stored: Evidence) -> bool:  # noqa: ARG002 - the champion is rescored
        """Passes."""
        return decide(evidence, self.rule).passed


def point_scores(evidence: Evidence, stored: Evidence) -> bool:  # noqa: ARG001
    """`new >= old - 0.01`, both on the same rows."""
    return _auc(evidence, "challenger") >= _auc(evidence, "champion") - MARGIN


def stored_scores(evidence: Evidence, stored: Evidence) -> bool:
    """`new > old`, where old is what the champion scored on its own test window when it was trained."""
    return _auc(evidence, "challenger") > _auc(stored, "champion")


def _auc(evidence: Evidence, side: str) -> float:
    return measure("auc", evidence.target, getattr(evidence, side))


RULES: dict[str, Rule] = {
    "non_inferior, margin 0.01": Ours(policy("non_inferior")),
    "significantly_better": Ours(policy("significantly_better")),
    "better_by_margin, margin 0.01": Ours(policy("better_by_margin")),
    "new >= old - 0.01, same rows": point_scores,
    "new > stored score of old": stored_scores,
}


def promotion_rates(world: ScoreWorld, worlds: int, seed: int) -> dict[str, float]:
    """How often each rule promotes a challenger of the world's true improvement."""
    random = np.random.default_rng(seed)
    promoted = dict.fromkeys(RULES, 0)
    for _ in range(worlds):
        evidence, stored = world.evidence(random), world.evidence(random)
        for name, rule in RULES.items():
            promoted[name] += rule(evidence, stored)
    return {name: count / worlds for name, count in promoted.items()}


def pass_rate(rule: ChampionComparison, world: ScoreWorld, worlds: int, seed: int) -> float:
    """How often the gate passes a challenger of the world's true improvement."""
    random = np.random.default_rng(seed)
    return sum(decide(world.evidence(random), rule).passed for _ in range(worlds)) / worlds

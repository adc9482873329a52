"""The gates of `model.yaml`: what a challenger must show before it may become champion. One rule per gate."""

from typing import Literal

from pydantic import Field

from include.spec.contract import Frozen
from include.spec.metrics import Metric, Task

Policy = Literal["non_inferior", "significantly_better", "better_by_margin"]
Method = Literal["block_bootstrap", "delong", "mcnemar", "paired_t"]


class ChampionComparison(Frozen):
    """What the challenger must show against the champion on the same rows, and how sure it must be."""

    policy: Policy = "non_inferior"
    metric: Metric
    margin: float = Field(0.0, ge=0, description="in units of the metric")
    confidence: float = Field(0.95, gt=0.5, lt=1)

    @property
    def required(self) -> float:
        """The improvement that the lower bound must reach.

        Example: non_inferior with margin 0.01 -> -0.01; better_by_margin with margin 0.01 -> 0.01
        """
        return {"non_inferior": -self.margin, "significantly_better": 0.0, "better_by_margin": self.margin}[self.policy]

    def reached(self, improvement: float) -> bool:
        """Whether an improvement is what the policy asks for. A tie is not significantly better."""
        if self.policy == "significantly_better":
            return improvement > self.required
        return improvement >= self.required


class NotDegenerate(Frozen):
    """Predictions must differ from row to row: standard deviation as a share of the target's."""

    min_relative_spread: float = Field(0.05, gt=0, lt=1)


class ReferenceSanity(Frozen):
    """On the fixed reference set, challenger and champion may differ this much on average.

    In units of probability for a classifier, of the target's standard deviation for a regression.
    """

    max_mean_abs_difference: float = Field(0.1, gt=0)


DEFAULT_FLOORS: dict[Task, dict[Metric, float]] = {
    "binary": {"auc": 0.55},
    "multiclass": {"auc": 0.55},
    "regression": {"r2": 0.0},
}
DEFAULT_COMPARISONS: dict[Task, ChampionComparison] = {
    "binary": ChampionComparison(metric="auc", margin=0.01),
    "multiclass": ChampionComparison(metric="auc", margin=0.01),
    "regression": ChampionComparison(metric="r2", margin=0.01),
}


class Gates(Frozen):
    """What a challenger must show. A gate that is not mentioned has its defaults; none can be switched off."""

    absolute_floor: dict[Metric, float] = Field(min_length=1)
    champion_comparison: ChampionComparison
    not_degenerate: NotDegenerate = NotDegenerate()
    reference_sanity: ReferenceSanity = ReferenceSanity()

    @property
    def names(self) -> tuple[str, ...]:
        """The gates that apply to the model, in the order they are shown."""
        return tuple(type(self).model_fields)


def with_defaults(task: object, gates: object) -> object:
    """The declared gates with those defaults that depend on the task."""
    if task not in DEFAULT_FLOORS or not isinstance(gates, dict):
        return gates
    return {
        "absolute_floor": DEFAULT_FLOORS[task],
        "champion_comparison": DEFAULT_COMPARISONS[task],
        **gates,
    }

"""How challenger and champion are compared: the policy, its method and how often it may be wrong."""

from typing import Literal, Self

from pydantic import Field, model_validator

from include.spec.contract import Frozen
from include.spec.metrics import Metric, Task

Policy = Literal["non_inferior", "significantly_better", "better_by_margin"]
Method = Literal["block_bootstrap", "delong", "mcnemar", "paired_t"]
Block = Literal["day", "week"]
BLOCK_DAYS: dict[Block, int] = {"day": 1, "week": 7}
MIN_BLOCKS = 5  # of fewer days or weeks nobody can say how much they differ
ROW_METHODS: dict[Method, tuple[Metric, ...]] = {
    "delong": ("auc",),
    "mcnemar": ("accuracy",),
    "paired_t": ("mae", "log_loss", "brier", "accuracy"),
}


def methods_for(metric: Metric, task: Task | None = None) -> tuple[Method, ...]:
    """The methods that can compare by the metric (of the task, where it is known)."""
    one_score = not (task == "multiclass" and metric == "auc")
    rowwise = [method for method, metrics in ROW_METHODS.items() if metric in metrics and one_score]
    return ("block_bootstrap", *rowwise)


class ChampionComparison(Frozen):
    """What the challenger must show against the champion on the same rows, and how sure it must be."""

    policy: Policy = "non_inferior"
    metric: Metric
    margin: float = Field(0.0, ge=0, description="in units of the metric")
    confidence: float = Field(0.95, gt=0.5, lt=1)
    method: Method = "block_bootstrap"
    block: Block = Field("day", description="rows that count as one observation: those of a day, or of seven in a row")
    power: float = Field(
        0.8, ge=0.5, lt=1, description="chance to pass by which an inconclusive result is told its size"
    )
    yearly_false_promotions: float = Field(
        3.0, gt=0, description="error budget: wrong promotions expected in any 365 days, at most"
    )
    held_out_uses: int = Field(
        5, ge=1, description="comparisons on half or more of the same days before they are worn out"
    )

    @property
    def required(self) -> float:
        """The improvement that the lower bound must reach.

        Example: non_inferior with margin 0.01 -> -0.01; better_by_margin with margin 0.01 -> 0.01
        """
        less = 0.0 - self.margin  # -0.0 would be shown with its sign
        return {"non_inferior": less, "significantly_better": 0.0, "better_by_margin": self.margin}[self.policy]

    def reached(self, improvement: float) -> bool:
        """Whether an improvement is what the policy asks for. A tie is not significantly better."""
        if self.policy == "significantly_better":
            return improvement > self.required
        return improvement >= self.required

    def check(self, task: Task, held_out_days: int) -> None:
        """Raises ValueError where the task or the held-out window make the comparison impossible."""
        self._check_method(f"{task} {self.metric}", methods_for(self.metric, task))
        days = BLOCK_DAYS[self.block] * MIN_BLOCKS
        if self.block != "day" and held_out_days < days:
            raise ValueError(
                f"block '{self.block}' needs training.held_out_days of {days} or more ({MIN_BLOCKS} blocks), "
                f"not {held_out_days}"
            )

    def _check_method(self, what: str, choices: tuple[Method, ...]) -> None:
        if self.method not in choices:
            raise ValueError(f"method '{self.method}' cannot compare {what}. Choices: {', '.join(choices)}")

    @model_validator(mode="after")
    def _possible(self) -> Self:
        self._check_method(self.metric, methods_for(self.metric))
        if self.policy == "better_by_margin" and self.margin == 0:
            raise ValueError(
                "policy 'better_by_margin' needs a margin above 0; without one, say 'significantly_better'"
            )
        if self.policy == "significantly_better" and self.margin > 0:
            raise ValueError(
                f"policy 'significantly_better' has no margin, got {self.margin:g}; say 'better_by_margin'"
            )
        return self

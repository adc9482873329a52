"""The gates that look at groups of rows: slices, and fairness."""

from typing import Self

from pydantic import Field, model_validator

from include.spec.comparison import ChampionComparison
from include.spec.contract import ContractSpec, Frozen
from include.spec.metrics import Metric


class Grouped(Frozen):
    """Columns whose values are groups of rows."""

    columns: tuple[str, ...] = Field((), description="columns of the contract; each value is a group of rows")
    edges: dict[str, tuple[float, ...]] = Field(
        {}, description="numbers only: where to cut a column; default: quintiles of the training window"
    )

    @model_validator(mode="after")
    def _cut_where_it_is_declared(self) -> Self:
        twice = sorted({name for name in self.columns if self.columns.count(name) > 1})
        if twice:
            raise ValueError(f"columns lists twice: {', '.join(twice)}")
        for name, edges in self.edges.items():
            if name not in self.columns:
                raise ValueError(f"edges cuts '{name}', which columns does not name: {', '.join(self.columns)}")
            if not edges or list(edges) != sorted(set(edges)):
                raise ValueError(f"edges of '{name}' must ascend, as [25, 40] does")
        return self

    def check(self, place: str, contract: ContractSpec, target: str, personal: bool) -> None:
        """Raises ValueError where a column is none of the contract's that can be grouped by; `personal` ones may."""
        usable = {
            name: column
            for name, column in contract.columns.items()
            if column.type != "timestamp" and name != target and (personal or not column.personal)
        }
        for name in self.columns:
            if name not in usable:
                why = self._refusal(name, contract, target)
                raise ValueError(f"{place}.columns names '{name}', {why}. Choices: {', '.join(usable)}")
        for name in self.edges:
            if usable[name].type not in {"int", "float"}:
                raise ValueError(f"{place}.edges cuts '{name}' of type {usable[name].type}; required: int or float")

    @staticmethod
    def _refusal(name: str, contract: ContractSpec, target: str) -> str:
        if name not in contract.columns:
            return "which the contract lacks"
        if name == target:
            return "which is the target: nobody knows it when a prediction is made"
        if contract.columns[name].type == "timestamp":
            return "which is a timestamp"
        return "which is personal: gates.fairness may name it, because it keeps no row's value"


class Slices(Grouped):
    """No slice of the rows may pay for what the average gains.

    Each value of the columns is a slice, and the worst slice of all features is searched for. A slice that surely loses
    more than the margin to the champion is refused; one that only might, is not.
    """

    metric: Metric
    margin: float = Field(ge=0, description="loss that each slice may have, in units of the metric")
    floor: float | None = Field(None, description="what no slice may surely miss, in units of the metric; null: none")
    false_discovery_rate: float = Field(
        0.05, gt=0, lt=0.5, description="share of false alarms among all alarms; chance of any where no slice is worse"
    )
    min_rows: int = Field(200, ge=1, description="a slice with fewer rows is not judged; rarer values are one, `other`")
    min_coverage: float = Field(
        0.5, ge=0, le=1, description="share of the rows that judged slices of each column must hold"
    )

    @property
    def required(self) -> float:
        """The improvement that no slice may surely miss. Example: margin 0.01 -> -0.01"""
        return 0.0 - self.margin  # -0.0 would be shown with its sign


def as_the_whole(comparison: ChampionComparison, metric: object) -> dict[str, object]:
    """What slices have from the comparison of all rows where they do not say otherwise.

    A margin is in units of the metric: slices with a metric of their own need their own.
    """
    if metric not in {None, comparison.metric}:
        return {}
    return {"metric": comparison.metric, "margin": comparison.margin if comparison.policy == "non_inferior" else 0.0}


class Fairness(Grouped):
    """The groups of a column, people or places, get their errors in equal measure. The gate is there if columns are.

    A rate is told as yes (binary: of those who are yes, and of those who are not) or as the right class (multiclass).
    Errors of a regression are in standard deviations of the target.
    """

    decision_threshold: float = Field(0.5, gt=0, lt=1, description="binary only: from this probability on it is a yes")
    max_gap: float = Field(
        0.1, gt=0, description="largest gap of a rate between two groups (regression: of mean errors)"
    )
    max_increase: float = Field(0.05, ge=0, description="by how much the gap may exceed the champion's")
    confidence: float = Field(0.95, gt=0.5, lt=1, description="of each bound of a gap, all pairs of groups at once")
    min_rows: int = Field(200, ge=1, description="a smaller group is not judged; rarer values are one, `other`")
    min_positives: int = Field(
        50, ge=1, description="rows that a group's rate must rest on: its positives, its negatives, its rows of a class"
    )

"""Rules of a contract that look beyond one column: time, earlier partitions, changes and known exceptions."""

from typing import Literal, Self

from pydantic import Field, model_validator

from include.spec.frozen import Frozen

Severity = Literal["fail", "warn"]


class Freshness(Frozen):
    """When events of a partition happen, and how old the newest partition may get. Days are UTC days."""

    early_hours: float | None = Field(None, ge=0, description="events may lie so long before the day; null: any time")
    late_hours: float | None = Field(None, ge=0, description="events may lie so long after the day; null: any time")
    max_age_hours: float | None = Field(
        None, gt=0, description="an alarm when the newest admitted day ended longer ago; null: never"
    )
    severity: Severity = Field("fail", description="of events outside the day")


class Baseline(Frozen):
    """The earlier partitions that a new one is compared with: the newest admitted ones before it."""

    partitions: int = Field(28, ge=1, le=366)
    min_partitions: int = Field(7, ge=1, description="with fewer there is no comparison")

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.min_partitions > self.partitions:
            raise ValueError(f"min_partitions {self.min_partitions} is more than partitions {self.partitions}")
        return self


class Evolution(Frozen):
    """What follows when data comes in other columns than the contract's."""

    new_columns: Literal["ignore", "warn", "fail"] = Field(
        "warn", description="a column the contract does not know: it is dropped, or the partition is quarantined"
    )


class Between(Frozen):
    """Numbers from `min` to `max`."""

    min: float | None = None
    max: float | None = None


class KnownException(Frozen):
    """Rows that are known to be odd: their rules are skipped, or they are left out."""

    where: dict[str, tuple[str | int, ...] | Between | None] = Field(
        min_length=1, description="all must hold: a list of values, `{min, max}`, or null"
    )
    skip: tuple[str, ...] = Field((), description="columns whose rules do not hold for these rows")
    drop: bool = Field(False, description="leave the rows out of the admitted partition")
    reason: str = Field(min_length=3, description="why; shown beside the rules")
    last_key: str | None = Field(None, description="the last partition it applies to; null: all")

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if bool(self.skip) == self.drop:
            raise ValueError("an exception names the columns to skip, or drops the rows: one of both")
        return self
